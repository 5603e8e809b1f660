"""The labelled comments that the model learns from: one loader for each source.

Every loader reads one folder's CSV files in place and returns examples; it decides what the
source's labels mean in the words of `ATTRIBUTES`, and leaves out what the source did not ask.
Most sources ask for one thing only, so most labels are absent (masked).
"""

import csv
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from moderation.signals import Span
from worker.training.examples import (
    ATTRIBUTES,
    CLEAN,
    YES,
    Example,
    clean_text,
    without_repeats,
)

_SPAN_ATTRIBUTES = {
    "Insult": "insult",
    "Threat": "threat",
    "Identity based Attack": "identity_attack",
    "Profane/Obscene": "obscene",
}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def civil_comments(folder: Path) -> list[Example]:
    """Reader comments of news sites, with every annotator's typed spans.

    An annotator who marked no span ticked both `all toxic` and `not toxic` in this file, which
    says neither; such a vote counts as 0.1 for toxicity. Counting it as more made the model take
    every reader's comment on politics for toxic, for this source has hardly any other. Shares are
    squared for the same reason: what one of three people marks is mostly a sharp remark.
    """
    texts = {row["comment_id"]: row["text"] for row in _rows(folder / "civil_comments.csv")}
    marked: defaultdict[str, set[str]] = defaultdict(set)
    for row in _rows(folder / "civil_spans.csv"):
        if row["type"] in _SPAN_ATTRIBUTES:
            marked[row["annotation"]].add(_SPAN_ATTRIBUTES[row["type"]])
    votes: defaultdict[str, list[set[str] | None]] = defaultdict(list)
    for row in _rows(folder / "civil_annotations.csv"):
        undecided = row["all toxic"] == row["not toxic"] == "True"
        votes[row["comment_id"]].append(None if undecided else marked[row["annotation"]])
    examples = []
    for comment_id, cast in votes.items():
        if comment_id not in texts:
            continue
        decided = [vote for vote in cast if vote is not None]
        doubtful = 0.1 * (len(cast) - len(decided))
        labels = {"toxicity": ((len(decided) + doubtful) / len(cast)) ** 2}
        if decided:
            found = Counter(name for vote in decided for name in vote)
            labels |= {n: (found[n] / len(cast)) ** 2 for n in _SPAN_ATTRIBUTES.values()}
        examples.append(Example(clean_text(texts[comment_id]), labels, "civil"))
    return examples


def jigsaw_six(folder: Path) -> list[Example]:
    """Wikipedia talk comments with Detoxify's six labels."""
    examples = []
    for row in _rows(folder / "jigsaw_six.csv"):
        labels = {name: float(row[name]) for name in ATTRIBUTES}
        kind = "six, toxic" if any(labels.values()) else "clean"
        examples.append(Example(clean_text(row["text"]), labels, "wikipedia", kind))
    return examples


def wikipedia(folder: Path) -> list[Example]:
    """Wikipedia talk comments with toxicity alone; mostly clean.

    What nobody found toxic is taken as free of the rest.
    """
    files = (
        "jigsaw_binary.csv",
        "wikipedia_binary.csv",
        "wikipedia_context_gc.csv",
        "wikipedia_context_gn.csv",
    )
    return [
        Example(clean_text(row["text"]), {"toxicity": 1.0}, "wikipedia", "toxic")
        if float(row["toxicity"]) >= YES
        else Example(clean_text(row["text"]), dict(CLEAN), "wikipedia", "clean")
        for file in files
        for row in _rows(folder / file)
    ]


_AIMED_AT = {
    "IND": {"insult": 0.7},
    "GRP": {"insult": 0.5},
    "": {"insult": 0.15, "obscene": 0.7, "identity_attack": 0.05},
}
"""What an offensive tweet is besides, by whom it is aimed at; nobody: swearing at large. The groups
are mostly parties and their voters, which says nothing of `identity_attack`."""


def olid(folder: Path) -> list[Example]:
    """Tweets: offensive, and whom it is aimed at.

    Political dispute is often called offensive here, so the labels are softened.
    """
    examples = []
    for row in _rows(folder / "olid.csv"):
        if row["offensive"] == "0":
            labels, kind = dict(CLEAN) | {"toxicity": 0.05}, "fair"
        else:
            labels, kind = {"toxicity": 0.75} | _AIMED_AT.get(row["target"], {}), "offensive"
        examples.append(Example(clean_text(row["text"]), labels, "olid", kind))
    return examples


def davidson(folder: Path) -> list[Example]:
    """Tweets: hateful, or merely offensive.

    Nearly all of the offensive ones are one word of the rappers' dialect; a large share of them
    would teach the model to hold the dialect, so `choose` takes few.
    """
    examples = []
    for row in _rows(folder / "davidson.csv"):
        text = clean_text(row["text"])
        if row["hate"] == "1":
            labels = {"toxicity": 0.9, "identity_attack": 0.75}
            examples.append(Example(text, labels, "davidson", "hate"))
        elif row["offensive"] == "1":
            examples.append(Example(text, {"toxicity": 0.7, "obscene": 0.85}, "davidson", "swears"))
        else:
            examples.append(Example(text, {"toxicity": 0.1, "insult": 0.1}, "davidson", "other"))
    return examples


def edos(folder: Path) -> list[Example]:
    """Posts about women, sexist or not; the ones that are not may still attack somebody else."""
    strength = {"1": 0.9, "2": 0.85, "3": 0.65, "4": 0.6}
    examples = []
    for row in _rows(folder / "edos.csv"):
        text = clean_text(row["text"])
        if row["sexist"] == "1":
            category = row["category"][0]
            labels = {"toxicity": 0.75, "identity_attack": strength[category]}
            if category == "1":
                labels["threat"] = 0.7
            examples.append(Example(text, labels, "edos", "sexist"))
        else:
            examples.append(Example(text, {"identity_attack": 0.05}, "edos", "other"))
    return examples


SOURCES: tuple[Callable[[Path], list[Example]], ...] = (
    civil_comments,
    jigsaw_six,
    wikipedia,
    olid,
    davidson,
    edos,
)

_SHOWN = {
    "wikipedia toxic": 2.0,
    "wikipedia six, toxic": 4.0,
    "wikipedia clean": 0.7,
    "davidson hate": 1.0,
    "davidson swears": 0.1,
    "davidson other": 0.3,
    "edos other": 0.3,
    "olid fair": 0.6,
}
"""How often one pass shows the examples of a kind: scarce ones several times, of plentiful ones a
share, drawn anew for every pass. What is not named is shown once."""


def read(folder: Path) -> list[Example]:
    """Every example of every source, each text once, none empty.

    Texts that also stand in the files that are only reported on are left out.
    """
    examples = [e for load in SOURCES for e in load(folder) if len(e.text) > 1]
    reported = [text for text, _ in (*news_comments(folder), *perspective(folder))]
    return without_repeats(examples, but=[clean_text(text) for text in reported])


def choose(examples: Sequence[Example], chance: random.Random) -> list[Example]:
    """One balanced pass over the sources, in random order."""
    by_kind: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_kind[f"{example.source} {example.kind}".strip()].append(example)
    chosen: list[Example] = []
    for name, members in sorted(by_kind.items()):
        whole, part = divmod(_SHOWN.get(name, 1.0), 1)
        chosen += members * int(whole) + chance.sample(members, int(part * len(members)))
    chance.shuffle(chosen)
    return chosen


def news_comments(folder: Path) -> list[tuple[str, dict[str, float]]]:
    """A newspaper's reader comments with `hostile`, `antagonize`, `unhealthy`: never trained on."""
    return [
        (row["text"], {k: float(row[k]) for k in ("hostile", "antagonize", "unhealthy")})
        for row in _rows(folder / "dev_news_comments.csv")
    ]


def marked_comments(folder: Path) -> list[tuple[str, frozenset[int]]]:
    """Toxic comments of news sites, and which of their characters people marked; held-out ones.

    Toxic: at least half of the annotators marked something. A character counts as marked when at
    least half of these marked it; comments with none are left out.
    """
    places: defaultdict[str, list[Span]] = defaultdict(list)
    for row in _rows(folder / "civil_spans.csv"):
        places[row["annotation"]].append((int(row["start"]), int(row["end"])))
    votes: defaultdict[str, list[list[Span]]] = defaultdict(list)
    for row in _rows(folder / "civil_annotations.csv"):
        votes[row["comment_id"]].append(places[row["annotation"]])
    found = []
    for row in _rows(folder / "civil_comments.csv"):
        text, cast = row["text"], votes[row["comment_id"]]
        marked = [characters(vote, text) for vote in cast if vote]
        times = Counter(at for one in marked for at in one)
        agreed = frozenset(at for at, count in times.items() if 2 * count >= len(marked))
        if agreed and 2 * len(marked) >= len(cast):
            found.append((text, agreed))
    return [one for one in found if Example(clean_text(one[0]), {}, "civil").held_out]


def characters(places: Iterable[Span], text: str) -> frozenset[int]:
    """Which characters of the text stand in these places; what lies outside of it is left out."""
    return frozenset(
        at for start, end in places for at in range(max(start, 0), min(end, len(text)))
    )


PERSPECTIVE = {
    "TOXICITY": "TOXICITY@6",
    "SEVERE_TOXICITY": "SEVERE_TOXICITY@2",
    "IDENTITY_ATTACK": "IDENTITY_ATTACK",
    "INSULT": "INSULT",
    "PROFANITY": "PROFANITY",
    "THREAT": "THREAT",
    "SEXUALLY_EXPLICIT": "SEXUALLY_EXPLICIT",
    "OBSCENE": "OBSCENE",
}
"""Attributes of Perspective, and the column with what the last version of each said."""


def perspective(folder: Path) -> list[tuple[str, dict[str, float]]]:
    """Wikipedia comments with the scores that the real Perspective API gave, under the names that
    both have: never trained on."""
    return [
        (text, {name: scores[name.upper()] for name in ATTRIBUTES})
        for text, scores in perspective_scores(folder)
    ]


def perspective_scores(folder: Path) -> list[tuple[str, dict[str, float]]]:
    """The same under Perspective's names, 0..1."""
    return [
        (row["comment_text"], {name: float(row[column]) for name, column in PERSPECTIVE.items()})
        for row in _rows(folder / "perspective_2k_scores.csv")
    ]
