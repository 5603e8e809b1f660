"""A view of the queue as its address names it, so that it can be kept and shared."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext, lazy_gettext

from moderation.desk import forms
from moderation.models import Tray
from moderation.policy import Reason
from moderation.queue import Order, Sieve
from moderation.queue.search import WORDS_MAX
from moderation.signals import SignalKind

MINE = "mine"
UNFOLDED = "no"
WORDS_MIN = 2
HOURS_MAX = 24 * 366
NARROWING = (
    "q", "clause", "signal", "language", "story", "commenter", "like", "hours", "reported", "from",
    "to"
)  # fmt: skip
"""The filters, by their names in the address."""
NAMES = ("tray", "order", "fold", *NARROWING)
"""All that a view's address says."""
SIGNALS: Mapping[str, Any] = {
    SignalKind.LISTED_WORD: lazy_gettext("a listed word"),
    SignalKind.LINKS: lazy_gettext("links"),
    SignalKind.REPEAT: lazy_gettext("a repeat"),
    SignalKind.SHOUTING: lazy_gettext("capitals"),
    SignalKind.PERSONAL_DATA: lazy_gettext("personal data"),
    "standing": lazy_gettext("the commenter's standing"),
    "flags": lazy_gettext("readers' reports"),
    Reason.LANGUAGE_UNREADABLE: lazy_gettext("a language that the model cannot read"),
    Reason.NO_LETTERS: lazy_gettext("a text without letters"),
    Reason.TEXT_CUT: lazy_gettext("a text too long for the model"),
    Reason.MODEL_FAILED: lazy_gettext("the model failed"),
    Reason.JUDGING_FAILED: lazy_gettext("judging failed"),
    Reason.MISSING_SCORE: lazy_gettext("a missing score"),
    Reason.HOLD_EVERYTHING: lazy_gettext("everything is held"),
    Reason.NO_POLICY: lazy_gettext("no policy"),
}
"""What a comment may be held for beside its scores."""
LANGUAGES_MAX = 20
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SCORE = re.compile(r"[01]|[01]?\.[0-9]{1,6}")


class BadFilter(Exception):
    """An address that names a view that there is not; `field` is what is wrong with it."""

    def __init__(self, field: str, says: str) -> None:
        super().__init__(field)
        self.field = field
        self.says = says


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of the queue is looked at. `tray` is None for what is with the moderator themselves.

    `like` names a comment whose words those shown have, which the sieve knows by their fingerprint.
    `unfolded`: each comment is a card. `asked` are the words of the address, as a link to the same
    view has them.
    """

    tray: Tray | None
    order: Order
    sieve: Sieve
    like: UUID | None
    unfolded: bool
    asked: Mapping[str, str]

    @property
    def tab(self) -> str:
        """The name of the tab."""
        return self.tray or MINE

    @property
    def is_narrowed(self) -> bool:
        """Whether it shows a part of what lies there."""
        return self.sieve != Sieve() or self.like is not None

    @property
    def can_fold(self) -> bool:
        """Whether what is alike may be one card here.

        Not where it was asked for by name, and not where each was laid by somebody.
        """
        named = self.like or self.sieve.commenter_id
        return self.tray is Tray.WAITING and named is None


def read(asked: Mapping[str, str], *, clauses: Collection[str], now: datetime) -> View:
    """The view of an address; BadFilter for one that there is not.

    `clauses` are the keys that the policies shown have. A filter that is empty is none: a form
    sends those too.
    """
    given = {name: asked[name] for name in NAMES if asked.get(name)}
    tab = given.get("tray", Tray.WAITING.value)
    tray = None if tab == MINE else _one_of("tray", tab, Tray)
    order = _one_of("order", given.get("order", Order.URGENT.value), Order)
    clause, signal = given.get("clause"), given.get("signal")
    if clause is not None and clause not in clauses:
        raise BadFilter("clause", gettext("no policy shown here has a clause of that key"))
    if signal is not None and signal not in SIGNALS:
        raise BadFilter("signal", gettext("it is one of %(names)s", names=", ".join(SIGNALS)))
    low, high = _score("from", given), _score("to", given)
    if low is not None and high is not None and low > high:
        raise BadFilter("from", gettext("it is above “to”"))
    sieve = Sieve(
        words=words(given),
        clause=clause,
        signal=signal,
        languages=_languages(given),
        story_id=_id("story", given),
        commenter_id=_id("commenter", given),
        received_before=_before(given, now),
        reported=_is_set("reported", given),
        worst_from=low,
        worst_to=high,
    )
    if given.get("fold", UNFOLDED) != UNFOLDED:
        raise BadFilter("fold", gettext("it is %(word)s, or left out", word=UNFOLDED))
    return View(
        tray=tray,
        order=order,
        sieve=sieve,
        like=_id("like", given),
        unfolded="fold" in given,
        asked=given,
    )


def words(given: Mapping[str, str]) -> str | None:
    """What is looked for, if anything is; BadFilter for what is too short, or too long."""
    looked_for = given.get("q", "").strip()
    if not looked_for:
        return None
    if not WORDS_MIN <= len(looked_for) <= WORDS_MAX or "\0" in looked_for:
        raise BadFilter(
            "q",
            gettext(
                "what is looked for has %(least)s to %(most)s characters",
                least=WORDS_MIN,
                most=WORDS_MAX,
            ),
        )
    return looked_for


def _one_of(field: str, value: str, kinds: Any) -> Any:
    try:
        return kinds(value)
    except ValueError:
        also = [MINE] if kinds is Tray else []
        raise BadFilter(
            field, gettext("it is one of %(names)s", names=", ".join([*kinds, *also]))
        ) from None


def _languages(given: Mapping[str, str]) -> tuple[str, ...]:
    codes = languages(given.get("language", ""))
    if codes is None:
        raise BadFilter(
            "language",
            gettext("it is a code of two or three small letters, such as en, or several of them"),
        )
    return codes


def languages(text: str) -> tuple[str, ...] | None:
    """The codes of languages in a text, each once; None where it has something else, or too many
    of them."""
    codes = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if len(codes) > LANGUAGES_MAX or not all(map(_LANGUAGE.fullmatch, codes)):
        return None
    return codes


def _id(field: str, given: Mapping[str, str]) -> UUID | None:
    try:
        return UUID(given[field]) if field in given else None
    except ValueError:
        raise BadFilter(field, gettext("it is the id that a card links to")) from None


def _before(given: Mapping[str, str], now: datetime) -> datetime | None:
    if "hours" not in given:
        return None
    hours = forms.whole(given["hours"], HOURS_MAX)
    if not hours:
        raise BadFilter("hours", gettext("it is a whole number from 1 to %(most)s", most=HOURS_MAX))
    return now - timedelta(hours=hours)


def _is_set(field: str, given: Mapping[str, str]) -> bool:
    if given.get(field, "1") != "1":
        raise BadFilter(field, gettext("it is 1, or left out"))
    return field in given


def _score(field: str, given: Mapping[str, str]) -> float | None:
    text = given.get(field)
    if text is None:
        return None
    if not _SCORE.fullmatch(text) or float(text) > 1:
        raise BadFilter(field, gettext("it is a score from 0 to 1, such as 0.75"))
    return float(text)
