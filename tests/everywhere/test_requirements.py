from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_lock_carries_hashes_and_no_address(name):
    text = (REQUIREMENTS / name).read_text()
    assert text.count("==") > 10
    assert text.count("--hash=sha256:") >= text.count("==")
    assert "://" not in text
    assert "index" not in text
