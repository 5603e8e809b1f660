"""Settings, read once from the environment, frozen. The defaults are the embedded mode."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Self, TypeAlias, get_type_hints
from urllib.parse import urlsplit

STARTER_POLICY = Path(__file__).parent / "policies" / "starter.toml"

PLAIN_NAMES = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL"}
"""Settings that go by the name every platform already gives them; all others are MODERATION_*."""

Network: TypeAlias = IPv4Network | IPv6Network
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")
ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(?!0)[0-9]{1,5}")
HIGHEST_PORT = 65_535
SAFE_PROVIDER = re.compile(r"https://|http://(localhost|127\.0\.0\.1)(:|/|$)")
"""Over https, but for one on this very machine."""
CHOICES = {
    "perspective_unscored": ("refuse", "omit"),
    "perspective_scale": ("perspective", "raw"),
}
BOOLEANS = {
    "1": True,
    "true": True,
    "yes": True,
    "0": False,
    "false": False,
    "no": False,
}


class SettingsError(ValueError):
    """A setting that is unknown, malformed or out of range; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set. Each field `x` is read from `MODERATION_X` (or the plain name
    in PLAIN_NAMES), or from the file that `MODERATION_X_FILE` names."""

    data_dir: Path = Path("data")
    """Folder of the journal of erasures; in the embedded mode also of database and secret key."""
    database_url: str = ""
    """SQLAlchemy URL; empty: a SQLite file in `data_dir`."""
    redis_url: str = ""
    """Broker of the workers and store of the rate limits; empty: in memory, one process."""
    secret_key: str = ""
    """Signs forms and cookies; at least 32 characters. Empty: made once and kept in `data_dir`."""
    secret_key_previous: str = ""
    """The secret key before it was changed: what it signed is still taken. Empty: none."""
    erasure_journal: str = ""
    """File of the ids that were erased, for `restore`; empty: `erasures.jsonl` in `data_dir`."""
    model: str = "bundled"
    """`bundled`, the folder of an exported model, or `detoxify:NAME` / `detoxify:/checkpoint`."""
    model_config_dir: str = ""
    """For `detoxify:/checkpoint`: the local folder with the architecture's config and tokenizer."""
    model_threads: int = 1
    """Threads for one scoring call, 1..64."""
    public_url: str = ""
    """The address under which sites and moderators reach the service; empty: as requested."""
    secure_cookies: bool = False
    """Send the desk's cookie over https only. Set it wherever https is spoken."""
    proxy_hops: int = 0
    """Reverse proxies in front, whose X-Forwarded headers are believed, 0..5."""
    metrics_bind: str = ""
    """Private address and port of `/metrics`, as 127.0.0.1:9100; empty: it is not served."""
    text_max: int = 10_000
    """Longest comment, in characters (Unicode code points), 1..100000. A long one takes its time:
    ten thousand up to 5 seconds of a core with the bundled model, a hundred thousand up to 40."""
    body_max: int = 1_048_576
    """Largest request body, in bytes."""
    batch_max: int = 500
    """Most comments in one batch, 1..500."""
    rate_per_key: str = "6000/minute"
    """Requests allowed to one API key: a number per second, minute, hour or day."""
    rate_per_commenter: str = "20/minute"
    """Comments taken from one commenter."""
    rate_per_address: str = "20/minute"
    """What readers send from one address on pages that show comments: all that they post, edit,
    report and appeal."""
    rate_per_story: str = "120/minute"
    """What readers send about one story on such pages."""
    rate_per_login: str = "10/minute"
    """Sign-in attempts from one address, and for one e-mail."""
    sign_in_hours: int = 12
    """How long a moderator stays signed in, 1..720."""
    sign_in_idle_minutes: int = 120
    """How long they may do nothing at the desk before they are signed out, 5..43200."""
    require_codes: bool = False
    """Leads and admins sign in with one-time codes: whoever has none sets them up first."""
    oidc_issuer: str = ""
    """OpenID Connect provider that moderators may log in with, as https://login.daily.example."""
    oidc_client_id: str = ""
    """What this service is called there."""
    oidc_client_secret: str = ""
    """Its secret there; the address to come back to is `/login/sso/back`."""
    perspective_unscored: str = "refuse"
    """Attributes that the model does not score: `refuse` a request for one, or `omit` them. OSMod,
    which asks for sixteen, needs `omit`."""
    perspective_scale: str = "perspective"
    """`perspective`: scores on the scale of Perspective, where there is a map for the model;
    `raw`: as the model gives them."""
    lease_seconds: int = 60
    """How long a worker may keep a batch before another one takes it, 5..3600."""
    sweep_seconds: float = 2.0
    """How often a worker looks at the table by itself, 0.1..60."""
    drain_seconds: int = 25
    """How long a worker that is stopped may finish its batch before it gives it back, 1..600."""
    appeal_days: int = 184
    """Days in which a block can be appealed, 1..3650. The EU's DSA asks for six months."""
    retain_blocked_days: int = 184
    """Days until the words of a blocked comment are erased, 0..36500; 0: never. No fewer than
    `MODERATION_APPEAL_DAYS`: what is gone cannot be looked at again."""
    coral_answer_ms: int = 1000
    """Milliseconds until Coral is told that nobody has read a comment, 100..9000. Less than the
    timeout of its moderation phase: when that is over, Coral publishes."""
    webhook_networks: str = ""
    """Private networks that webhooks may lead to, also over http, as 10.1.0.0/16,127.0.0.1/32;
    empty: none. Everything else must be public, and https."""
    retain_deliveries_days: int = 30
    """Days until it is forgotten what a webhook was sent, or never took, 1..3650."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("model_threads", 1, 64),
            ("proxy_hops", 0, 5),
            ("text_max", 1, 100_000),
            ("body_max", 1024, 64 * 1_048_576),
            ("batch_max", 1, 500),
            ("sign_in_hours", 1, 720),
            ("sign_in_idle_minutes", 5, 43_200),
            ("lease_seconds", 5, 3600),
            ("sweep_seconds", 0.1, 60),
            ("drain_seconds", 1, 600),
            ("appeal_days", 1, 3650),
            ("retain_blocked_days", 0, 36_500),
            ("coral_answer_ms", 100, 9000),
            ("retain_deliveries_days", 1, 3650),
        ):
            if not low <= getattr(self, name) <= high:
                raise SettingsError(f"{variable(name)} must be {low}..{high}")
        for name in (
            "rate_per_key",
            "rate_per_commenter",
            "rate_per_address",
            "rate_per_story",
            "rate_per_login",
        ):
            if not RATE.fullmatch(getattr(self, name)):
                raise SettingsError(f"{variable(name)} must be a rate, as 20/minute")
        if self.log_level.upper() not in LOG_LEVELS:
            raise SettingsError(f"{variable('log_level')} must be one of {', '.join(LOG_LEVELS)}")
        for name in ("secret_key", "secret_key_previous"):
            if 0 < len(getattr(self, name)) < 32:
                raise SettingsError(f"{variable(name)} must have at least 32 characters")
        self._check_choices()
        self._check_provider()
        self._check_retention()
        self._check_networks()
        if self.metrics_bind and not is_address(self.metrics_bind):
            raise SettingsError(
                f"{variable('metrics_bind')} must be an address and a port, as 127.0.0.1:9100"
            )
        if self.redis_url and not _is_redis(self.redis_url):
            raise SettingsError(
                f"{variable('redis_url')} must be an address of a Redis, as redis://localhost:6379/0"
            )

    def _check_choices(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise SettingsError(f"{variable(name)} must be {' or '.join(choices)}")

    def _check_provider(self) -> None:
        names = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
        if len({bool(getattr(self, name)) for name in names}) > 1:
            raise SettingsError(f"{', '.join(map(variable, names))} go together")
        if self.oidc_issuer and not SAFE_PROVIDER.match(self.oidc_issuer):
            raise SettingsError(f"{variable('oidc_issuer')} must begin with https://")

    def _check_networks(self) -> None:
        try:
            _ = self.webhooks_allowed
        except ValueError:
            raise SettingsError(
                f"{variable('webhook_networks')} must be networks, as 10.1.0.0/16,127.0.0.1/32"
            ) from None

    def _check_retention(self) -> None:
        if 0 < self.retain_blocked_days < self.appeal_days:
            raise SettingsError(
                f"{variable('retain_blocked_days')} must be 0 or at least {self.appeal_days}"
                f" ({variable('appeal_days')})"
            )

    @property
    def webhooks_allowed(self) -> tuple[Network, ...]:
        """The networks of `webhook_networks`."""
        given = (one.strip() for one in self.webhook_networks.split(","))
        return tuple(ip_network(one) for one in given if one)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'moderation.sqlite3').resolve()}"

    def check_public_port(self, port: int) -> None:
        """SettingsError when the public port is the one of `metrics_bind`, which is known by it."""
        if self.metrics_bind and int(self.metrics_bind.rpartition(":")[2]) == port:
            raise SettingsError(
                f"{variable('metrics_bind')} must have another port than the public one, {port}"
            )

    @property
    def embedded(self) -> bool:
        """Whether web and worker share one process and its memory broker."""
        return not self.redis_url

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **overrides: Any) -> Self:
        """Read the settings. SettingsError names a variable that is unknown or cannot be read."""
        known = {variable(field.name): field.name for field in fields(cls)}
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        for key, given in environ.items():
            name = known.get(key) or known.get(key.removesuffix("_FILE"))
            if name is None:
                if key.startswith("MODERATION_"):
                    raise SettingsError(f"{key} is not a setting of this service")
                continue
            if name in values:
                raise SettingsError(
                    f"{variable(name)} is given twice, also by {variable(name)}_FILE"
                )
            raw = given if key in known else _of_file(key, given)
            try:
                values[name] = _read(hints[name], raw)
            except ValueError:
                raise SettingsError(f"{key} must be {_described(hints[name])}") from None
        return cls(**values | overrides)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PLAIN_NAMES.get(name, f"MODERATION_{name.upper()}")


def is_address(given: str) -> bool:
    """Whether it is an address to listen on and a port, as 127.0.0.1:9100."""
    return bool(ADDRESS.fullmatch(given)) and int(given.rpartition(":")[2]) <= HIGHEST_PORT


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        return False


def _of_file(key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{key}: cannot be read: {error.strerror}") from None


def _read(kind: type, raw: str) -> Any:
    if kind is bool:
        try:
            return BOOLEANS[raw.strip().lower()]
        except KeyError:
            raise ValueError from None
    return kind(raw)


def _described(kind: type) -> str:
    return {int: "a whole number", float: "a number", bool: "true or false"}.get(kind, "text")
