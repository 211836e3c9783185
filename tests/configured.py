"""The settings as they are with other variables, read anew in this process."""

import os
import re
import runpy
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic_site import environment

ROOT = Path(__file__).parents[1]
SECRET = "a-random-secret-of-more-than-thirty-two-characters"
TABLE = (ROOT / "README.md").read_text().partition("## Configuration")[2].partition("\n## ")[0]
VARIABLES = [
    name for row in re.findall(r"^\| (`[A-Z].*?) \|", TABLE, re.MULTILINE) for name in re.findall(r"`([A-Z_]+)`", row)
]
OF_FILES = [name for name in VARIABLES if name != "ENV_FILE"]


@pytest.fixture
def configured(monkeypatch, tmp_path):
    """What the settings make of variables: they, or the one line that refuses them."""

    def configure(ours=(), content=""):
        with monkeypatch.context() as context:
            for name in OF_FILES:
                context.delenv(name, raising=False)
            (tmp_path / "variables").write_bytes(content if isinstance(content, bytes) else content.encode())
            before = dict(os.environ)
            os.environ.update(
                {"SECRET_KEY": SECRET} if b"SECRET_KEY=" not in (tmp_path / "variables").read_bytes() else {}
            )
            os.environ.update({"ENV_FILE": str(tmp_path / "variables")} | dict(ours))
            try:
                made = runpy.run_path(str(ROOT / "clinic_site/settings.py"))
            except ImproperlyConfigured as error:
                return str(error)
            finally:
                for name in os.environ.keys() - before.keys():
                    del os.environ[name]
                os.environ.update(before)
            return {name: value for name, value in made.items() if name.isupper()}

    kept = environment.known.copy(), environment.from_file.copy()
    yield configure
    environment.known.clear()
    environment.known.update(kept[0])
    environment.from_file.clear()
    environment.from_file.update(kept[1])
