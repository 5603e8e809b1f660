"""The comments that are posted: of ordinary length, and a mix of very long ones. Seeded."""

from random import Random
from typing import Any

STORIES, COMMENTERS = 200, 2_000
LONG = 2_000
LONGEST = 10_000
"""The most that the service takes as it comes (MODERATION_TEXT_MAX)."""
WHO = ("The mayor", "My neighbour", "Nobody here", "The council", "Your editor", "Everyone")
DID = ("forgot to mention", "has promised", "likes to talk about", "closed", "voted for")
WHAT = ("the tram line", "the new school", "the bees in the park", "these taxes", "the bridge")
WHY = ("because it was cheaper", "as it should be", "without asking us", "which I find sensible")


def sentence(chance: Random) -> str:
    """Something that a reader may say of the news."""
    parts = [chance.choice(part) for part in (WHO, DID, WHAT, WHY)]
    return f"{' '.join(parts)}. "


def text(chance: Random, length: int) -> str:
    """So many characters of sentences."""
    said = ""
    while len(said) < length:
        said += sentence(chance)
    return said[:length].rstrip().ljust(length, "!")


def ordinary(chance: Random) -> str:
    """Half of them are shorter than 150 characters, a tenth longer than 400."""
    return text(chance, min(1_500, max(20, round(chance.lognormvariate(5.0, 0.8)))))


def short(chance: Random) -> str:
    """A line of 20 to 60 characters."""
    return text(chance, chance.randint(20, 60))


def long(chance: Random) -> str:
    """As many of 2,000 characters as of the maximum length."""
    return text(chance, chance.choice((LONG, LONGEST)))


MIXES = {"ordinary": ordinary, "short": short, "long": long}


def posts(mix: str, count: int, start: int = 0) -> list[dict[str, Any]]:
    """Bodies of so many posts, as `POST comments` takes them; readers and stories take turns."""
    chance = Random(f"{mix} {start}")
    bodies = []
    for number in range(start, start + count):
        story, reader = number % STORIES, number % COMMENTERS
        bodies.append(
            {
                "story": {
                    "id": f"story-{story}",
                    "url": f"https://daily.example/{story}",
                    "title": f"The story of the day, number {story}",
                    "section": "City",
                },
                "commenter": {"id": f"reader-{reader}", "name": f"Reader {reader}"},
                "text": MIXES[mix](chance),
                "external_id": f"{mix}-{number}",
            }
        )
    return bodies
