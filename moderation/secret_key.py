"""The key that signs forms and cookies: given by the operator, or made once and kept."""

import os
import secrets
import time
from pathlib import Path

from flask import Flask

from config.settings import Settings, SettingsError
from moderation.sealing import Sealing

FILE = "secret-key"
SHORTEST = 32
WRITTEN_WITHIN = 1.0


def set_up(app: Flask, settings: Settings) -> None:
    """Let the app sign with the key in force, and take what the previous one signed.

    Cookies and forms alike: Flask asks the fallbacks for cookies alone, and a form that was opened
    before the change would be refused.
    """
    app.secret_key, *previous = in_force(settings)
    app.config["SECRET_KEY_FALLBACKS"] = previous
    app.config["WTF_CSRF_SECRET_KEY"] = [*previous, app.secret_key]  # it signs with the last


def in_force(settings: Settings) -> list[str]:
    """The secret key, and the one before it where that is still taken."""
    return [key for key in (secret_key(settings), settings.secret_key_previous) if key]


def sealing(settings: Settings) -> Sealing:
    """By which secrets are kept that are read again."""
    return Sealing(in_force(settings))


def secret_key(settings: Settings) -> str:
    """The secret key in force. The one made here lies in the data folder, readable by its owner.

    SettingsError when the file there was cut short.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / FILE
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _of_file(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(48))
    return key


def _of_file(path: Path) -> str:
    deadline = time.monotonic() + WRITTEN_WITHIN
    while len(key := path.read_text(encoding="ascii", errors="replace").strip()) < SHORTEST:
        # Another process may have made the file just now, and be about to write its key.
        if time.monotonic() > deadline:
            raise SettingsError(f"{path} holds no key: remove it, and one is made")
        time.sleep(0.01)
    return key
