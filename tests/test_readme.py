"""The README's table of settings is the one that the code reads."""

import inspect
import re
from dataclasses import MISSING, fields
from pathlib import Path

from config import settings
from config.settings import Settings, variable

README = Path(__file__).parents[1] / "README.md"


def documented() -> dict[str, str]:
    """The docstring below each field of Settings."""
    source = inspect.getsource(settings.Settings)
    found = re.findall(r'^    (\w+): [^\n]*\n    """(.*?)"""', source, re.DOTALL | re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def table() -> str:
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    said = documented()
    for field in fields(Settings):
        assert field.default is not MISSING
        default = str(field.default).lower() if field.type is bool else str(field.default)
        shown = f"`{default}`" if default else "(empty)"
        rows.append(f"| `{variable(field.name)}` | {shown} | {said[field.name]} |")
    return "\n".join(rows)


def test_the_table_is_complete_and_true() -> None:
    readme = README.read_text(encoding="utf-8")
    found = re.search(r"<!-- settings[^>]*-->\n(.*?)\n<!-- /settings -->", readme, re.DOTALL)
    assert found
    assert found[1] == table()
