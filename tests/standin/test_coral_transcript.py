"""Coral's request as its source sends it, over a real connection to `moderation run`, and the
commands that let it be heard."""

import json
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from moderation.cli import main
from tests.processes import until
from tests.serving import Running
from tests.standin.coral import OLD, PATH, headers, signed

FAIR = b"""{
  "action": "NEW",
  "comment": {
    "body": "A fair point, well made. Thank you for the figures on tram line 7.",
    "parentID": null
  },
  "author": {
    "id": "baf4e943-3594-4fcc-b2ba-3e8de7a76352",
    "role": "COMMENTER"
  },
  "story": {
    "id": "245b3856-b0a0-4d2f-a6bb-58c71f18d6a6",
    "url": "https://daily.example/tram-7/"
  },
  "site": {
    "id": "a4bede88-2d2c-4424-bc18-4322a9e285a6"
  },
  "tenantID": "19ba5794-7eeb-4d46-a81b-c00c61672501",
  "tenantDomain": "comments.daily.example"
}"""
RUDE = FAIR.replace(
    b"A fair point, well made. Thank you for the figures on tram line 7.",
    "You are a fool and an idiot, Tom \N{EN DASH} shut up, you stupid moron.".encode(),
)


def ask(address: str, body: bytes, *secrets: str) -> tuple[int, bytes]:
    asked = urllib.request.Request(  # noqa: S310 - always our own process
        f"{address}{PATH}", data=body, headers=headers(body, *secrets), method="POST"
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        return answer.status, answer.read()


def test_coral_asks_a_service_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(tmp_path)
    try:
        assert ask(running.address, FAIR, OLD)[0] == 200  # its secret is not known yet
        monkeypatch.setenv("MODERATION_DATA_DIR", str(tmp_path))
        add = ["coral", "secret", "add", "the-daily", "--secret-stdin"]
        added = CliRunner().invoke(main, add, input=f"{OLD}\n")
        listed = CliRunner().invoke(main, ["coral", "secret", "list", "the-daily"])
        assert (added.exit_code, added.output) == (0, f"Added {OLD[:6]}...\n")
        assert listed.stdout.startswith(f"{OLD[:6]}\t")

        def fair() -> bool:
            """Once the worker is warm."""
            return ask(running.address, FAIR, OLD) == (204, b"")

        until(fair)
        assert by_hand(running.address) == "204\n"
        rude = ask(running.address, RUDE, OLD)

        status, said = rude
        assert status == 200
        assert json.loads(said)["status"] in {"PREMOD", "REJECTED"}
        assert {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"} in json.loads(said)[
            "actions"
        ]
    finally:
        running.process.kill()
        running.process.communicate()


def by_hand(address: str) -> str:
    """What the guide's own commands say, typed as they stand there but for secret and address."""
    guide = (Path(__file__).parents[2] / "docs" / "coral.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)
    for written, here in (
        ("<the signing secret>", OLD),
        ("https://moderation.example", address),
    ):
        assert block.count(written) == 1
        block = block.replace(written, here)
    typed = ["bash", "-euc", block]
    return subprocess.run(typed, capture_output=True, text=True, check=True).stdout


def test_the_signature_is_the_one_that_openssl_makes() -> None:
    """`openssl dgst -sha256 -hmac` of the bytes `{}` and the secret `secret`."""
    assert signed(b"{}", "secret") == (
        "sha256=77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13"
    )


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("add", "nowhere", "--secret-stdin"), OLD, "there is no site nowhere"),
        (("add", "the-daily", "--secret-stdin"), "short", "has 16..500 characters"),
        (("add", "the-daily", "--secret-stdin"), "f" * 63 + "é", "has 16..500 characters"),
        (("remove", "the-daily", "f0"), "", "0 secrets of this site begin with that"),
    ],
)
def test_what_is_typed_wrong(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    typed: str,
    said: str,
) -> None:
    monkeypatch.setenv("MODERATION_DATA_DIR", str(tmp_path))
    for prepared in (("db", "upgrade"), ("site", "add", "the-daily")):
        assert CliRunner().invoke(main, prepared).exit_code == 0

    done = CliRunner().invoke(main, ["coral", "secret", *words], input=typed)

    assert done.exit_code == 1
    assert said in done.stderr
    assert OLD not in done.stderr
