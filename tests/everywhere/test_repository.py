"""The files that people look for in a repository say what is so."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README, CONTRIBUTING, SECURITY, CHANGELOG = (
    (ROOT / f"{name}.md").read_text() for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")
)


def test_hooks_call_make_lint_and_fetch_nothing():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (\S+)", hooks) == ["local"]
    assert re.findall(r"entry: (.+)", hooks) == ["make lint"]
    assert re.findall(r"language: (.+)", hooks) == ["system"]


def test_license_of_the_font_is_named_and_there():
    license_of_the_font = README.partition("## License")[2]
    assert "None is chosen yet" in license_of_the_font
    assert "SIL Open Font License 1.1" in license_of_the_font
    assert "SIL Open Font License, Version 1.1" in (ROOT / "static/fonts/OFL.txt").read_text()


@pytest.mark.parametrize("text", [CONTRIBUTING, CHANGELOG], ids=["CONTRIBUTING", "CHANGELOG"])
def test_commands_and_files_that_are_named_are_there(text):
    makefile = (ROOT / "Makefile").read_text()
    assert {name for name in re.findall(r"`make ([a-z]+)", text) if f"\n{name}:" not in makefile} == set()
    files = {name for name in re.findall(r"`([\w.]+/[\w./]*|[A-Z]+\.md)`", text) if not (ROOT / name).exists()}
    assert files == set()


def test_contributing_fits_on_one_screen():
    assert len(CONTRIBUTING.splitlines()) <= 40


def test_weaknesses_are_reported_through_the_repository_alone():
    assert "private vulnerability reporting" in SECURITY
    assert "@" not in SECURITY
    assert "://" not in SECURITY


def test_changelog_has_what_is_not_released_in_the_known_sections():
    assert re.findall(r"^## (.+)", CHANGELOG, re.MULTILINE) == ["Unreleased"]
    sections = re.findall(r"^### (.+)", CHANGELOG, re.MULTILINE)
    assert sections == [name for name in ("Added", "Changed", "Deprecated", "Removed", "Fixed") if name in sections]
