import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_readme_names_every_variable_that_is_read():
    read = set()
    for path in (*ROOT.glob("clinic_site/*.py"), ROOT / "gunicorn.conf.py"):
        read |= set(re.findall(r'(?:env\.\w+|truth|number|site_url|postgresql)\("([A-Z_]+)"', path.read_text()))
    assert len(read) > 7
    assert {name for name in read if f"`{name}`" not in README} == set()


def test_readme_names_the_targets_of_make_and_no_others():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"\bmake ([a-z]+)", README))
    assert targets == set(re.search(r"^\.PHONY: (.+)", makefile, re.MULTILINE)[1].split())
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


def test_pictures_and_folders_of_the_readme_are_there():
    named = {*re.findall(r"\]\(([^)]+)\)", README), *re.findall(r"`([a-z_]+/[a-z_./]*)`", README)} - {"data/"}
    assert len(named) > 10
    assert {path for path in named if not (ROOT / path).exists() and not (ROOT / "tests" / path).exists()} == set()
