"""docker-compose.yml and the Dockerfile, as far as they can be tried without Docker."""

import re
import shlex
import subprocess
import sys
from typing import Any

import click
import pytest

from config.settings import Settings
from moderation.cli import main
from tests.full.installation import ROOT, described, of_the_image

SERVICES = described()["services"]
OURS = [name for name, service in SERVICES.items() if service["command"][0] == "moderation"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what each says, with its lines put together."""
    plain = "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#"))
    whole = plain.replace("\\\n", " ")
    return [
        (word, rest) for word, _, rest in (x.partition(" ") for x in whole.splitlines()) if word
    ]


def seconds(duration: str) -> int:
    assert duration.endswith("s"), duration
    return int(duration[:-1])


def test_the_file_is_what_compose_takes() -> None:
    command = ["--builtin-schema", "vendor.compose-spec", str(ROOT / "docker-compose.yml")]
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *command],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", OURS)
def test_the_commands_are_ours(name: str) -> None:
    group: click.Command = main
    words = SERVICES[name]["command"][1:]
    while isinstance(group, click.Group):
        found = group.get_command(click.Context(group), words.pop(0))
        assert found is not None, SERVICES[name]["command"]
        group = found
    group.make_context(name, [*words])


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_ours(name: str) -> None:
    given = of_the_image() | SERVICES[name]["environment"]
    plain = {key: value for key, value in given.items() if not key.endswith("_FILE")}
    assert not Settings.from_env(plain).embedded
    for key in given.keys() - plain.keys():  # refuses a name that it does not know
        with pytest.raises(Exception, match="cannot be read"):
            Settings.from_env({key: "/there/is/no/such/file"})


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_contained(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["deploy"]["resources"]["limits"].keys() == {"memory", "pids"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert "inside" in service["networks"]
    assert service.get("user") in {None, "postgres", "redis"}  # None: the image's own, see below


def test_only_the_web_side_can_be_reached_from_outside() -> None:
    assert {name for name, s in SERVICES.items() if "ports" in s or "door" in s["networks"]} == {
        "web"
    }
    assert described()["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"migrate"}))
def test_every_service_tells_of_its_health_and_is_restarted(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_secrets_come_from_files(name: str) -> None:
    secrets = described()["secrets"]
    for key, value in SERVICES[name]["environment"].items():
        if key.endswith("_FILE"):
            secret = value.removeprefix("/run/secrets/")
            assert secret in SERVICES[name]["secrets"]
            assert secrets[secret]["file"] == f"secrets/{secret}"


def test_each_has_the_secrets_and_the_volume_that_it_needs_and_no_other() -> None:
    given = {name: SERVICES[name].get("secrets", []) for name in OURS}
    assert given == {
        "migrate": ["database-url"],
        "web": ["database-url", "secret-key"],
        "worker": ["database-url", "secret-key"],
        "interactive": [],
    }
    for name in OURS:
        read = [key for key in SERVICES[name]["environment"] if key.endswith("_FILE")]
        assert len(read) == len(given[name]), name
    assert [name for name in OURS if "volumes" in SERVICES[name]] == ["web"]


@pytest.mark.parametrize("name", ["worker", "interactive"])
def test_a_worker_has_the_time_to_finish_its_batch(name: str) -> None:
    assert seconds(SERVICES[name]["stop_grace_period"]) >= Settings().drain_seconds + 10


def test_what_the_images_are_made_of_is_there() -> None:
    given = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = {line[1:] for line in given if line.startswith("!")}
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            for source in shlex.split(rest)[:-1]:
                assert (ROOT / source).exists(), source
                assert source.split("/")[0] in taken, source


def test_the_stages_follow_one_another() -> None:
    known = {"scratch"}
    for word, rest in instructions():
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            if base.startswith("python:"):
                assert re.fullmatch(r"python:3\.1[12]-slim", base)
            else:
                assert base.replace("${MODEL}", "bundled") in known, base
            known.add(name)
        for source in re.findall(r"--from=(\S+)", rest):
            assert source in known, source
    assert {f"model-{m}" for m in ("bundled", "original", "unbiased", "multilingual")} <= known
    assert {s["build"]["target"] for s in SERVICES.values() if "build" in s} == {"web", "worker"}


def last_user(stage: str) -> str | None:
    """Who runs in a stage, by its own USER or that of the one that it begins with."""
    user: dict[str, str | None] = {}
    name = ""
    for word, rest in instructions():
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            user[name] = user.get(base)
        elif word == "USER":
            user[name] = rest
    return user[stage]


@pytest.mark.parametrize("stage", ["web", "worker"])
def test_nothing_of_ours_runs_as_root(stage: str) -> None:
    assert last_user(stage) == "moderation"


def test_the_web_image_has_the_facts_of_the_model_and_no_weights() -> None:
    web: list[Any] = DOCKERFILE[DOCKERFILE.index("FROM runtime AS web") :].splitlines()
    assert "COPY --from=model /model/model.json /model/model.json" in web
    assert not any(line.endswith("/model /model") for line in web)
