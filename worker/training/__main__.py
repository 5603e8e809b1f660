"""`python -m worker.training`: `build` makes the bundled model, `spans` measures what it marks,
`perspective` maps its scores to those of the Perspective API."""

from pathlib import Path

import click

from config.model import BUNDLED

RUNS = Path(__file__).resolve().parents[2] / "runs"


@click.group()
def training() -> None:
    """Make the model that the service ships with, and measure it."""


@training.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the labelled comments; read in place.",
)
@click.option(
    "--checkpoint-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where a run is kept: stopped, it goes on from there.  [default: runs/latest]",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the exported model goes.  [default: the bundled model's folder]",
)
@click.option(
    "--start",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of an exported model to go on from, with the voice stages alone.",
)
@click.option(
    "--smoke",
    is_flag=True,
    help="Train a tiny model on our own sentences for a minute, into runs/smoke.",
)
def build(
    data: Path | None,
    checkpoint_dir: Path | None,
    out: Path | None,
    start: Path | None,
    smoke: bool,
) -> None:
    """Train on DATA and export the result: one command from labelled comments to the model.

    A run that was stopped goes on where it was.
    """
    import shutil

    from worker.training import build as steps

    if smoke:
        folder = checkpoint_dir or RUNS / "smoke"
        # A stage that is done would not be done again.
        shutil.rmtree(folder, ignore_errors=True)
        steps.build(data, folder, out or folder / "export", steps.SMOKE)
    elif data is None:
        raise click.UsageError("--data is needed to make the bundled model")
    else:
        steps.build(data, checkpoint_dir or RUNS / "latest", out or BUNDLED, start=start)


takes_data = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with the labelled comments; read in place.",
)
takes_model = click.option("--model", "folder", type=click.Path(path_type=Path), default=BUNDLED)


@training.command()
@takes_data
@takes_model
@click.option("--comments", default=400, show_default=True, help="How many are looked at.")
def spans(data: Path, folder: Path, comments: int) -> None:
    """Measure how well the words that carry a score are those that people had marked."""
    from worker.training import spans as measuring

    measuring.measure(data, folder, comments)


@training.command()
@takes_data
@takes_model
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the map goes.  [default: beside the model]",
)
def perspective(data: Path, folder: Path, out: Path | None) -> None:
    """Fit the map to Perspective's scores, and print how good it is."""
    from worker.training import perspective as fitting

    fitting.make(data, folder, out)


if __name__ == "__main__":
    training()
