"""The house has eight rooms and one direction: an app imports only from apps to its right."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("clinic_site", "appointments", "pages", "testimonials", "services", "pictures", "publishing")


def imported(path):
    """The top-level packages that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_imports_only_from_rooms_to_its_right(room):
    allowed = set(ROOMS[ROOMS.index(room) :])
    files = [path for path in ROOT.glob(f"{room}/**/*.py") if "migrations" not in path.parts]
    wrong = {(path.name, name) for path in files for name in imported(path) if name in ROOMS} - {
        (path.name, name) for path in files for name in allowed
    }
    assert wrong == set()


def test_there_is_at_least_one_room_to_look_at():
    assert {room for room in ROOMS if (ROOT / room).is_dir()} >= {"clinic_site", "pages", "services", "publishing"}
