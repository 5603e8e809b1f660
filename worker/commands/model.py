"""`moderation model`: what the service scores with, and how to bring another model."""

import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from config.model import DETOXIFY, ModelError, ModelFacts, facts_for
from config.settings import STARTER_POLICY
from moderation.cli.door import database, explained, now, read_settings, reading

if TYPE_CHECKING:
    from worker.agreement import Agreement


takes_config_dir = click.option(
    "--config-dir",
    default="",
    help="For a checkpoint: the local folder with the architecture's config and tokenizer.",
)


@click.group()
def model() -> None:
    """Look at the model that scores comments, or bring another one."""


@model.command()
@click.argument("source", default="bundled")
@takes_config_dir
@click.option(
    "--save", is_flag=True, help="For a checkpoint: write the facts to a model.json beside it."
)
def show(source: str, config_dir: str, save: bool) -> None:
    """Print what a model is called, scores and reads, as JSON.

    SOURCE is what MODERATION_MODEL may say: `bundled` (the default), the folder of an exported
    model, `detoxify:NAME`, or `detoxify:/path/to/checkpoint`. With --save a checkpoint is loaded,
    and its facts are kept where the web side finds them.
    """
    try:
        facts = _load_and_save(source, config_dir) if save else facts_for(source)
    except ModelError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(_as_json(facts), indent=2, ensure_ascii=False))


@model.command()
@click.argument("source")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@takes_config_dir
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    help="A language that a checkpoint reads (ISO 639-1); may be repeated.  [default: en]",
)
@click.option("--name", default="", help="What score rows shall call it.  [default: SOURCE]")
@click.option(
    "--limit",
    type=click.FloatRange(0, 1),
    default=0.15,
    show_default=True,
    help="Refuse when an int8 score differs from the original by more.",
)
def export(
    source: str, out: Path, config_dir: str, languages: tuple[str, ...], name: str, limit: float
) -> None:
    """Turn a Detoxify model into a small, fast folder that needs no torch to be served.

    SOURCE is an official model (`original`, `unbiased`, `multilingual`, ...) or the path of a
    checkpoint in Detoxify's format. OUT gets model.onnx (int8), tokenizer.json and model.json; set
    MODERATION_MODEL to it. The scores of a few texts are compared with the original's, and the
    largest difference is printed. Needs the [detoxify] extra.
    """
    try:
        from worker.scorers.detoxify import OVERLAP, WINDOW, facts_of_opened, open_detoxify
        from worker.scorers.windows import longest_input
        from worker.training.export import Original
        from worker.training.export import export as write

        source = source.removeprefix(DETOXIFY)
        opened = open_detoxify(source, config_dir)
        facts = facts_of_opened(opened, source)
        window = min(WINDOW, longest_input(opened.model.config))
        difference = write(
            Original(
                model=opened.model,
                tokenizer=opened.tokenizer,
                name=name or facts.name,
                attributes=tuple(opened.class_names),
                languages=tuple(languages or facts.languages),
                window=window,
                overlap=min(OVERLAP, window // 4),
            ),
            out,
            limit,
        )
    except ModelError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"largest difference from the original: {difference:.4f} (limit {limit:g})")
    click.echo(json.dumps(_as_json(facts_for(str(out))), indent=2, ensure_ascii=False))


@model.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--model",
    "source",
    default="bundled",
    show_default=True,
    help="What MODERATION_MODEL may say.",
)
@takes_config_dir
@click.option(
    "--policy",
    "policy_file",
    type=click.File(encoding="utf-8"),
    help="Policy whose hold thresholds are looked at (default: the starter policy).",
)
@click.option("--text", "text_column", default="text", show_default=True, help="The text's column.")
@click.option(
    "--label",
    "also",
    multiple=True,
    metavar="COLUMN=ATTRIBUTE",
    help="A column of another name, and the attribute to hold it against; may be repeated.",
)
@click.option("--threads", default=1, show_default=True, help="Threads for one scoring call.")
def evaluate(
    file: Path,
    source: str,
    config_dir: str,
    policy_file: IO[str] | None,
    text_column: str,
    also: tuple[str, ...],
    threads: int,
) -> None:
    """Measure a model on labelled comments and print the figures as JSON.

    FILE is CSV with a text column and a column for each labelled attribute: 0, 1, or the share of
    people who saw it; empty where nobody was asked. For each column: the area under the ROC curve,
    the calibration error, and at the policy's hold threshold which share of the labelled ones is
    caught and of the others wrongly held. Nothing is stored.
    """
    from moderation.policy import PolicyError, parse
    from worker import scorers
    from worker.training import labelled

    policy_text = policy_file.read() if policy_file else STARTER_POLICY.read_text(encoding="utf-8")
    try:
        scorer = scorers.load(source, config_dir, threads)
        attributes = scorer.facts.attributes
        given = labelled.read(file, attributes, _pairs(also, attributes), text_column)
        policy = parse(policy_text)
    except (ModelError, labelled.UnfitFile) as error:
        raise click.ClickException(str(error)) from None
    except PolicyError as error:
        lines = "\n".join(f"  {problem}" for problem in error.problems)
        raise click.ClickException(f"the policy has mistakes:\n{lines}") from None
    measured = labelled.measure(scorer, given, policy.holds)
    facts = {"model": scorer.facts.name, "version": scorer.facts.version}
    click.echo(json.dumps(facts | measured.as_json(), indent=2, ensure_ascii=False))


@model.command()
@click.argument("site")
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="How many, the newest first.",
)
def agreement(site: str, last: int) -> None:
    """Hold SITE's imported comments against its policy in force, and count what it says of those
    that had been approved, blocked and so on where they come from.

    Prints a table of the verdicts, and one of the clauses that are broken. Nothing is stored, and
    what was decided stays.
    """
    from moderation import sites
    from worker import scorers
    from worker.agreement import NoPolicy, compare

    settings = read_settings()
    with reading() as session, explained(sites.SiteError):
        site_id = sites.named(session, site).id
    scorer = scorers.load(settings.model, settings.model_config_dir, settings.model_threads)
    found = None
    with (
        database() as db,
        explained(NoPolicy),
        click.progressbar(length=last, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar,
    ):
        for found in compare(db, site_id, scorer, last=last, now=now()):
            bar.update(found.verdicts.total() - bar.pos)
    if found is not None:
        _print(found)
        click.echo(f"Looked at {found.verdicts.total()} imported comments, newest first.", err=True)


def _print(found: "Agreement") -> None:
    from moderation.policy import Outcome

    outcomes = [Outcome.APPROVE, Outcome.HOLD, Outcome.BLOCK]
    click.echo("\t".join(["stood", *(outcome.value for outcome in outcomes)]))
    for stood in found.stood:
        counts = [str(found.verdicts[stood, outcome]) for outcome in outcomes]
        click.echo("\t".join([stood, *counts]))
    click.echo("\n" + "\t".join(["clause", *found.stood]))
    for clause in sorted({clause for _, clause in found.clauses}):
        counts = [str(found.clauses[stood, clause]) for stood in found.stood]
        click.echo("\t".join([clause, *counts]))


def _pairs(also: tuple[str, ...], attributes: tuple[str, ...]) -> dict[str, str]:
    """`COLUMN=ATTRIBUTE` as a table. Raises UsageError for anything else."""
    pairs = {}
    for pair in also:
        column, _, attribute = pair.rpartition("=")
        if not column or attribute not in attributes:
            raise click.UsageError(
                f"--label {pair}: must be COLUMN=ATTRIBUTE; the model scores "
                + ", ".join(attributes)
            )
        pairs[column] = attribute
    return pairs


def _load_and_save(source: str, config_dir: str) -> ModelFacts:
    from worker.scorers import load

    checkpoint = Path(source.removeprefix(DETOXIFY))
    if not source.startswith(DETOXIFY) or not checkpoint.is_file():
        raise ModelError(f"{source}: --save is for a checkpoint (detoxify:/path/to/checkpoint)")
    facts = load(source, config_dir).facts
    text = json.dumps(_as_json(facts), indent=2, ensure_ascii=False) + "\n"
    (checkpoint.parent / "model.json").write_text(text, encoding="utf-8")
    return facts


def _as_json(facts: ModelFacts) -> dict[str, object]:
    return {
        "name": facts.name,
        "version": facts.version,
        "attributes": list(facts.attributes),
        "languages": sorted(facts.languages),
        "suggested_thresholds": dict(facts.suggested_thresholds),
    }
