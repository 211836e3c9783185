import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.txt"))


def locked(path):
    """{name: version} of what a lock installs."""
    return dict(re.findall(r"^([\w.-]+)(?:\[.*?\])?==([\w.]+)", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_carries_hashes_and_no_address(path):
    text = path.read_text()
    packages = re.split(r"\n(?! )", text.strip())
    assert [line for line in packages if not re.match(r"[\w.\[\]-]+==.*\\\n +--hash=sha256:", line)] == []
    assert "://" not in text
    assert "index" not in text


def test_each_list_has_its_lock():
    assert [path.stem for path in LOCKS] == sorted(path.stem for path in REQUIREMENTS.glob("*.in"))
    assert {"dev", "postgres", "run"} <= {path.stem for path in LOCKS}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_locks_agree(path):
    ours, run = locked(path), locked(REQUIREMENTS / "run.txt")
    assert ours
    differing = {name for name in ours.keys() & run.keys() if ours[name] != run[name]}
    assert differing == ({"django"} if path.stem == "next" else set())


def test_tools_of_the_scripts_are_locked_with_hashes_and_no_address():
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["devDependencies"] == wanted
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []
