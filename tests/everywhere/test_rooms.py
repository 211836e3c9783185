"""The house has one direction: a room imports only from itself and the rooms to its right."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "clinic_site",
    "backups",
    "accounts",
    "pages",
    "testimonials",
    "services",
    "pictures",
    "addresses.admin",
    "publishing.staff",
    "publishing.revisions",
    "publishing",
    "addresses",
    "pagecache",
)


def room_of(module):
    """The room that a module belongs to, or None where it is none of ours."""
    return next((room for room in ROOMS if module == room or module.startswith(f"{room}.")), None)


def imported(path):
    """The modules that a file imports; of `from a import b` both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


FILES = [path for room in ROOMS if "." not in room for path in (ROOT / room).rglob("*.py")]
FILES = [path for path in FILES if "migrations" not in path.parts]


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_imports_only_from_rooms_to_its_right(room):
    allowed = {*ROOMS[ROOMS.index(room) :], None}
    files = [path for path in FILES if room_of(module_of(path)) == room]
    assert files, "there is no such room"
    assert [(module_of(path), name) for path in files for name in imported(path) if room_of(name) not in allowed] == []
