"""Whether the desk is asked for as its cookies need it: both mistakes are said, not endured."""

from flask import Flask, request
from werkzeug.exceptions import Forbidden

from config.logs import log
from config.settings import variable
from moderation.desk.door import desk
from moderation.services import EXTENSION


class NotOverHttps(Forbidden):
    """The desk's cookies go over https alone, and this request did not come that way."""


def set_up(app: Flask) -> None:
    """Refuse the desk over http where its cookies are for https; say in the log, once, what is
    amiss in either direction.

    Without the refusal the browser would drop the cookies unseen, and every password, also the
    right one, would be answered with a form that is too old.
    """
    secure = app.extensions[EXTENSION].settings.secure_cookies
    told = False

    def look() -> None:
        nonlocal told
        if request.blueprint != desk.name or request.is_secure == secure:
            return
        if not told:
            told = True
            if secure:
                log.warning("desk_refused_over_http", look_at=variable("proxy_hops"))
            else:
                log.warning("cookies_sent_insecurely", look_at=variable("secure_cookies"))
        if secure:
            raise NotOverHttps

    app.before_request(look)
