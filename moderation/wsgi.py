"""The application as a WSGI server loads it, once in each of its processes."""

from config.settings import Settings
from moderation.app import create_app

app = create_app(Settings.from_env())
