"""The folder in which the processes of one service keep their figures, for Prometheus.

Apart from `moderation.metrics`, because it must be named before prometheus_client is imported.
"""

import os
import shutil
import tempfile
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client finds it."""
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is its owner's alone
NAME = "moderation-figures-"


def make() -> None:
    """Make an empty folder for this process and its children, and name it in the environment.

    Its name ends in the process's id, also when the process becomes another program: the folders of
    those that were killed are known by it, and removed.
    """
    parent = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for old in parent.glob(f"{NAME}*"):
        pid = old.name.removeprefix(NAME)
        if pid.isdecimal() and not lives(int(pid)):
            shutil.rmtree(old, ignore_errors=True)
    own = parent / f"{NAME}{os.getpid()}"
    shutil.rmtree(own, ignore_errors=True)  # of one that had this id before, in a container: 1
    own.mkdir(mode=0o700)
    os.environ[FOLDER] = str(own)


def remove() -> None:
    """Remove the folder, when the process that made it ends."""
    shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


def lives(pid: int) -> bool:
    """Whether there is a process of that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
