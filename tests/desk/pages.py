"""How each page of the desk is looked at, so that a test can look at all of them.

A page that is added is found by itself, in the app's own list of addresses. It needs a word here
only when it reads something from its address: then LOOKS says with what it is looked at.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

Things = Mapping[str, UUID | str]
"""One of everything that an address at a site can name, by the name it has there."""
LOOKS: Mapping[str, tuple[str, ...]] = {
    "desk.queue": (
        "site=the-daily",
        "tray=mine&order=oldest",
        "tray=later&order=worst",
        "tray=escalated&order=newest",
        "q=fool&clause=personal-attacks&signal=flags&language=en&hours=1&reported=1&from=0.1&to=0.9",
        "story={story_id}&commenter={commenter_id}",
        "like={comment_id}&fold=no",
        "after=made-up",
        "hours=soon",
    ),
    "desk.arrivals": (
        "seen=the-daily:0&told=the-daily:0&since=0&site=the-daily&here=/queue&back=/queue",
        "seen=the-daily:none",
    ),
    "desk.search": ("q=fool&site=the-daily", "q=fool&before={comment_id}", "q=f"),
    "desk.decisions": (
        "by=all",
        "by=policy&site=the-daily",
        "by=me",
        "by=expired",
        "before=made-up",
    ),
    "desk.appeals": (
        "site=the-daily",
        "after=made-up",
        "show=answered",
        "show=answered&before=made-up",
        "show=made-up",
    ),
    "desk.notices": (
        "site=the-daily",
        "after=made-up",
        "show=answered",
        "show=answered&before=made-up",
        "show=made-up",
    ),
    "desk.together": (
        "picked={comment_id}:1:waiting&back=/queue",
        "replies_to={comment_id}",
        "q=fool&clause=personal-attacks&language=en&from=0.1&to=0.9&order=oldest",
        "tray=later&signal=flags&reported=1&hours=1",
        "story={story_id}&commenter={commenter_id}",
        "like={comment_id}&fold=no",
        "also=like:{comment_id}&chosen=1",
    ),
    "desk.saved_reply_text": ("reply={reply_id}&form=block-1", "reply=made-up"),
    "desk.hand": ("site=the-daily",),
    "desk.folded": ("by=like&order=oldest&back=/queue", "by=commenter", "by=made-up"),
    "desk.policy": ("version=1&against=1&before=9", "version=7"),
    "desk.deliveries": (
        "show=waiting&event=comment.held",
        "show=dead&webhook={webhook_id}",
        "show=delivered",
        "before=made-up",
        "webhook=made-up",
        "show=made-up",
    ),
    "desk.audit": ("by={moderator_id}&act=signed_in", "before=made-up"),
    "desk.compare": ("theirs=approved&ours=held", "theirs=made-up"),
    "desk.story": ("after=made-up",),
    "desk.commenter": ("before=made-up",),
    "desk.sign_in_form": ("next=/queue",),
    "desk.code_form": ("next=/queue",),
    "desk.single_sign_on": ("next=/queue",),
    "desk.new_password_form": ("token=made-up",),
    "desk.invitation_form": ("token=made-up",),
}
"""With what each page is looked at beside its bare address; `things` stand in braces."""


def rules(desk: Flask) -> Iterator[Rule]:
    """Every address of the desk."""
    for rule in desk.url_map.iter_rules():
        if rule.endpoint.startswith("desk."):
            yield rule


def path_of(rule: Rule, slug: str, things: Things) -> str:
    """That address, about these things at this site."""
    if missing := rule.arguments - {"slug", *things}:
        pytest.fail(f"{rule.rule} names a {missing.pop()}: let `things` in test_roles.py make one")
    values: dict[str, Any] = {"slug": slug, **things}
    built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None, rule
    return built[1]


def looks(desk: Flask, things: Things, slug: str = "the-daily") -> Iterator[tuple[str, str]]:
    """Every page, bare and in each of its looks, as (endpoint, path)."""
    for rule in rules(desk):
        if "GET" in (rule.methods or ()):
            path = path_of(rule, slug, things)
            yield rule.endpoint, path
            for look in LOOKS.get(rule.endpoint, ()):
                yield rule.endpoint, f"{path}?{look.format_map(things)}"


@dataclass(frozen=True)
class Asked:
    """The names that each endpoint asked its address for, and its form."""

    address: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    form: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def noted(desk: Flask) -> Asked:
    """What the endpoints ask for from now on, as they ask."""
    asked = Asked()

    class Noting(ImmutableMultiDict[str, Any]):
        """What was sent, noting what is asked of it."""

        def note(self, name: object) -> None:
            names = asked.form if self is request.form else asked.address
            names[str(request.endpoint)].add(str(name))

        def get(self, key: str, *args: Any, **options: Any) -> Any:
            self.note(key)
            return super().get(key, *args, **options)

        def getlist(self, key: str, *args: Any, **options: Any) -> Any:
            self.note(key)
            return super().getlist(key, *args, **options)

        def __getitem__(self, key: str) -> Any:
            self.note(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            self.note(key)
            return super().__contains__(key)

    desk.request_class = type("Noted", (desk.request_class,), {"parameter_storage_class": Noting})
    return asked
