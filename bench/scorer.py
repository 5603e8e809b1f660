"""A scorer in a process of its own: each has its memory to itself, and its own environment.

Both ends are here. `started` gives the near one; the far one is `python -m bench.scorer MODEL`
with what `MODERATION_MODEL` may say, or `python -m bench.scorer CHECKPOINT CONFIG` for the library
Detoxify itself. It says when it is ready; then it takes texts, a line of JSON for each call, and
answers how long scoring them took. All of it on one thread.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",  # torch
    "RAYON_NUM_THREADS": "1",  # the tokenizers of both sides
    "TOKENIZERS_PARALLELISM": "false",
}


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds, by the clock and of the scorer's processor time."""

    clock: float
    processor: float


@dataclass(frozen=True, slots=True)
class Scorer:
    """The near end. `start`: from the start of the process until it had scored a first text."""

    process: subprocess.Popen[str]
    start: Took

    def score(self, texts: Sequence[str], at_once: int) -> Took:
        """Have the texts scored in lists of so many; one by one Detoxify gets them in no list."""
        assert self.process.stdin  # noqa: S101  it is a pipe
        self.process.stdin.write(json.dumps({"texts": texts, "at_once": at_once}) + "\n")
        self.process.stdin.flush()
        return Took(**_answer(self.process))

    def peak(self) -> float:
        """The most memory that the process ever had, in MB."""
        # Not ru_maxrss: in a child that begins with what its parent had.
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


@contextmanager
def started(*model: str, python: str = sys.executable) -> Iterator[Scorer]:
    """A scorer for the length of the block, entered once it is ready.

    RuntimeError with what it said when it ends by itself, then or later.
    """
    with tempfile.TemporaryFile("w+") as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            [python, "-m", "bench.scorer", *model],
            env=os.environ | ONE_THREAD | {"HF_HUB_OFFLINE": "1"},
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        try:
            used = _answer(process)["processor"]
            yield Scorer(process, Took(time.perf_counter() - began, used))
        except (BrokenPipeError, EOFError):
            said.seek(0)
            raise RuntimeError(f"a scorer ended: {said.read()[-2000:]}") from None
        finally:
            process.kill()
            process.communicate()


def _answer(process: subprocess.Popen[str]) -> dict[str, float]:
    assert process.stdout  # noqa: S101  it is a pipe
    if not (line := process.stdout.readline()):
        raise EOFError
    answer: dict[str, float] = json.loads(line)
    return answer


def _far_end() -> None:
    score = _detoxify(*sys.argv[1:]) if len(sys.argv) > 2 else _ours(sys.argv[1])
    score(["ready?"])
    _say({"processor": time.process_time()})
    for line in sys.stdin:
        asked = json.loads(line)
        texts, at_once = asked["texts"], asked["at_once"]
        clock, processor = time.perf_counter(), time.process_time()
        for start in range(0, len(texts), at_once):
            score(texts[start : start + at_once])
        _say({"clock": time.perf_counter() - clock, "processor": time.process_time() - processor})


def _say(answer: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _ours(model: str) -> Callable[[list[str]], object]:
    from worker.scorers import load

    return load(model).score


def _detoxify(checkpoint: str, config: str) -> Callable[[list[str]], object]:
    import torch
    from detoxify import Detoxify

    torch.set_num_threads(1)
    library = Detoxify(checkpoint=checkpoint, huggingface_config_path=config)
    return lambda texts: library.predict(texts if len(texts) > 1 else texts[0])


if __name__ == "__main__":
    _far_end()
