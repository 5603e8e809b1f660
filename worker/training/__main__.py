"""`python -m worker.training build`: prepare, train, evaluate, choose thresholds, export."""

from pathlib import Path

import click

HERE = Path(__file__).resolve().parents[2]
BUNDLED = HERE / "config" / "models" / "bundled"


@click.group()
def training() -> None:
    """Make the model that the service ships with."""


@training.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with the labelled comments; read in place.",
)
@click.option("--minutes", default=55.0, show_default=True, help="Wall clock spent on training.")
@click.option(
    "--checkpoint-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=HERE / "runs" / "latest",
    help="Where weights are kept between stages; a finished stage found here is not done again.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=BUNDLED,
    help="Where the exported model goes.",
)
@click.option(
    "--stop-after-broad", is_flag=True, help="Stop after the first stage; run again to go on."
)
def build(
    data: Path, minutes: float, checkpoint_dir: Path, out: Path, stop_after_broad: bool
) -> None:
    """Train on DATA and export the result: one command from labelled comments to the model."""
    from worker.training import build as steps

    steps.build(data, minutes, checkpoint_dir, out, stop_after_broad=stop_after_broad)


@training.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with the labelled comments; read in place.",
)
@click.option("--model", "folder", type=click.Path(path_type=Path), default=BUNDLED)
@click.option("--comments", default=400, show_default=True, help="How many are looked at.")
def spans(data: Path, folder: Path, comments: int) -> None:
    """Measure how well the words that carry a score are those that people had marked."""
    from worker.training import spans as measuring

    measuring.measure(data, folder, comments)


if __name__ == "__main__":
    training()
