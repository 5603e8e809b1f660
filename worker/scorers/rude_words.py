"""Rude English words in full, and the misspellings that can mean nothing else.

Only for reading what was meant: no word of it holds a comment by being found here. The words that
the starter policy lists are taken from there and not written again.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from config.settings import STARTER_POLICY
from moderation.policy import parse
from worker.common_english import SHARED, UNMISTAKABLE

_MORE = """
fucks fucked fucker fuckers fuckin fucking fuckface fuckwit fuckwits clusterfuck motherfucker
motherfuckers motherfucking shite shithole shitheads shitbag shitface bullshitter dogshit batshit
assholes arseholes arse ass asshat asswipe jackasses dumbasses dumbfuck cunts dick dicks dickheads
prick pricks cock cocksucker cocksuckers knob knobhead bellend pussy pussies bitching bitchy
bastard bastards wankers wank tosser tossers whore whores slut sluts slutty slag slags skank
hooker bollock bugger piss pissed crap crappy damn damned goddamn hell fart farts turd turds screw
screwed idiotic idiocy moronic imbeciles imbecilic cretins cretinous stupid stupidity stupidest
dumb dumber dumbest dumbo dummy dimwit dimwits dimwitted halfwit halfwits nitwit nitwits numpty
muppet muppets plonker pillock twit twits dolt dolts dunce dunces oaf blockhead airhead bonehead
meathead knucklehead pinhead birdbrain simpleton simpletons nincompoop ignoramus buffoon buffoons
clown clowns fool fools foolish goof jerk jerks loser losers failure creep creeps creepy weirdo
weirdos freak freaks psycho psychos lunatic lunatics nutjob nutjobs nutcase nutter nutters wacko
crackpot crackpots crank cranks maniac maniacs insane senile demented deranged delusional
brainless brainwashed braindead clueless mindless spineless gutless toothless shameless witless
useless worthless hopeless pathetic ridiculous disgusting despicable repulsive revolting vile
loathsome filthy filth ugly hideous fat fatso fatty smelly stinking lazy greedy ignorant ignorance
arrogant obnoxious thick gullible coward cowards cowardly liar liars crook crooks crooked thief
thieves fraud frauds fraudster cheat cheats charlatan charlatans hypocrite hypocrites snob snobs
peasant peasants weasel weasels snake snakes rat rats pig pigs swine sheep sheeple dog dogs donkey
monkey monkeys ape apes animal animals savage savages vermin cockroach cockroaches parasite
parasites leech leeches maggot maggots worm worms scum scumbags slime slimeball sleazebag
scoundrel dirtbag dirtbags douche douchebag douchebags trash garbage rubbish disgrace traitor
traitors terrorist terrorists criminal criminals nazi nazis fascist fascists racist racists bigot
bigots bigoted troll trolls hag witch bimbo tart pervert perverts perv pedo paedo pedophile
pedophiles paedophile degenerate degenerates subhumans die dies kill killed killing murder strangle rape
hate dyke dykes faggots gypsies commie commies libtards
"""

_SHORT = {
    "fck": "fuck",
    "fcks": "fucks",
    "fckn": "fucking",
    "fcking": "fucking",
    "fkn": "fucking",
    "fking": "fucking",
    "fuk": "fuck",
    "fuking": "fucking",
    "fukin": "fucking",
    "phuck": "fuck",
    "phucking": "fucking",
    "effing": "fucking",
    "sht": "shit",
    "bullsht": "bullshit",
    "btch": "bitch",
    "btches": "bitches",
    "biatch": "bitch",
    "stpd": "stupid",
    "fggt": "faggot",
    "azz": "ass",
    "azzhole": "asshole",
    "stfu": "shut the fuck up",
    "gtfo": "get the fuck out",
    "kys": "kill yourself",
}
"""Spellings that no rule below makes."""

ALSO_WORDS = frozenset(
    """
    admn admned aeps apse ares arts carp certin certins cnut cnuts crepe crepes crepey
    dlot frat frats ikke lair lairs lira liras looser loosers manica omron paes prev psis psych
    psychs rase rast shiite shiites twist viel vlie withc wtat wtats
    """.split()
)
"""What a rule would take for a rude word, and is a word or a name, or a slip for a harmless one."""

_VOWELS = re.compile("[aeiou]")
_SOUNDED = re.compile("[aeiouy]")


@cache
def rude_words() -> tuple[str, ...]:
    """Whole words, each once: those of the starter policy's English lists and `_MORE`."""
    listed = (
        entry.rstrip("*")
        for words in parse(STARTER_POLICY.read_text(encoding="utf-8")).word_lists
        if words.language == "en"
        for entry in words.entries
        if entry.rstrip("*").isalpha()
    )
    return tuple(dict.fromkeys([*listed, *_MORE.split()]))


@cache
def meant_by() -> dict[str, str]:
    """From a misspelling in small letters to the word: two neighbouring letters swapped ("idoit"),
    vowels left out ("btch"), short forms. None of them is a word of its own."""
    known = {*rude_words(), *UNMISTAKABLE, *SHARED, *ALSO_WORDS}
    found = dict(_SHORT)
    for word in rude_words():
        for wrong in (*_swapped(word), *_without_vowels(word)):
            if wrong not in known:
                found.setdefault(wrong, word)
    return found


def _swapped(word: str) -> Iterator[str]:
    if len(word) >= 4:
        for at in range(len(word) - 1):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _without_vowels(word: str) -> Iterator[str]:
    """Of long words only: of short ones too little is left that could be nothing else."""
    bones = word[0] + _VOWELS.sub("", word[1:])
    if 5 <= len(bones) < len(word):
        yield bones


@cache
def halves() -> dict[str, frozenset[str]]:
    """By its first piece, the second pieces of a rude word torn in two ("bi tch"): one has no vowel
    and so is no word, and none is a common one ("he ll")."""
    found: dict[str, set[str]] = defaultdict(set)
    for word in rude_words():
        for at in range(2, len(word) - 1):
            first, second = word[:at], word[at:]
            sounded = _SOUNDED.search(first) and _SOUNDED.search(second)
            if not sounded and {first, second}.isdisjoint(UNMISTAKABLE | SHARED):
                found[first].add(second)
    return {first: frozenset(seconds) for first, seconds in found.items()}
