"""The Daily's own server, where it is told: a real one, on loopback."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOOPBACK = "127.0.0.1/32"
Answers = Callable[["Got"], int]


@dataclass(frozen=True)
class Got:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    came_from: int
    """The port at the other end: one connection's own."""

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def says(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As https://www.standardwebhooks.com has it, written here once more."""
        key = base64.b64decode(secret.split("_", 1)[1])
        content = f"{self.id}.{self.headers['webhook-timestamp']}.{self.body.decode()}"
        digest = hmac.new(key, content.encode(), hashlib.sha256).digest()
        wanted = "v1," + base64.b64encode(digest).decode()
        return wanted in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """Where it listens, what it got, and what it answers to each (200)."""

    port: int
    got: list[Got] = field(default_factory=list)
    answers: Answers = lambda _: 200
    more: dict[str, str] = field(default_factory=dict)
    """Headers of its answers."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/moderation"

    def told(self) -> list[str]:
        """The events that it was sent, in their order."""
        return [one.says["type"] for one in self.got]


@contextmanager
def listening(
    context: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> Iterator[Receiver]:
    """A receiver for the length of the block; with a `context` it speaks https."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Got(self.path, headers, self.rfile.read(length), self.client_address[1])
            receiver.got.append(got)
            said = b"heard"
            self.send_response(receiver.answers(got))
            for name, value in receiver.more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

        def handle_error(self, *_: Any) -> None:
            """Whoever hung up did so on purpose."""

    server = Server((address, 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
