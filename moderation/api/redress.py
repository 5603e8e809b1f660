"""What statements of reasons, appeals and notices have in common at the API."""

from typing import TypeVar

from sqlalchemy.orm import Session

from config.logs import log
from moderation import secret_key
from moderation.api import addresses
from moderation.api.answers import Answer, AppealAnswer, NoticeAnswer
from moderation.api.auth import caller
from moderation.models import Site
from moderation.services import services

Confirmed = TypeVar("Confirmed", bound=Answer)


def site_that_asks(session: Session) -> Site:
    """The caller's."""
    return session.get_one(Site, caller().site_id)


def key_of_pseudonyms() -> str:
    """What moderators' pseudonyms are made with."""
    return secret_key.secret_key(services().settings)


def confirmed(
    kind: type[Confirmed], taken: AppealAnswer | NoticeAnswer, repeat: bool, *, noun: str
) -> tuple[Confirmed, int, dict[str, str]]:
    """The answer to an appeal or a notice (`noun`) that was taken in: as it is told otherwise, and
    where it can be read. Call it once that is committed."""
    if not repeat:
        log.info(f"{noun}_received", site=caller().site, **{noun: str(taken.id)})
    url = addresses.public(f"{noun}s.get_{noun}", site=caller().site, **{f"{noun}_id": taken.id})
    answer = kind.model_validate(dict(taken) | {"url": url, "repeat": repeat})
    return answer, 202, {"Location": url}
