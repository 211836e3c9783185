"""How an update runs its commands, most of them those of a release."""

import os
import subprocess
from pathlib import Path

Environment = dict[str, str] | None


class Refused(Exception):
    """Told in one line."""


def run(*command: str | Path, folder: Path, good: tuple[int, ...] = (0,), environment: Environment = None) -> None:
    done = subprocess.run(command, cwd=folder, env=clean_environment() | (environment or {}), check=False)
    if done.returncode not in good:
        name = " ".join(str(part).rpartition("/")[2] if str(part)[0] == "/" else str(part) for part in command)
        raise Refused(f"This failed in {folder.name}: {name}.")


def clean_environment() -> dict[str, str]:
    ours = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PORT", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in ours}


def told(*command: str | Path, folder: Path) -> str:
    """What the command prints, or an empty text where it fails."""
    done = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False)
    return "" if done.returncode else done.stdout.strip()


def python(release: Path) -> Path:
    return release / ".venv/bin/python"


def manage(release: Path, *arguments: str, good: tuple[int, ...] = (0,), environment: Environment = None) -> None:
    run(python(release), "manage.py", *arguments, folder=release, good=good, environment=environment)
