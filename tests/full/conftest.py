"""Full installations that tests may break."""

from collections.abc import Iterator

import pytest

from tests.full.scene import Scene, open_scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The Daily on an installation of its own, the same for all tests of a file."""
    with open_scene(tmp_path_factory.mktemp("full") / "installation") as scene:
        yield scene
