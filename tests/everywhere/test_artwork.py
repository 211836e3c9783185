import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "static" / "img"


def test_committed_drawings_are_what_the_generator_makes(tmp_path):
    subprocess.run([sys.executable, "-m", "artwork", tmp_path], cwd=ROOT, check=True, capture_output=True, timeout=120)
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.svg")}
    assert len(made) > 25
    assert sorted(made) == sorted(path.name for path in COMMITTED.glob("*.svg"))
    assert [name for name, content in made.items() if content != (COMMITTED / name).read_bytes()] == []
