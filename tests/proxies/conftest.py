"""The example configurations, in front of the service: as they stand in docs/, but for the places
that an operator changes too."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from flask import Flask

from moderation.db import Database
from tests import services
from tests.api.conftest import app_of
from tests.desk.conftest import served
from tests.newsroom import Newsroom, open_newsroom

EXAMPLES = Path(__file__).parents[2] / "docs" / "proxies"
SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back through a proxy."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Proxied:
    """A proxy, and what arrived behind it."""

    port: int
    plain_port: int
    folder: Path
    trusted: ssl.SSLContext
    arrived: list[dict[str, str]]
    """The headers of each request that reached the service, and its path under `PATH`."""
    key: str

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    def connect(self) -> ssl.SSLSocket:
        """A connection on which nothing was said yet."""
        plain = socket.create_connection(("localhost", self.port), timeout=SECONDS)
        return self.trusted.wrap_socket(plain, server_hostname="localhost")

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        plain: bool = False,
    ) -> Answer:
        """One request; a list as body is sent in chunks, with no length said before."""
        connection = (
            http.client.HTTPConnection("localhost", self.plain_port, timeout=SECONDS)
            if plain
            else http.client.HTTPSConnection(
                "localhost", self.port, timeout=SECONDS, context=self.trusted
            )
        )
        chunked = isinstance(body, list)
        sent = body if body is None or isinstance(body, bytes | list) else json.dumps(body).encode()
        with closing(connection):
            connection.request(
                method,
                path,
                iter(sent) if isinstance(sent, list) else sent,
                {"Content-Type": "application/json"} | dict(headers or {}),
                encode_chunked=chunked,
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The same for The Daily's developer, under the site's own address."""
        key = {"Authorization": f"Bearer {self.key}"}
        return self.ask(method, f"/api/v1/sites/the-daily{path}", body, key | dict(headers or {}))

    def logged(self) -> str:
        """Everything that the proxy has written so far, but for keys and certificates."""
        return "".join(file.read_text(errors="replace") for file in self.folder.glob("*log"))


def placed(example: str, changes: Mapping[str, str]) -> str:
    """The example with these places changed, each of which must be there."""
    for old, new in changes.items():
        assert old in example, old
        example = example.replace(old, new)
    return example


@contextmanager
def behind_nginx(to: int, port: int, plain_port: int) -> Iterator[tuple[Path, bytes]]:
    """The example's nginx in front of a port; answers its folder and whom to trust."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    site = placed(
        (EXAMPLES / "nginx.conf").read_text(encoding="utf-8"),
        {
            "Host              desk.example;": f"Host localhost:{port};",
            "X-Forwarded-Host  desk.example;": f"X-Forwarded-Host localhost:{port};",
            "https://desk.example$": f"https://localhost:{port}$",
            "/etc/ssl/": "",
            "/var/log/nginx/": "",
            "desk.example": "localhost",
            "127.0.0.1:8000": f"127.0.0.1:{to}",
            "listen 443": f"listen 127.0.0.1:{port}",
            "listen 80": f"listen 127.0.0.1:{plain_port}",
        },
    )
    files = {
        "localhost.pem": b"".join(blob.bytes() for blob in certificate.cert_chain_pems),
        "localhost.key": certificate.private_key_pem.bytes(),
    }
    with services.nginx(site, port, files) as folder:
        yield folder, authority.cert_pem.bytes()


CADDY = """\
admin off
persist_config off
skip_install_trust
default_bind 127.0.0.1
storage file_system store
"""


@contextmanager
def behind_caddy(to: int, port: int, plain_port: int) -> Iterator[tuple[Path, bytes]]:
    """The same for Caddy, which makes the certificate of `localhost` by itself."""
    caddyfile = placed(
        (EXAMPLES / "Caddyfile").read_text(encoding="utf-8"),
        {
            "\n{\n": f"\n{{\n{CADDY}http_port {plain_port}\nhttps_port {port}\n",
            "/var/log/caddy/": "",
            "desk.example": "localhost",
            "127.0.0.1:8000": f"127.0.0.1:{to}",
        },
    )
    with services.caddy(caddyfile, port) as folder:
        yield folder, (folder / "store/pki/authorities/local/root.crt").read_bytes()


Behind = Callable[[int, int, int], AbstractContextManager[tuple[Path, bytes]]]
PROXIES: dict[str, Behind] = {"nginx": behind_nginx, "caddy": behind_caddy}


def record(app: Flask, arrived: list[dict[str, str]]) -> None:
    """Let the app note what comes, before anything of it is believed."""
    answer = app.wsgi_app

    def noting(environ: dict[str, Any], start_response: Any) -> Any:
        heard = {k.removeprefix("HTTP_"): v for k, v in environ.items() if k.startswith("HTTP_")}
        arrived.append(heard | {"PATH": environ["REQUEST_URI"]})
        return answer(environ, start_response)

    app.wsgi_app = noting  # type: ignore[method-assign]


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Newsroom]:
    """The cast on SQLite alone: what a proxy does does not depend on the database."""
    with Database(sqlite_url) as db:
        yield open_newsroom(db)


@pytest.fixture(params=sorted(PROXIES))
def proxied(request: pytest.FixtureRequest, on_sqlite: Newsroom) -> Iterator[Proxied]:
    """The service as docs/proxies.md sets it up: the test runs behind nginx and behind Caddy."""
    port, plain_port = services.free_port(), services.free_port()
    arrived: list[dict[str, str]] = []
    app = app_of(on_sqlite, proxy_hops=1, secure_cookies=True, rate_per_login="2/minute")
    record(app, arrived)
    with ExitStack() as stack:
        inner = stack.enter_context(served(app))
        behind = PROXIES[request.param](int(inner.rsplit(":", 1)[1]), port, plain_port)
        folder, root = stack.enter_context(behind)
        trusted = ssl.create_default_context(cadata=root.decode())
        yield Proxied(port, plain_port, folder, trusted, arrived, on_sqlite.daily_key)
