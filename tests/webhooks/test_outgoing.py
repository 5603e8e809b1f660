"""Where a webhook may lead: to a public address, and not to this machine's neighbours."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from config.settings import Network
from moderation.webhooks import outgoing
from moderation.webhooks.outgoing import BadAddress, Line, Trouble
from tests.webhooks.receiver import Receiver, listening

ALL: list[Network] = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
LOOPBACK: list[Network] = [ipaddress.ip_network("127.0.0.1/32")]


class Names:
    """What the names of the test lead to, by turns; who asked, and who was connected to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.leads_to: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        if host not in self.leads_to:
            return self._real(host, port, *more, **named)
        self.asked.append(host)
        turns = self.leads_to[host]
        found = turns.pop(0) if len(turns) > 1 else turns[0]
        if not found:
            raise socket.gaierror
        kinds = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(kinds[":" in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in found]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """To which addresses anybody tried to connect; nobody gets there."""
    tried: list[str] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)
    return tried


PRIVATE = (
    "127.0.0.1",
    "127.255.0.3",
    "0.0.0.0",  # noqa: S104 - nobody listens here
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::10.0.0.1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "3fff::1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_nobody_connects_to_what_is_not_public(
    names: Names, connected: list[str], address: str
) -> None:
    names.leads_to["inside.example"] = [[address]]

    reply = outgoing.post("https://inside.example/", b"{}", {}, [])

    assert reply.trouble == Trouble.ADDRESS
    assert connected == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::6810:85e5", "::ffff:808:808"])
def test_what_is_public_is_connected_to(names: Names, connected: list[str], address: str) -> None:
    names.leads_to["daily.example"] = [["10.0.0.1", address, "::1"]]

    reply = outgoing.post("https://daily.example/", b"{}", {}, [])

    assert reply.trouble == Trouble.UNREACHED
    assert connected == [address]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://[::1]/",
        "https://0/",
    ],
)
def test_numbers_are_addresses_too(connected: list[str], url: str) -> None:
    assert outgoing.post(url, b"{}", {}, []).trouble == Trouble.ADDRESS
    assert connected == []


def test_a_name_is_looked_up_once(names: Names, connected: list[str]) -> None:
    names.leads_to["rebound.example"] = [["8.8.8.8"], ["127.0.0.1"]]

    outgoing.post("https://rebound.example/", b"{}", {}, [])

    assert names.asked == ["rebound.example"]
    assert connected == ["8.8.8.8"]


def test_plain_http_goes_to_allowed_networks_alone(names: Names, connected: list[str]) -> None:
    names.leads_to["daily.example"] = [["8.8.8.8"]]
    assert outgoing.post("http://daily.example/", b"{}", {}, LOOPBACK).trouble == Trouble.ADDRESS
    assert connected == []


@pytest.mark.parametrize(
    "url",
    [
        "daily.example/hook",
        "ftp://daily.example/",
        "https:///hook",
        "https://rita:secret@daily.example/",
        "https://daily.example/#part",
        "https://daily.example:0/",
        "https://daily.example:99999/",
        "https://daily.example/ hook",
        "https://daily.example/\r\nhost: other",
        "https://straße.example/",
        "https://daily.example/" + "x" * 2000,
        "http://daily.example/",
        "",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        outgoing.check(url, [])
    assert outgoing.check("http://10.0.0.1:8080/hook?to=1", LOOPBACK)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Whom this service trusts, for the length of the test."""
    made = trustme.CA()

    def trusting() -> ssl.SSLContext:
        context = ssl.create_default_context()
        made.configure_trust(context)
        return context

    monkeypatch.setattr(outgoing, "_trusting", trusting)
    return made


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Receiver]:
    """A receiver that has a certificate for daily.example."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("daily.example").configure_cert(context)
    with listening(context) as receiver:
        yield receiver


def test_https_by_name_at_the_pinned_address(names: Names, secure: Receiver) -> None:
    names.leads_to["daily.example"] = [["127.0.0.1"]]
    url = f"https://daily.example:{secure.port}/hook?site=1"

    reply = outgoing.post(url, b'{"a": 1}', {"webhook-id": "1"}, LOOPBACK)

    assert (reply.trouble, reply.status, reply.text) == (None, 200, "heard")
    [got] = secure.got
    assert got.path == "/hook?site=1"
    assert got.headers["host"] == f"daily.example:{secure.port}"
    assert got.headers["webhook-id"] == "1"
    assert got.body == b'{"a": 1}'


def test_anothers_certificate_is_none(names: Names, secure: Receiver) -> None:
    names.leads_to["evening.example"] = [["127.0.0.1"]]
    reply = outgoing.post(f"https://evening.example:{secure.port}/", b"{}", {}, LOOPBACK)
    assert reply.trouble == Trouble.CERTIFICATE
    assert secure.got == []


def test_nor_is_one_of_an_unknown_authority(names: Names, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("daily.example").configure_cert(context)
    names.leads_to["daily.example"] = [["127.0.0.1"]]
    with listening(context) as receiver:
        reply = outgoing.post(f"https://daily.example:{receiver.port}/", b"{}", {}, LOOPBACK)
    assert reply.trouble == Trouble.CERTIFICATE


def test_the_machine_trusts_somebody() -> None:
    assert outgoing._trusting().verify_mode == ssl.CERT_REQUIRED
    assert outgoing._trusting().check_hostname
    assert outgoing._trusting().cert_store_stats()["x509_ca"] > 50


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with listening() as inside:
        receiver.answers = lambda _: 307
        receiver.more = {"location": inside.url}
        reply = outgoing.post(receiver.url, b"{}", {}, LOOPBACK)
    assert (reply.trouble, reply.status) == (Trouble.REDIRECT, 307)
    assert inside.got == []


def test_no_proxy_of_the_environment_is_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert outgoing.post(receiver.url, b"{}", {}, LOOPBACK).trouble is None


def test_nobody_listens(names: Names) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        assert outgoing.post(url, b"{}", {}, LOOPBACK).trouble == Trouble.UNREACHED
    names.leads_to["nowhere.example"] = [[]]
    assert outgoing.post("https://nowhere.example/", b"{}", {}, []).trouble == Trouble.UNKNOWN


@pytest.fixture
def raw() -> Iterator[socket.socket]:
    """A server of which nothing is known but that it listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def says(server: socket.socket, said: bytes, *, drip: bytes = b"", seconds: float = 0) -> None:
    """Answer the next who comes so, and then a little more for so many seconds."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            try:
                connection.recv(65_536)
                connection.sendall(said)
                until = time.monotonic() + seconds
                while time.monotonic() < until:
                    connection.sendall(drip)
                    time.sleep(0.05)
            except OSError:
                pass  # hung up on

    threading.Thread(target=serve, daemon=True).start()


def url_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_a_drip_of_headers_is_broken_off(
    raw: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "TOTAL_SECONDS", 0.5)
    says(raw, b"HTTP/1.1 200 OK\r\n", drip=b"x", seconds=20)
    began = time.monotonic()
    assert outgoing.post(url_of(raw), b"{}", {}, LOOPBACK).trouble == Trouble.SLOW
    assert time.monotonic() - began < 10


def test_time_that_was_spent_before_anything_was_open_counts(
    names: Names, raw: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "TOTAL_SECONDS", 0.2)
    names.leads_to["slow.example"] = [["127.0.0.1"]]
    look_up = socket.getaddrinfo

    def take_long(*asked: Any, **named: Any) -> list[Any]:
        time.sleep(0.5)
        return look_up(*asked, **named)

    monkeypatch.setattr(socket, "getaddrinfo", take_long)
    url = f"http://slow.example:{raw.getsockname()[1]}/"
    reply = outgoing.post(url, b"{}", {}, LOOPBACK)
    assert (reply.trouble, reply.status) == (Trouble.SLOW, None)
    raw.settimeout(0.3)
    connection, _ = raw.accept()
    with connection:
        assert connection.recv(100) == b""  # nothing was sent


def test_silence_is_not_waited_out(raw: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "READ_SECONDS", 0.3)
    says(raw, b"", drip=b"", seconds=20)
    assert outgoing.post(url_of(raw), b"{}", {}, LOOPBACK).trouble == Trouble.SLOW


def test_an_endless_answer_is_read_as_far_as_it_matters(raw: socket.socket) -> None:
    says(raw, b"HTTP/1.1 200 OK\r\n\r\n", drip=b"x" * 100_000, seconds=20)
    reply = outgoing.post(url_of(raw), b"{}", {}, LOOPBACK)
    assert reply.trouble is None
    assert len(reply.text) == outgoing.ANSWER_BYTES


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 99])
def test_what_is_no_http_is_no_answer(raw: socket.socket, said: bytes) -> None:
    says(raw, said)
    assert outgoing.post(url_of(raw), b"{}", {}, LOOPBACK).trouble == Trouble.BROKEN


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503])
def test_any_other_status_is_not_taken(receiver: Receiver, status: int) -> None:
    receiver.answers = lambda _: status
    reply = outgoing.post(receiver.url, b"{}", {}, LOOPBACK)
    assert (reply.trouble, reply.status) == (Trouble.STATUS, status)


# --- a connection that is kept -----------------------------------------------------------------


def test_what_goes_one_after_the_other_goes_over_one_connection(
    names: Names, secure: Receiver
) -> None:
    names.leads_to["daily.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    url = f"https://daily.example:{secure.port}/hook"

    with Line() as line:
        troubles = [line.post(url, b"{}", {}, LOOPBACK).trouble for _ in range(3)]

    assert troubles == [None, None, None]
    assert len({got.came_from for got in secure.got}) == 1
    assert names.asked == ["daily.example"]  # it leads elsewhere by now
    assert outgoing.post(url, b"{}", {}, LOOPBACK).trouble == Trouble.ADDRESS


def test_who_hangs_up_after_each_answer_is_called_again(receiver: Receiver) -> None:
    receiver.more = {"connection": "close"}

    with Line() as line:
        troubles = [line.post(receiver.url, b"{}", {}, LOOPBACK).trouble for _ in range(3)]

    assert troubles == [None, None, None]
    assert len({got.came_from for got in receiver.got}) == 3


def test_a_line_that_leads_elsewhere_is_hung_up(receiver: Receiver) -> None:
    with listening() as other, Line() as line:
        for one in (receiver, other, receiver):
            assert line.post(one.url, b"{}", {}, LOOPBACK).trouble is None
        assert line.post("https://127.0.0.1:1/", b"{}", {}, []).trouble == Trouble.ADDRESS

    assert (len(receiver.got), len(other.got)) == (2, 1)


def test_what_is_left_of_an_answer_is_never_the_next_one(raw: socket.socket) -> None:
    said = b"x" * (outgoing.ANSWER_BYTES + 1)
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(said)
    with Line() as line:
        for _ in range(2):
            says(raw, head + said)
            reply = line.post(url_of(raw), b"{}", {}, LOOPBACK)
            assert (reply.trouble, reply.status) == (None, 200)
