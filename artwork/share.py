"""The picture that other sites show beside a link: the muscle, half of it calm behind the tool, and the clinic's name.

The words come from the fixture with the clinic's content. The picture is rendered by Chromium and then reduced to a
palette; unlike the other drawings its bytes depend on the Chromium at hand.
"""

import base64
import json
import math
import shutil
import subprocess
import tempfile
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from artwork import hero, tool
from artwork.strands import draw_strands, path
from artwork.theme import FONT, ROOT, THEMES

WIDTH, HEIGHT = 1200, 630
CONTENT = ROOT / "pages" / "fixtures" / "clinic.json"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--window-size={WIDTH},{HEIGHT}",
)
TOOL_X = 820  # on the coordinates of the muscle
COLOURS = 160

PAGE = """<!doctype html>
<meta charset="utf-8">
<style>
@font-face {{ font-family: Y; src: url(data:font/woff2;base64,{font}); font-weight: 400 700; }}
body {{ margin: 0; position: relative; width: {width}px; height: {height}px; overflow: hidden; font-family: Y; }}
body {{ background: {ground}; color: {ink}; }}
svg {{ position: absolute; inset: 0; }}
h1 {{ position: absolute; left: 64px; top: 42px; margin: 0; font: 600 84px/1 Y; letter-spacing: -.028em; }}
p {{ position: absolute; inset: auto 64px 34px 66px; display: flex; justify-content: space-between; gap: 1em; }}
p {{ margin: 0; font-size: 31px; font-weight: 500; color: {quiet_ink}; }}
</style>
{drawing}<h1>{name}</h1><p><span>{service}</span><span>{address}</span></p>
"""


def drawing() -> str:
    places = [math.sin(math.pi / 2 * i / 20) for i in range(-20, 21)]
    edge = path([(TOOL_X + tool.ellipse_x(v), (1 + v) * tool.HEIGHT / 2) for v in places], 1)
    palette = THEMES["light"]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke-linecap="round">'
        f'{hero.style(palette)}<clipPath id="l"><path d="{edge}H-60V0z"/></clipPath>'
        f'<clipPath id="r"><path d="{edge}H1700V0z"/></clipPath><g transform="translate(-80 146) scale(.82)">'
        f'<g clip-path="url(#l)">{draw_strands(hero.knotted())}</g>'
        f'<g clip-path="url(#r)">{draw_strands(hero.calm())}</g>'
        f'<g transform="translate({TOOL_X - 2} 0)">{tool.body(palette)}</g></g></svg>'
    )


def words() -> dict[str, str]:
    content = json.loads(CONTENT.read_text(encoding="utf-8"))

    def first(model: str) -> dict[str, Any]:
        return next(item["fields"] for item in content if item["model"] == model)

    clinic, service = first("pages.clinic"), first("services.service")
    address = "{street}, {city}, {state} {postal_code}".format(**clinic)
    return {"name": escape(clinic["name"]), "service": escape(service["title"]), "address": escape(address)}


def page() -> str:
    font, colours = base64.b64encode(FONT.read_bytes()).decode(), THEMES["light"]._asdict()
    return PAGE.format(font=font, width=WIDTH, height=HEIGHT, drawing=drawing(), **colours, **words())


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def render(browser: str) -> bytes:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, target = folder / "share.html", folder / "share.png"
        source.write_text(page(), encoding="utf-8")
        own = (f"--user-data-dir={folder / 'profile'}", f"--screenshot={target}", source.as_uri())
        subprocess.run([browser, *FLAGS, *own], check=True, capture_output=True, timeout=60)  # noqa: S603 own words
        picture = Image.open(target).convert("RGB").crop((0, 0, WIDTH, HEIGHT))
    return reduced(picture)


def reduced(picture: Image.Image) -> bytes:
    output = BytesIO()
    palette = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    palette.save(output, "PNG", optimize=True)
    return output.getvalue()
