"""A POST to an address that a site has named: to a public one, over https, and to nobody else.

Whoever names an address could otherwise have this service ask its own neighbours (server-side
request forgery). So the name is looked up once, what it leads to is checked, and the connection is
made to that very address: a name that leads elsewhere at the next look-up changes nothing. No
redirect is followed, no proxy of the environment is used, and little of an answer is read. A
connection may be kept for what is sent there next: it leads where it was seen to lead.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from http.client import HTTPException
from typing import Self, TypeAlias
from urllib.parse import urlsplit

from certifi import where
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from config.settings import Network

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
"""From the look-up of the name on. A receiver that takes longer has not taken it."""
ANSWER_BYTES = 2048
"""What is read of an answer."""
URL_MAX = 2000
USER_AGENT = "comment-moderation"
UNICAST = ipaddress.ip_network("2000::/3")
"""What single machines have in IPv6. Outside of it lie, beside all that is local, addresses that
lead to one of IPv4, which may be private: those of NAT64 (64:ff9b::), mapped, deprecated ones."""
NOT_SINGLE = tuple(
    ipaddress.ip_network(one) for one in ("192.0.0.0/24", "2001::/23", "2002::/16", "3fff::/20")
)
"""Set aside by IANA, and not in every release of Python: protocols (Teredo among them), 6to4,
documentation."""


class Trouble(StrEnum):
    """Why a try failed."""

    ADDRESS = "address-refused"
    """The name leads to addresses that nothing is sent to."""
    UNKNOWN = "name-unknown"
    UNREACHED = "not-reached"
    CERTIFICATE = "certificate"
    SLOW = "too-slow"
    BROKEN = "connection-broken"
    """It broke, or what came is no HTTP."""
    REDIRECT = "redirect"
    STATUS = "status"
    """Answered, and not with 2xx."""
    SECRET = "secret-unreadable"  # noqa: S105 - of a secret, not one
    """Nothing was sent: the secret was sealed under another key, or there is none."""
    UNSAID = "not-said"
    """Nothing was sent: what was to be told could not be put together."""


class BadAddress(ValueError):
    """Not an address that a webhook can have; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a try. `trouble` is None where the receiver took it; `status` and the begin of
    its answer are there where it answered."""

    trouble: Trouble | None
    status: int | None = None
    text: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Target:
    """An address in parts. `host` is as it stands in it, without brackets."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """For the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def check(url: str, allowed: Sequence[Network]) -> str:
    """The address, as it is kept. BadAddress unless it is one that a webhook can have: over https,
    or over http where the operator allows it for some network (where it leads is seen when it is
    sent to)."""
    target = _target(url.strip())
    if not (target.secure or allowed):
        raise BadAddress(
            "the address must begin with https://; http:// leads into the networks of"
            " MODERATION_WEBHOOK_NETWORKS alone, and none is set"
        )
    return url.strip()


def is_public(address: Address) -> bool:
    """Whether it is a single machine's on the internet, which anybody could ask."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in UNICAST:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not _lies_in(address, NOT_SINGLE)
    )


def _lies_in(address: Address, any_of: Sequence[Network]) -> bool:
    return any(address in network for network in any_of if network.version == address.version)


class _Failed(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class _Watch:
    """Breaks a connection off that has taken too long: a socket's own time-outs begin anew with
    each byte."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.connection: HTTPConnection | None = None
        self.over = False

    @property
    def left(self) -> float:
        """Seconds until it is too late; never none, as a time-out of 0 would not wait at all."""
        return max(self.deadline - time.monotonic(), 0.01)

    def break_off(self) -> None:
        self.over = True
        open_one = self.connection.sock if self.connection is not None else None
        if open_one is not None:
            with suppress(OSError):  # it has ended by itself
                open_one.shutdown(socket.SHUT_RDWR)


@contextmanager
def _watched(began: float) -> Iterator[_Watch]:
    watch = _Watch(began + TOTAL_SECONDS)
    timer = threading.Timer(watch.left, watch.break_off)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()


class Line:
    """The way to one address, for what is sent there one after the other: over one connection, as
    long as that holds.

    Where it leads is looked up anew only when it has been hung up: keep it for seconds. Not for two
    threads at once.
    """

    def __init__(self) -> None:
        self._kept: tuple[_Target, HTTPConnection] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._kept is not None:
            self._kept[1].close()

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[Network]
    ) -> Reply:
        """Send it, once. Never raises because of what is at the other end.

        `allowed` are networks of the operator's own, which may be sent to although they are
        private, also over http; everything else private, local or shared is refused.
        """
        began = time.monotonic()
        try:
            with _watched(began) as watch:
                status, text = self._post(_target(url), body, headers, allowed, watch)
        except _Failed as failed:
            return Reply(trouble=failed.trouble, seconds=time.monotonic() - began)
        except BadAddress:  # kept by a release that took such
            return Reply(trouble=Trouble.ADDRESS)
        trouble = None if 200 <= status < 300 else Trouble.STATUS
        if 300 <= status < 400:
            trouble = Trouble.REDIRECT
        return Reply(trouble=trouble, status=status, text=text, seconds=time.monotonic() - began)

    def _post(
        self,
        target: _Target,
        body: bytes,
        headers: Mapping[str, str],
        allowed: Sequence[Network],
        watch: _Watch,
    ) -> tuple[int, str]:
        connection = self._take(target) or _connected(target, allowed, watch)
        watch.connection = connection
        answer = None
        try:
            connection.timeout = min(READ_SECONDS, watch.left)
            sent = {"host": target.named, "user-agent": USER_AGENT, "accept": "*/*", **headers}
            connection.request("POST", target.path, body=body, headers=sent, preload_content=False)
            answer = connection.getresponse()
            if watch.over:  # headers that were broken off read as if they had ended
                raise _Failed(Trouble.SLOW)
            return answer.status, _begin_of(answer)
        except TimeoutError:
            raise _Failed(Trouble.SLOW) from None
        except (HTTPError, HTTPException, OSError, ValueError):
            raise _Failed(Trouble.SLOW if watch.over else Trouble.BROKEN) from None
        finally:
            # What is left of an answer would be read as the next one.
            if answer is not None and answer.closed:
                self._kept = target, connection
            else:
                connection.close()

    def _take(self, target: _Target) -> HTTPConnection | None:
        """The connection that was kept, if it leads there and the other end has not hung up."""
        kept, self._kept = self._kept, None
        if kept is None:
            return None
        leads_to, connection = kept
        if leads_to == target and connection.is_connected:
            return connection
        connection.close()
        return None


def post(url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[Network]) -> Reply:
    """As `Line.post`, on a line of its own."""
    with Line() as line:
        return line.post(url, body, headers, allowed)


def _target(url: str) -> _Target:
    if not (url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_MAX):
        raise BadAddress(f"the address has 1 to {URL_MAX} letters of ASCII, and no spaces")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("the address cannot be read") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise BadAddress("the address must be one as https://daily.example/moderation")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadAddress("the address may have no user name, no password and no part after #")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(secure, parts.hostname, port or (443 if secure else 80), path)


def _begin_of(answer: HTTPResponse) -> str:
    """For a person's eyes: the status has said already whether it was taken."""
    try:
        return answer.read(ANSWER_BYTES, decode_content=False).decode("utf-8", "replace")
    except (HTTPError, HTTPException, OSError, ValueError):
        return ""


def _connected(target: _Target, allowed: Sequence[Network], watch: _Watch) -> HTTPConnection:
    """A connection to the first of its addresses that answers. What may not be sent to is never
    connected to, not even to see whether somebody is there."""
    trouble = Trouble.ADDRESS
    for address in _looked_up(target):
        if not _may_be_sent_to(address, target, allowed):
            continue
        connection = _connection(target, address, min(CONNECT_SECONDS, watch.left))
        watch.connection = connection
        try:
            connection.connect()
        except ssl.SSLError:
            trouble = Trouble.SLOW if watch.over else Trouble.CERTIFICATE
        except (HTTPError, OSError):
            trouble = Trouble.SLOW if watch.over else Trouble.UNREACHED
        else:
            # It can be over also now: while a name is looked up, or TLS is agreed on, there is
            # nothing to break off, and nobody would break it off later.
            if not watch.over:
                return connection
            trouble = Trouble.SLOW
        connection.close()
        if watch.over:
            break
    raise _Failed(trouble)


def _looked_up(target: _Target) -> list[Address]:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Failed(Trouble.UNKNOWN) from None
    # A link-local address has its interface behind a %.
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def _may_be_sent_to(address: Address, target: _Target, allowed: Sequence[Network]) -> bool:
    plain = getattr(address, "ipv4_mapped", None) or address
    return _lies_in(plain, allowed) or (target.secure and is_public(address))


def _connection(target: _Target, address: Address, seconds: float) -> HTTPConnection:
    if not target.secure:
        return HTTPConnection(str(address), target.port, timeout=seconds)
    return HTTPSConnection(
        str(address),
        target.port,
        timeout=seconds,
        server_hostname=target.host,
        ssl_context=_trusting(),
    )


@cache
def _trusting() -> ssl.SSLContext:
    """Trusts whom the machine trusts (SSL_CERT_FILE names others), and whom browsers do: a bare
    container may trust nobody."""
    context = ssl.create_default_context()
    context.load_verify_locations(where())
    return context
