"""XML that is broken, or meant to break its reader: refused with the line and the reason."""

import tracemalloc
from pathlib import Path

import pytest

from moderation.imports import Unreadable, wordpress

GOOD = (Path(__file__).with_name("files") / "wordpress.xml").read_bytes()
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
LAUGHS = (
    b"<!DOCTYPE rss [\n<!ENTITY a0 'ha'>\n"
    + b"".join(b"<!ENTITY a%d '%s'>\n" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]>\n<rss><channel><title>&a11;</title></channel></rss>"
)
FETCHED = (
    b"<!DOCTYPE rss [<!ENTITY it SYSTEM 'file:///etc/hostname'>]>\n"
    b"<rss><channel><title>&it;</title></channel></rss>"
)


def read(tmp_path: Path, content: bytes) -> int:
    file = tmp_path / "export.xml"
    file.write_bytes(content)
    with file.open("rb") as source:
        return len(list(wordpress.read(source, "export.xml", site="the-daily")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: the file ends here, in the middle of it: is it whole?"),
        (b"id,text\n1,Hello", "line 1: not XML: syntax error"),
        (HEAD + b"<html></html>", "line 2: not an export of this kind"),
        (HEAD + b"<disqus></disqus>", "line 2: not an export of this kind"),
        (HEAD + LAUGHS, "line 2: has a DOCTYPE"),
        (HEAD + FETCHED, "line 2: has a DOCTYPE"),
        (HEAD + b"<!DOCTYPE rss SYSTEM 'http://x.example/rss.dtd'><rss/>", "line 2: has a DOCTYPE"),
        (HEAD + b"<rss><channel>&nbsp;</channel></rss>", "line 2: not XML: undefined entity"),
        (HEAD + b"<rss>\n<channel>\n</rss>", "line 4: not XML: mismatched tag"),
        (HEAD + b"<rss>\0</rss>", "line 2: not XML: not well-formed (invalid token)"),
        (HEAD + b"<rss>\n\x08</rss>", "line 3: not XML: not well-formed (invalid token)"),
        (HEAD + "<rss>\né</rss>".encode("latin-1"), "line 3: not XML: not well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "line 1: in an encoding that is not"),
        (b'<?xml version="1.0" encoding="big5"?><rss/>', "line 1: in an encoding that is not"),
        (HEAD + b"<rss>" + b"<a>" * 200, "line 2: elements lie more than 100 deep"),
        (GOOD[: len(GOOD) // 2], "the file ends here"),
        (GOOD[: GOOD.index(b"<wp:comment_id>") + 5], "the file ends here"),
        (GOOD[: GOOD.index(b"<![CDATA[") + 12], "the file ends here"),
        (GOOD.replace(b"2024-05-04 10:10:00", b"0000-00-00 00:00:00"), "line 53: created_at "),
        (GOOD.replace(b"2024-05-04 10:10:00", b"4 May"), "line 53: created_at must be a moment"),
        (GOOD.replace(b"<wp:comment_id>2<", b"<wp:comment_id><"), "line 53: id is empty"),
        (
            GOOD.replace(b"<wp:post_id>42</wp:post_id>", b""),
            "line 25: a comment stands before the wp:post_id of its story",
        ),
        (
            GOOD.replace(b"And who pays", b"pay " * 30_000),
            "line 53: text is longer than 100000 characters",
        ),
        (
            GOOD.replace(b"And who pays", b"pay " * 300_000),
            "line 58: a text is longer than 1000000 characters",
        ),
    ],
)
def test_it_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, content)
    assert str(refused.value).startswith("export.xml, line ")
    assert said in str(refused.value)
    assert "pay" not in str(refused.value)


def test_other_encodings_that_are_declared_are_read(tmp_path: Path) -> None:
    said = GOOD.decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    assert read(tmp_path, said.encode("latin-1", "xmlcharrefreplace")) == 12
    wide = GOOD.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert read(tmp_path, wide.encode("utf-16")) == 12


def test_older_exports_are_read(tmp_path: Path) -> None:
    for version in (b"1.0", b"1.1"):
        assert read(tmp_path, GOOD.replace(b"/export/1.2/", b"/export/%s/" % version)) == 12


def test_however_long_a_file_is_memory_stays(tmp_path: Path) -> None:
    start, end = GOOD.index(b"\t\t<wp:comment>"), GOOD.index(b"\t</item>")
    comments = GOOD[start:end]
    file = tmp_path / "long.xml"
    with file.open("wb") as target:
        target.write(GOOD[:start])
        for _ in range(400):
            target.write(comments)
        target.write(GOOD[end:])
    tracemalloc.start()
    with file.open("rb") as source:
        count = sum(1 for _ in wordpress.read(source, "long.xml", site="the-daily"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 400 * 9 + 3
    assert peak < file.stat().st_size / 2
