import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_readme_names_every_variable_that_is_read():
    read, readers = set(), r"env\.\w+|boolean|number|text|folder|hosts|networks|bind|site_url|postgresql"
    for path in (*ROOT.glob("clinic_site/*.py"), ROOT / "gunicorn.conf.py"):
        read |= set(re.findall(rf'(?:{readers})\("([A-Z_]+)"', path.read_text()))
    assert len(read) > 7
    assert {name for name in read if f"`{name}`" not in README} == set()


def test_readme_names_the_targets_of_make_and_no_others():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"\bmake ([a-z]+)", README))
    assert targets == set(re.search(r"^\.PHONY: (.+)", makefile, re.MULTILINE)[1].split())
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize(("path", "least"), [("README.md", 5), ("docs/architecture.md", 25)])
def test_files_and_folders_that_are_named_are_there(path, least):
    text = (ROOT / path).read_text()
    named = {*re.findall(r"\]\(([^)]+)\)", text), *re.findall(r"`([a-z_.]+/[a-z_./]*)`", text)} - {"data/"}
    assert len(named) >= least
    places = (ROOT, ROOT / "tests", ROOT / "publishing")
    assert {name for name in named if not any((place / name).exists() for place in places)} == set()
