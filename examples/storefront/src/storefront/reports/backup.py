import subprocess
from datetime import datetime
from pathlib import Path

from ..core.settings import Settings


def dump_database(settings: Settings) -> Path:
    target = settings.backups / f"{datetime.now():%Y%m%d-%H%M%S}.dump"
    _run(["pg_dump", "--format=custom", f"--file={target}", settings.database_url])
    return target


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
