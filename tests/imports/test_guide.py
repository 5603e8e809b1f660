"""What the guide shows is what the commands take."""

import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select

from moderation.imports.records import of_mail
from moderation.models import Comment, Status
from tests.imports.conftest import Operator
from tests.newsroom import Newsroom

GUIDE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
WORDPRESS = Path(__file__).with_name("files") / "wordpress.xml"


def shown(language: str) -> list[str]:
    """The blocks of that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("kind", "language"), [("jsonl", "json"), ("csv", "csv")])
def test_the_examples_of_our_own_formats(
    newsroom: Newsroom, operator: Operator, tmp_path: Path, kind: str, language: str
) -> None:
    [example] = shown(language)
    file = tmp_path / f"comments.{kind}"
    file.write_text(example, encoding="utf-8")

    operator.done("import", kind, str(file), "--site", "the-daily")

    with newsroom.db.reading() as session:
        there = {one.external_id: one for one in session.scalars(select(Comment))}
    assert (there["17"].status, there["18"].status) == (Status.APPROVED, Status.BLOCKED)
    assert there["18"].parent_id == there["17"].id
    assert f"{there['18'].judged_at:%H:%M}" == "11:00"


def test_the_id_of_a_guest(tmp_path: Path) -> None:
    [command] = [block for block in shown("") if block.startswith("python3 -c")]
    said = subprocess.run(  # noqa: S602 - the guide's own line
        command, shell=True, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == of_mail("the-daily", "tom@reader.example")


def test_what_xml_does_not_allow_is_taken_out(operator: Operator, tmp_path: Path) -> None:
    broken = WORDPRESS.read_bytes().replace(b"Fourteen", b"Four\x08\x00teen")
    (tmp_path / "export.xml").write_bytes(broken)
    refused = operator.types(
        "import", "wordpress", str(tmp_path / "export.xml"), "--site", "the-daily"
    )
    assert "not XML: not well-formed (invalid token)" in refused.stderr
    [command] = [block for block in shown("") if block.startswith("LC_ALL=C tr")]

    subprocess.run(command, shell=True, check=True, cwd=tmp_path)  # noqa: S602 - the same

    done = operator.done("import", "wordpress", str(tmp_path / "clean.xml"), "--site", "the-daily")
    assert "approved\t4\n" in done.stdout
