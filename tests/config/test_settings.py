"""Settings come from the environment; a wrong one stops start-up with its name."""

from pathlib import Path

import pytest

from config.settings import Settings, SettingsError


def test_the_defaults_are_the_embedded_mode() -> None:
    settings = Settings.from_env({})
    assert settings.embedded
    assert settings.database == f"sqlite:///{Path('data/moderation.sqlite3').resolve()}"


def test_values_are_read_by_their_types() -> None:
    settings = Settings.from_env(
        {
            "DATABASE_URL": "postgresql+psycopg://db/moderation",
            "REDIS_URL": "redis://localhost/0",
            "MODERATION_TEXT_MAX": "5000",
            "MODERATION_SECURE_COOKIES": "yes",
            "MODERATION_SWEEP_SECONDS": "0.5",
            "MODERATION_DATA_DIR": "/srv/moderation",
            "HOME": "/home/ana",
        }
    )
    assert settings.database == "postgresql+psycopg://db/moderation"
    assert not settings.embedded
    assert (settings.text_max, settings.secure_cookies, settings.sweep_seconds) == (
        5000,
        True,
        0.5,
    )
    assert settings.data_dir == Path("/srv/moderation")


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s" * 40 + "\n")
    settings = Settings.from_env({"MODERATION_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.secret_key == "s" * 40


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"MODERATION_TEXT_MAXX": "1"}, "MODERATION_TEXT_MAXX"),
        ({"MODERATION_TEXT_MAX": "many"}, "MODERATION_TEXT_MAX"),
        ({"MODERATION_TEXT_MAX": "0"}, "MODERATION_TEXT_MAX must be 1..100000"),
        ({"MODERATION_SWEEP_SECONDS": "nan"}, "MODERATION_SWEEP_SECONDS"),
        ({"MODERATION_SECURE_COOKIES": "maybe"}, "MODERATION_SECURE_COOKIES"),
        ({"MODERATION_SECRET_KEY": "short"}, "MODERATION_SECRET_KEY"),
        (
            {"MODERATION_MODEL": "bundled", "MODERATION_MODEL_FILE": "/etc/hostname"},
            "MODERATION_MODEL is given twice",
        ),
        ({"MODERATION_SECRET_KEY_FILE": "/nowhere"}, "MODERATION_SECRET_KEY_FILE"),
        ({"MODERATION_RATE_PER_KEY": "often"}, "MODERATION_RATE_PER_KEY"),
        (
            {"MODERATION_RETAIN_BLOCKED_DAYS": "30"},
            r"MODERATION_RETAIN_BLOCKED_DAYS must be 0 or at least 184 \(MODERATION_APPEAL_DAYS\)",
        ),
        ({"MODERATION_LOG_LEVEL": "LOUD"}, "MODERATION_LOG_LEVEL"),
        ({"MODERATION_METRICS_BIND": "9100"}, "MODERATION_METRICS_BIND"),
        ({"MODERATION_METRICS_BIND": "127.0.0.1:65536"}, "MODERATION_METRICS_BIND"),
        ({"REDIS_URL": "redis://cache:port/0"}, "REDIS_URL"),
        ({"REDIS_URL": "cache:6379"}, "REDIS_URL"),
    ],
)
def test_a_wrong_setting_stops_start_up_and_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.from_env(environ)
