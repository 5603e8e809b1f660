"""Tables for `str.translate` that fill themselves."""

from collections.abc import Callable


class Table(dict[int, str | None]):
    """A table for `str.translate` that asks for each character only once.

    It remembers no more than `LIMIT` of them, or a few texts of rare characters would fill memory.
    """

    LIMIT = 10_000

    def __init__(self, of: Callable[[str], str | None]) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, point: int) -> str | None:
        value = self._of(chr(point))
        if len(self) < self.LIMIT:
            self[point] = value
        return value
