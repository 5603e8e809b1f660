"""What a server leaves out of the search for garbage once it is loaded."""

import subprocess
import sys

SETTLED = """
import gc
from config import garbage
import moderation.app
garbage.settle()
counted = [one["collections"] for one in gc.get_stats()]
kept = [[] for _ in range(9_000)]
print(len(gc.get_objects(2)), counted == [one["collections"] for one in gc.get_stats()])
"""


def test_what_is_loaded_is_searched_no_more_and_a_request_seldom() -> None:
    """In a process of its own: it would be for good in this one."""
    ran = subprocess.run(
        [sys.executable, "-c", SETTLED], check=True, capture_output=True, text=True
    )
    assert ran.stdout.split() == ["0", "True"]
