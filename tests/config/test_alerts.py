"""The alert rules that are shipped ask for figures that there are.

Whether they are rules at all is for Prometheus to say (`promtool check rules`), by hand.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from config import settings
from tests.api.conftest import app_of
from tests.newsroom import Newsroom

FILE = Path(settings.__file__).parent / "alerts" / "moderation.yml"
[GROUP] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]
RULES: list[dict[str, Any]] = GROUP["rules"]
OF_A_KIND = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
}
"""What the names of a family's figures end in: also of those that nothing was counted for yet."""
LABELS = {"endpoint", "method", "status", "le", "site", "actor", "name", "version"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: the figures are the same."""
    return sqlite_url


def test_every_figure_that_is_asked_for_is_told(newsroom: Newsroom) -> None:
    client = app_of(newsroom, metrics_bind="127.0.0.1:9100").test_client()
    told = client.get("/metrics", environ_overrides={"SERVER_PORT": "9100"}).text
    known = {
        family.name + part
        for family in text_string_to_metric_families(told)
        for part in OF_A_KIND[family.type]
    }

    asked = {name for rule in RULES for name in re.findall(r"moderation_\w+", rule["expr"])}

    assert len(asked) > 5
    assert asked <= known


def test_every_label_that_is_asked_for_is_one_of_ours() -> None:
    for rule in RULES:
        names = set(re.findall(r"(\w+)\s*(?:=|!=|=~|!~)\s*\"", rule["expr"]))
        names |= set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert names <= LABELS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["for"]
    assert rule["annotations"]["summary"]
    assert len(rule["annotations"]["description"]) > 60
