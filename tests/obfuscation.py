"""How much of what is held when it is written plainly is held in disguise as well.

`python -m tests.obfuscation` prints the table for the bundled model, `python -m tests.obfuscation
FOLDER` for another. All lines are our own words. A word in brackets is the one that a writer would
disguise; the brackets are no part of the line.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from random import Random

from config.settings import STARTER_POLICY
from worker.scorers import Scorer, load

RUDE = (
    "You are an [idiot] and you always have been.",
    "Only a [moron] would believe this.",
    "Shut up, you [stupid] old man.",
    "What a [loser] you are.",
    "The author of this piece is an [imbecile].",
    "You [pathetic] little man, go back to your cave.",
    "[Fuck] you and your paper.",
    "This is [bullshit] and you know it.",
    "Go to [hell], all of you.",
    "You people are [scum].",
    "Another [asshole] who thinks he owns the road.",
    "She is a lying [bitch].",
    "You [bastard], I hope you lose everything.",
    "He is a [cunt], plain and simple.",
    "Are you [retarded] or do you just write that way?",
    "What a load of [crap] from a [dumb] reporter.",
    "The mayor is a [dickhead].",
    "Nobody asked you, you [wanker].",
    "You are [worthless] and everybody here knows it.",
    "Your whole family is [trash].",
    "The lot of you are [morons] and [cowards].",
    "Get lost, [troll], nobody wants your [garbage] here.",
    "Read it again, [dumbass].",
    "This [fucking] government of [fucking] thieves.",
    "I read two lines of this [shit] and stopped.",
    "You [disgusting] [pig].",
    "He is a [coward] and a [liar].",
    "You sound like a [brainless] [sheep].",
    "Another article by a [clueless] [clown].",
    "Typical [slut], always after money.",
    "Your wife is a [whore].",
    "The minister is a [prick] and his deputy is a [twat].",
    "What kind of [halfwit] wrote that headline?",
    "You [numpty], it says so in the second paragraph.",
    "You are too [thick] to read a map, you [dimwit].",
    "Keep talking, [jackass], we are all laughing at you.",
    "These [vermin] should be thrown out of the country.",
    "Gays are [filth] and I will not have them here.",
    "Muslims are [animals], every one of them.",
    "All those [faggots] at the parade make me sick.",
    "Lock up that [nigger].",
    "I will [kill] you when I see you.",
    "Somebody should [murder] that judge.",
    "I hope you [die] slowly.",
    "You [ugly] cow, nobody would touch you.",
    "Don't listen to this [nutjob], he is a known [crank].",
    "How does a [cretin] like you hold a pen?",
    "The editor is a [parasite] and a [fraud].",
    "You are [insane], go and see a doctor, you [freak].",
    "What the [fuck] is wrong with you?",
    "No one cares what a [douchebag] like you thinks.",
    "[Screw] you, you [arrogant] [jerk].",
    "The referee was [shit] and so are you.",
    "Piss off, you [tosser].",
    "You [scumbag], you stole from your own mother.",
    "Every word you write is [idiotic].",
    "You are a [disgrace] and a [fool].",
    "That [senile] old [fart] should have retired long ago.",
    "You [ignorant] [peasant], learn to spell.",
    "Kiss my [ass], you [crook].",
)

CLEAN = (
    "We drove from Scunthorpe to Penistone in an hour.",
    "The committee will assess the classic passages of the bill.",
    "Go away for a week and you will see the city with new eyes.",
    "Most of their trade is B2B, not B2C.",
    "He studied in the U.S.A. and later in the U.K.",
    "T H E  M A R K E T S  A R E  C L O S E D  T O D A Y",
    "S p r i n g  i s  h e r e and the storks are back.",
    "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 was played in the third round.",
    "After 14...Qxd4 15.Rfd1 Qc5 White was better, but he castled O-O-O too late.",
    "The part number is A55-B0L7K, ask for it at the counter.",
    "My old printer, an HP 5L1T, still works.",
    "H1N1 and COVID-19 filled the wards in the same winter.",
    "The M4A1 stretch of road is shut until May.",
    "The cocktail bar next to the peacock house has reopened.",
    "Dick Cheney and Dick Van Dyke were both mentioned.",
    "Mr Cockburn and Mrs Hancock spoke after the vote.",
    "Arsenal drew 2-2; the analyst blamed the weather.",
    "The grass was wet, the class was cancelled and the bass player was late.",
    "Moby Dick is on the list of books for the summer.",
    "Niger and Nigeria have signed the agreement.",
    "A looser rule would help small shops.",
    "He keeps carp in the pond and rents out a lair for foxes.",
    "The Cnut of the story did not really order back the tide.",
    "She lit the candles, then hit the lights.",
    "An e-mail from the co-op says the well-being course is full.",
    "The answer is 2*3=6, and 4*5*6=120.",
    "The hotel has four stars **** and a view of the lake.",
    "A *very* good article, **thank you**.",
    'He wrote "G*d bless" on the card, as his mother used to.',
    "I give it 5***** out of 5.",
    "Sooooo happy for them, well done!",
    "Noooo, I missed the concert again.",
    "Goooool! What a match, what a team.",
    "Hmmmm, I am not sure about that figure.",
    "The assassin in the novel is a bass singer.",
    "Wanting a refund is not the same as demanding one.",
    "J. R. R. Tolkien and C. S. Lewis walked here.",
    "Plan A, B or C? I would take C, D at most.",
    "The choir sings a b c d e f g on the way up.",
    "Form W-8BEN and form 1099-INT are due in April.",
    "The shitake soup was good, the cumin bread even better.",
    "Essex and Sussex, Middlesex and Wessex: a short history.",
    "I saw a monkey, a rat and two pigs at the children's farm.",
    "The knife shop on the corner is closing after 80 years.",
    "The bomb squad cleared the square; it was an old shell.",
    "He is a titular bishop and keeps a pussycat.",
    "The document is at example.org/a.s.s.e.t.s/1d10 if you need it.",
    "Room 8, building 1A, level -2, code $5A7@.",
    "My nickname there is k1tten_2009 and hers is m00nlight.",
    "I am in my 5Os and my wi-fi is 5GHz.",
    "Wait!!! Really??? I had no idea!!!",
    "The scrapped plan cost us $1.5m; the new one costs £2m.",
    "It was a damp, dim and dull day, and a swell dinner.",
    "This country needs a tougher law on litter and dumping.",
    "The analysis of Sussex therapists was published on Friday.",
    "Thank you 😀😀😀 lovely story 🌷🌷",
    "Congratulations to the team 🏆🎉👏",
    "We adopted a puppy 🐶 and a kitten 🐱 from the shelter.",
    "Happy birthday to our dear baker 🎂❤️",
    "Cooking with my grandmother today 🍲🔪🥕",
    "The farm has new piglets 🐷🐖, bring the children.",
    "My son loves the monkeys 🐒🐵 at the zoo.",
    "The circus is in town 🎪🤡 and tickets are cheap.",
    "A beautiful country 🇦🇲 with beautiful people 🏔️",
)

_BRACKETED = re.compile(r"\[(\w+)\]")

_LEET = str.maketrans("aeiostAEIOST", "4310$7431057")
_LEET_SOFT = str.maketrans("aioAIO", "@!0@!0")
_CYRILLIC = str.maketrans("aceiopxyACEHKMOPTX", "асеіорхуАСЕНКМОРТХ")


def _starred(word: str, chance: Random) -> str:
    inner = range(1, len(word) - 1)
    vowels = [at for at in inner if word[at] in "aeiou"] or list(inner)
    if chance.random() < 0.3 and len(word) > 3:
        return word[0] + "*" * (len(word) - 2) + word[-1]
    at = chance.choice(vowels)
    return word[:at] + "*" + word[at + 1 :]


def _repeated(word: str, chance: Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + word[at] * chance.randint(3, 6) + word[at + 1 :]


def _swapped(word: str, chance: Random) -> str:
    places = [at for at in range(1, len(word) - 1) if word[at] != word[at + 1]]
    if not places:
        return word
    at = chance.choice(places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _zero_width(word: str, chance: Random) -> str:
    return chance.choice("\u200b\u200c\u2060\u00ad").join(word)


FORMS: Mapping[str, Callable[[str, Random], str]] = {
    "spaced": lambda word, chance: " ".join(word),
    "dotted": lambda word, chance: chance.choice(".-_").join(word),
    "starred": _starred,
    "leet": lambda word, chance: word.translate(chance.choice((_LEET, _LEET_SOFT))),
    "repeated": _repeated,
    "swapped": _swapped,
    "homoglyph": lambda word, chance: word.translate(_CYRILLIC),
    "zero-width": _zero_width,
}
"""The seven ways; the last is told in two, letters that look alike and signs that do not show."""


def plain(line: str) -> str:
    """The line without the brackets."""
    return _BRACKETED.sub(r"\1", line)


def disguised(line: str, form: str, seed: int = 0) -> str:
    """The line with its bracketed words disguised; the same for the same seed."""
    chance = Random(f"{form} {seed} {line}")
    return _BRACKETED.sub(lambda found: FORMS[form](found.group(1), chance), line)


def thresholds() -> dict[str, float]:
    """Of each attribute the lowest score that the starter policy holds."""
    clauses = tomllib.loads(STARTER_POLICY.read_text(encoding="utf-8"))["clauses"]
    return {
        rule["attribute"]: rule["hold"]
        for clause in clauses
        for rule in clause["rules"]
        if "attribute" in rule
    }


def held(scorer: Scorer, lines: Sequence[str]) -> list[bool]:
    """Of each line whether its scores alone hold it, whatever word lists say."""
    limits = thresholds()
    return [
        any(scores[attribute] >= limit for attribute, limit in limits.items())
        for scores in scorer.score(lines)
    ]


def kept(scorer: Scorer, form: str, seeds: int = 2) -> float:
    """Recall on lines in this disguise, divided by the recall on the same lines as they are."""
    lines = [disguised(line, form, seed) for line in RUDE for seed in range(seeds)]
    as_they_are = sum(held(scorer, [plain(line) for line in RUDE])) * seeds
    return sum(held(scorer, lines)) / as_they_are


def main() -> None:
    """Print the table."""
    scorer = load(*sys.argv[1:2] or ["bundled"])
    recall = sum(held(scorer, [plain(line) for line in RUDE])) / len(RUDE)
    print(f"plain: {recall:.3f} of {len(RUDE)} held")
    for form in FORMS:
        missed = [
            line
            for seed in range(2)
            for rude in RUDE
            if held(scorer, [plain(rude)])[0]
            and not held(scorer, [line := disguised(rude, form, seed)])[0]
        ]
        print(f"{form}: {kept(scorer, form):.3f}")
        print(*(f"    {line}" for line in missed), sep="\n")
    wrong = [line for line, is_held in zip(CLEAN, held(scorer, CLEAN), strict=True) if is_held]
    print(f"clean: {len(wrong)} of {len(CLEAN)} held", *wrong, sep="\n    ")


if __name__ == "__main__":
    main()
