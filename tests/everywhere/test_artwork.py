import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageChops

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "static" / "img"
ICONS = ROOT / "static" / "icons"


def test_committed_drawings_are_what_the_generator_makes(tmp_path):
    subprocess.run([sys.executable, "-m", "artwork", tmp_path], cwd=ROOT, check=True, capture_output=True, timeout=120)
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.svg")}
    assert len(made) > 25
    assert sorted(made) == sorted(path.name for path in COMMITTED.glob("*.svg"))
    assert [name for name, content in made.items() if content != (COMMITTED / name).read_bytes()] == []
    icons = {path.name: path for path in ICONS.iterdir()}
    assert sorted(icons) == ["apple-touch-icon.png", "favicon.ico"]
    for name, path in icons.items():  # their bytes depend on the version of zlib
        with Image.open(path) as committed, Image.open(tmp_path / name) as icon:
            assert ImageChops.difference(committed, icon).getbbox() is None, name


def test_favicon_has_every_size_that_systems_ask_for():
    with Image.open(ICONS / "favicon.ico") as icon:
        assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
