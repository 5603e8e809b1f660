"""How fast and how large our scorer is, beside the library Detoxify and beside BERT-base.

Each scorer is a process on one thread. That is as a worker comes (MODERATION_MODEL_THREADS), and it
is the library at its best for the processor time that it takes: on two threads it is never twice
as fast, where two of our workers are. So the ratios are made of processor time, which on one thread
is the clock's without what other programs take; comments a second are stated by both.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from tokenizers import Tokenizer

from bench import detoxify, scorer, texts
from bench.databases import Servers
from bench.detoxify import BERT_BASE, CUT, SAME_SIZE
from bench.scorer import Scorer, Took
from bench.table import Row, Target, middle_ratio, shown
from config.model import BUNDLED
from moderation.submission import TEXT_CEILING
from worker.scorers.onnx import TOKENIZER_FILE

LIST = 32
"""Texts in a list: as a worker hands them to us, and as the library may be given them."""
STARTS = 5
MOST_MEMORY = Target(side="at most", value=350, unit=" MB")


@dataclass(frozen=True, slots=True)
class Mix:
    """Comments of one kind. `few`: how many of them BERT-base is given, which takes seconds for a
    long one; as long as a list, or so few that one by one is all that is tried."""

    said: str
    length: int
    few: int
    rounds: int


MIXES = (
    Mix("ordinary comments", 0, few=LIST, rounds=5),
    Mix("2,000 characters", texts.LONG, few=4, rounds=3),
    Mix("10,000 characters", texts.LONGEST, few=2, rounds=3),
)


@dataclass(frozen=True, slots=True)
class Scorers:
    """Those that are measured, each ready in its process."""

    ours: Scorer
    same_size: Scorer
    bert_base: Scorer
    exported: Scorer


@dataclass(frozen=True, slots=True)
class Paces:
    """Comments a second of one way to score, a figure for each round."""

    clock: list[float]
    processor: list[float]

    def __str__(self) -> str:
        return (
            f"{shown(median(self.processor))} comments a second of processor time"
            f" ({shown(median(self.clock))} by the clock)"
        )


def rows(_: Servers, *, quick: bool) -> Iterator[Row]:
    """The rates, the memory that they took, the longest comment, the start."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        made = detoxify.make(Path(folder))
        scorers = Scorers(
            ours=running.enter_context(scorer.started("bundled")),
            same_size=running.enter_context(made.opened(SAME_SIZE)),
            bert_base=running.enter_context(made.opened(BERT_BASE)),
            exported=running.enter_context(scorer.started(str(made.exported))),
        )
        for mix in MIXES:
            rounds = 1 if quick else mix.rounds
            yield _beside_same_size(scorers, mix, rounds)
            yield from _beside_bert_base(scorers, mix, rounds)
            if mix.length > texts.LONG:
                yield _all_of_it(scorers.ours, scorers.same_size, "Detoxify", mix, rounds)
                yield _all_of_it(scorers.ours, scorers.bert_base, "BERT-base in torch", mix, rounds)
        yield _memory(scorers)
        yield _longest()
        yield _start(made)


def _beside_same_size(scorers: Scorers, mix: Mix, rounds: int) -> Row:
    comments = texts.comments(LIST, mix.length)
    share = sum(len(_pieces(text)[0]) for text in comments) / sum(map(len, comments))
    ours, singly, listed = _in_turns(
        rounds,
        len(comments),
        lambda: scorers.ours.score(comments, LIST),
        lambda: scorers.same_size.score(comments, 1),
        lambda: scorers.same_size.score(comments, LIST),
    )
    best = _best(singly, listed)
    return Row(
        what=f"scoring beside Detoxify, {mix.said}",
        figure=middle_ratio(ours.processor, best.processor),
        measured=f"{ours} against {singly} one by one and {listed} in lists of {LIST};"
        f" Detoxify reads {share:.0%} of the characters",
        reference=f"`Detoxify(checkpoint=...).predict`, {detoxify.versions()}, the better of both"
        " ways, with a checkpoint of the bundled model's architecture, size and tokenizer (weights"
        f" by chance: they take as long); the same {texts.origin()}, in turns, one thread each. It"
        f" reads a text once and cuts it at {CUT} tokens; ours reads all of it, in up to three"
        " readings",
        target=Target(side="at least", value=2),
    )


def _beside_bert_base(scorers: Scorers, mix: Mix, rounds: int) -> Iterator[Row]:
    comments = texts.comments(LIST, mix.length)[: mix.few]
    ways = [
        lambda: scorers.ours.score(comments, LIST),
        lambda: scorers.exported.score(comments, LIST),
        lambda: scorers.bert_base.score(comments, 1),
    ]
    if mix.few == LIST:
        ways.append(lambda: scorers.bert_base.score(comments, LIST))
    ours, exported, *theirs = _in_turns(rounds, len(comments), *ways)
    best = _best(*theirs)
    said = " and ".join(
        f"{paces} {way}" for paces, way in zip(theirs, ("one by one", "in lists"), strict=False)
    )
    yield Row(
        what=f"scoring beside BERT-base in torch, {mix.said}",
        figure=middle_ratio(ours.processor, best.processor),
        measured=f"{ours} against {said}",
        reference="`Detoxify(checkpoint=...).predict` of a BERT-base as the official `original` is"
        " (12 layers, 768 wide, six labels, weights by chance), the better of what was tried: in a"
        f" list nothing is saved by texts that fill all {CUT} tokens; the same comments, in turns,"
        " one thread each",
        target=Target(side="at least", value=10),
    )
    yield Row(
        what=f"BERT-base exported, beside itself in torch, {mix.said}",
        figure=middle_ratio(exported.processor, best.processor),
        measured=f"{exported} against {said}",
        reference="the same checkpoint through `moderation model export`, scored as ours is: all of"
        f" a text in up to three readings, where torch reads one, cut at {CUT} tokens",
    )


def _all_of_it(ours: Scorer, theirs: Scorer, who: str, mix: Mix, rounds: int) -> Row:
    comments = texts.comments(LIST, mix.length)[: mix.few]
    pieces = [piece for text in comments for piece in _pieces(text)]
    us, singly, listed = _in_turns(
        rounds,
        len(comments),
        lambda: ours.score(comments, LIST),
        lambda: theirs.score(pieces, 1),
        lambda: theirs.score(pieces, LIST),
    )
    best = _best(singly, listed)
    return Row(
        what=f"scoring beside {who} when it reads all, {mix.said}",
        figure=middle_ratio(us.processor, best.processor),
        measured=f"{us} against {singly} one by one and {listed} in lists of {LIST};"
        f" {len(pieces) / len(comments):.1f} pieces a comment",
        reference=f"the same as above, but given each text in pieces of {CUT} tokens, cut before"
        " the clock starts: equal characters are read",
    )


def _in_turns(rounds: int, comments: int, *ways: Callable[[], Took]) -> list[Paces]:
    """How fast each way scores so many comments: one after the other in every round, so that what
    else the machine does is spread over all of them."""
    paces = [Paces([], []) for _ in ways]
    for _ in range(rounds):
        for way, pace in zip(ways, paces, strict=True):
            took = way()
            pace.clock.append(comments / took.clock)
            pace.processor.append(comments / took.processor)
    return paces


def _pieces(text: str) -> list[str]:
    """The text in pieces of as many tokens as the library reads, whatever a comment's length."""
    whole = _cutter().encode(text)
    ends = [part.offsets[-2][1] for part in (whole, *whole.overflowing)]
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _best(*ways: Paces) -> Paces:
    return max(ways, key=lambda paces: median(paces.processor))


@cache
def _cutter() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(BUNDLED / TOKENIZER_FILE))
    tokenizer.enable_truncation(max_length=CUT)
    return tokenizer


def _memory(scorers: Scorers) -> Row:
    return Row(
        what="memory of the scorer, at its peak over all of these comments",
        figure=scorers.ours.peak(),
        unit=" MB",
        measured=f"Detoxify at our size {shown(scorers.same_size.peak())} MB, BERT-base in torch"
        f" {shown(scorers.bert_base.peak())}, exported {shown(scorers.exported.peak())}",
        reference="the most that each process of the rows above ever had resident, Python and the"
        " model's loading included",
        target=MOST_MEMORY,
    )


def _longest() -> Row:
    with scorer.started("bundled") as ours:
        before = ours.peak()
        said = []
        for what, text in (
            ("of words", texts.comments(1, TEXT_CEILING)[0]),
            ("of signs, a token each", "!?" * (TEXT_CEILING // 2)),
        ):
            took = ours.score([text], 1)
            said.append(f"{shown(ours.peak())} MB after one {what} ({took.processor:.0f} s)")
        return Row(
            what=f"memory of the scorer, comments of {TEXT_CEILING:,} characters",
            figure=ours.peak(),
            unit=" MB",
            measured=f"{shown(before)} MB before, {', '.join(said)}",
            reference="the longest that any setting permits (MODERATION_TEXT_MAX), in a new"
            " process; its peak, Python and the model's loading included",
            target=MOST_MEMORY,
        )


def _start(made: detoxify.Checkpoints) -> Row:
    starts: list[Took] = []
    for _ in range(STARTS):
        with scorer.started("bundled") as ours:
            starts.append(ours.start)
    with made.opened(SAME_SIZE) as theirs:
        return Row(
            what="start of the scorer",
            figure=median(start.clock for start in starts),
            unit=" s",
            measured=f"the middle one of {STARTS};"
            f" {shown(median(start.processor for start in starts))} s of processor time;"
            f" Detoxify at our size {shown(theirs.start.clock)} s,"
            f" {shown(theirs.start.processor)} s of processor time",
            reference="from the start of a new process until it has scored its first text, Python"
            " and all imports included, the files in the system's cache",
            target=Target(side="at most", value=1, unit=" s"),
        )
