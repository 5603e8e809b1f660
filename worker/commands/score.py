"""`moderation score`: what the model and a policy say of texts in a file. Stores nothing."""

import csv
import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

import click

from config.settings import STARTER_POLICY
from moderation.cli.door import read_settings

BATCH = 64
"""Texts scored in one call."""


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option(
    "--policy",
    "policy_file",
    type=click.File(encoding="utf-8"),
    help="Policy to hold them against (default: the starter policy).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    help="Default: csv for a file named so, else JSON Lines.",
)
def score(file: IO[str], policy_file: IO[str] | None, form: str | None) -> None:
    """Score the texts of FILE (- for standard input) and print a JSON object for each, in order.

    FILE is JSON Lines with `text`, or CSV with a `text` column. Each line of the answer has scores,
    language, signals, verdict and violations; nothing is stored and nobody's history counts.
    """
    from tqdm import tqdm

    from moderation.policy import PolicyError, parse
    from worker import scorers

    settings = read_settings()
    source = policy_file.read() if policy_file else STARTER_POLICY.read_text(encoding="utf-8")
    scorer = scorers.load(settings.model, settings.model_config_dir, settings.model_threads)
    try:
        policy = parse(source, scorer.facts.attributes)
    except PolicyError as error:
        lines = "\n".join(f"  {problem}" for problem in error.problems)
        raise click.ClickException(f"the policy has mistakes:\n{lines}") from None
    texts = _csv_texts(file) if (form or _form(file.name)) == "csv" else _jsonl_texts(file)
    with tqdm(unit=" texts", file=sys.stderr, disable=not sys.stderr.isatty()) as progress:
        while batch := list(islice(texts, BATCH)):
            for answer in _judged(scorer, policy, batch):
                click.echo(json.dumps(answer, ensure_ascii=False))
            progress.update(len(batch))


def _judged(scorer: Any, policy: Any, texts: list[str]) -> Iterator[dict[str, Any]]:
    from moderation import signals
    from moderation.policy import Evidence, Mode, Standing, evaluate
    from worker.scoring import read

    for text, found in zip(texts, read(scorer, [(text, None) for text in texts]), strict=True):
        findings = signals.collect(
            text,
            policy=policy,
            language=found.language,
            readable=scorer.facts.languages,
            earlier=(),
        )
        evidence = Evidence(
            scores=found.scores,
            quoted_scores=found.quoted,
            signals=findings,
            standing=Standing.REGULAR,
        )
        verdict = evaluate(policy, evidence, Mode.PUBLISH_UNLESS_HELD)
        yield {
            "scores": {name: round(value, 4) for name, value in found.scores.items()},
            "language": found.language,
            "signals": [finding.kind for finding in findings],
            "verdict": verdict.outcome.value,
            "violations": [
                {
                    "clause": violation.clause,
                    "rule": violation.rule,
                    "score": violation.score,
                    "threshold": violation.threshold,
                }
                for violation in verdict.violations
            ],
        }


def _form(name: str) -> str:
    return "csv" if name.lower().endswith(".csv") else "jsonl"


def _jsonl_texts(file: IO[str]) -> Iterator[str]:
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise click.ClickException(f"{file.name}, line {number}: not JSON") from None
        yield _text(row, file.name, number)


def _csv_texts(file: IO[str]) -> Iterator[str]:
    csv.field_size_limit(10_000_000)
    reader = csv.DictReader(_lines(file))
    try:
        for row in reader:
            yield _text(row, file.name, reader.line_num)
    except csv.Error as error:
        raise click.ClickException(f"{file.name}, line {reader.line_num}: {error}") from None


def _lines(file: IO[str]) -> Iterator[str]:
    try:
        yield from file
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name}: not UTF-8 at byte {error.start}") from None


def _text(row: Any, name: str, number: int) -> str:
    text = row.get("text") if isinstance(row, dict) else None
    if not isinstance(text, str):
        raise click.ClickException(f"{name}, line {number}: there is no `text`")
    return text
