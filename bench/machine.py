"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg

PACKAGES = ("flask", "apiflask", "sqlalchemy", "psycopg", "gunicorn", "celery", "onnxruntime")
DURABLE = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")


def machine() -> str:
    """Processor, cores, memory, system, Python and the packages that matter, in a few lines."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"- {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory,"
        f" {platform.system()} {platform.release().split('-')[0]}\n"
        f"- Python {platform.python_version()}; "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        + "\n"
    )


def postgres(address: str) -> str:
    """The server's version, and how durable it is, in a line."""
    with psycopg.connect(address) as connection:
        said = [
            f"{name} {connection.execute(f'SHOW {name}').fetchone()[0]}"  # type: ignore[index]
            for name in DURABLE
        ]
        number = connection.info.server_version // 10_000
    return f"- PostgreSQL {number} on the same machine: {', '.join(said)}\n"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
