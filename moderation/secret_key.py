"""The key that signs forms and cookies: given by the operator, or made once and kept."""

import os
import secrets

from config.settings import Settings

FILE = "secret-key"


def secret_key(settings: Settings) -> str:
    """The secret key in force. The one made here lies in the data folder, readable by its owner."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / FILE
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(48))
    return key
