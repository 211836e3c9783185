import re
from pathlib import Path

import pytest
from django.core.management import call_command

from clinic_site.storage import joined

IMG = Path(__file__).parents[2] / "static" / "img"


@pytest.fixture
def collected(settings, tmp_path):
    """The static files as production gathers them: their folder."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "clinic_site.storage.JoinedStaticFilesStorage"}}
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_imports_are_joined_in_their_layers():
    text = '@layer a, b;\n@import "x.css" layer(a);\n/* why */\nbody {\n  margin: 0;\n}\n'
    assert joined(text, {"x.css": "p {\n  top: 0;\n}\n"}.get) == "@layer a, b;@layer a{p {top: 0;}}body {margin: 0;}"


def test_collected_sheet_is_one_compressed_file_with_hashed_pictures(collected):
    (sheet,) = (path for path in collected.glob("css/site.*.css") if re.fullmatch(r"site\.\w{12}\.css", path.name))
    text = sheet.read_text()
    assert "@import" not in text
    assert "/*" not in text
    for layer in ("tokens", "base", "layout", "components", "modes"):
        assert f"@layer {layer}{{" in text
    urls = re.findall(r"url\(([^)]+)\)", text)
    assert len(urls) > 10
    for url in urls:
        assert re.search(r"\.\w{12}\.\w+\"?$", url), url
        assert (collected / url.strip('"').removeprefix("/static/")).is_file(), url
    for suffix in (".br", ".gz"):
        assert sheet.with_name(sheet.name + suffix).stat().st_size < len(text) / 3


def test_second_gathering_follows_a_change_and_compresses_nothing_twice(collected, settings):
    before = {path: path.stat().st_mtime_ns for path in collected.rglob("*.br")}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert {path: path.stat().st_mtime_ns for path in collected.rglob("*.br")} == before


def test_share_picture_is_a_png_of_the_size_that_pages_promise():
    header = (IMG / "share.png").read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(header[16:20]), int.from_bytes(header[20:24])) == (1200, 630)
