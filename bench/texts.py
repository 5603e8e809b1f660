"""The comments that are posted: of ordinary length, and a mix of very long ones. Seeded.

They are made of common English words, about as often as they stand in print, among rare ones that
have not been seen before: a few sentences said again and again would be known to every cache.
"""

import csv
from pathlib import Path
from random import Random
from typing import Any

STORIES, COMMENTERS = 200, 2_000
LONG = 2_000
LONGEST = 10_000
"""The most that the service takes as it comes (MODERATION_TEXT_MAX)."""
COMMON = """
the of and to a in is that for it was on are as with be this have not they by at but from you or an
we what all will one their more has there if so about can who would no when which do out up people
time them just like how some my been other than into your could now only its our new even because
then also year way after well where most think should over good get here those make see these many
any work much before right through does back know years down government still own such money take
being between public never same last another really come need every city while made want world use
must day both against pay few under going life help always school put since again keep around tax
less part law find place better long country home end war during news next change children read
""".split()
"""English words, the most frequent first."""
REAL = Path(__file__).parents[2] / "shared" / "data" / "dev_news_comments.csv"
"""Real comments of a newspaper, of 2 to 250 characters, where they lie beside the checkout. They
are realistic load and nothing else: a figure of speed is all that is made of them."""
RARE_SHARE = 0.13
"""Of 100 words of real newspaper comments, so many are new after the first 3,000 comments."""
SYLLABLES = "ba ce do fi gu ha jo ki lu me no pa re si tu va we ya zo ter lin mar son ver".split()


def word(chance: Random) -> str:
    """A common English word, or a rare one that has hardly been seen before."""
    if chance.random() < RARE_SHARE:
        return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))
    # The nth most frequent word of a language stands there about 1/n as often as the first.
    return COMMON[int(len(COMMON) ** chance.random()) - 1]


def text(chance: Random, length: int) -> str:
    """So many characters of sentences."""
    words: list[str] = []
    said = 0
    while said < length:
        ends = chance.random() < 0.08
        words.append(f"{word(chance)}." if ends else word(chance))
        said += len(words[-1]) + 1
    return " ".join(words)[:length].rstrip().ljust(length, "!")


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


def comments(count: int, length: int = 0) -> list[str]:
    """So many comments to be scored: real ones where there are any, or else ordinary ones.

    With a length each has so many characters: one comment after the other, cut there.
    """
    chance = Random(f"{count} of {length}")
    if not REAL.exists():
        return [text(chance, length) if length else ordinary(chance) for _ in range(count)]
    with REAL.open(encoding="utf-8", newline="") as file:
        real = [row["text"] for row in csv.DictReader(file)]
    return [_joined(chance, real, length) if length else chance.choice(real) for _ in range(count)]


def origin() -> str:
    """What `comments` gives here, in words."""
    return "real comments of a newspaper" if REAL.exists() else "made comments"


def _joined(chance: Random, real: list[str], length: int) -> str:
    said = ""
    while len(said) < length:
        said += f"{chance.choice(real)} "
    return said[:length]
