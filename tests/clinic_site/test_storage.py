import re
from pathlib import Path

import pytest
from django.core.management import call_command

from clinic_site.storage import join_imports, minify

IMG = Path(__file__).parents[2] / "static" / "img"


def test_imports_are_joined_in_their_layers():
    text = '@layer a, b;\n@import "x.css" layer(a);\n/* why */\nbody {\n  margin: 0;\n}\n'
    assert join_imports(text, {"x.css": "p {\n  top: 0;\n}\n"}.get) == "@layer a,b;@layer a{p{top:0}}body{margin:0}"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a :hover {\n  color: red;\n}\n", "a :hover{color:red}"),
        (
            "@media (min-width: 48rem) {\n  a > b + c {\n    top: calc(1px - 0.5rem);\n  }\n}\n",
            "@media (min-width:48rem){a>b + c{top:calc(1px - .5rem)}}",
        ),
        ("a {\n  margin: 10.5px -0.5em 0;\n}\n", "a{margin:10.5px -.5em 0}"),
        (":root {\n  --red: #f00;\n  --ink: var(--red);\n}\n", ":root{--ink:#f00}"),
    ],
)
def test_sheet_is_minified_without_a_change_of_meaning(text, result):
    assert minify(text) == result


def test_collected_sheet_is_one_compressed_file_with_hashed_pictures(collected):
    (sheet,) = (path for path in collected.glob("css/site.*.css") if re.fullmatch(r"site\.\w{12}\.css", path.name))
    text = sheet.read_text()
    assert "@import" not in text
    assert "/*" not in text
    for layer in ("tokens", "base", "layout", "components", "modes"):
        assert f"@layer {layer}{{" in text
    urls = re.findall(r"url\(([^)]+)\)", text)
    assert len(urls) > 10
    for url in (url.strip('"').partition("#")[0] for url in urls):
        assert re.search(r"\.\w{12}\.\w+$", url), url
        assert (collected / url.removeprefix("/static/")).is_file(), url
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
