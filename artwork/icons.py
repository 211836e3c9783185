"""The mark as pixels, for what shows no SVG: `favicon.ico`, and the icon of a phone's home screen."""

import re
from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageDraw

from artwork.mark import CALM, EDGE, KNOT
from artwork.strands import Line
from artwork.theme import THEMES

UNITS = 32  # the side of the mark's drawing
FAVICON = (16, 32, 48)
HOME_SCREEN, MARGIN = 180, 30
FINER = 8  # drawn so many times larger, then reduced
TOKEN = re.compile(r"[MchH]|-?\d*\.?\d+")


def curves(markup: str) -> list[Line]:
    found: list[Line] = []
    command = ""
    values: list[float] = []
    for token in TOKEN.findall("".join(re.findall(r' d="([^"]+)"', markup))):
        if token.isalpha():
            command, values = token, []
            continue
        values.append(float(token))
        if command == "M" and len(values) == 2:
            found.append([(values[0], values[1])])
            command, values = "c", []
        elif command in "hH" and len(values) == 1:
            x, y = found[-1][-1]
            found[-1].append((values.pop() + (x if command == "h" else 0), y))
        elif command == "c" and len(values) == 6:
            found[-1] += bezier(found[-1][-1], values)
            values = []
    return found


def bezier(start: tuple[float, float], offsets: list[float], pieces: int = 24) -> Line:
    corners = [start, *((start[0] + offsets[i], start[1] + offsets[i + 1]) for i in (0, 2, 4))]
    points = []
    for t in (i / pieces for i in range(1, pieces + 1)):
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        weighted = [(w * x, w * y) for w, (x, y) in zip(weights, corners, strict=True)]
        points.append((sum(x for x, _ in weighted), sum(y for _, y in weighted)))
    return points


def mark(size: int, margin: int = 0, ground: str = "") -> Image.Image:
    side, palette = size * FINER, THEMES["light"]
    image = Image.new("RGBA", (side, side), ground or (0, 0, 0, 0))
    pen, scale = ImageDraw.Draw(image), (size - 2 * margin) * FINER / UNITS
    for markup, colour, width in ((KNOT + CALM, palette.deep, 2.2), (EDGE, palette.tool, 3.2)):
        for line in curves(markup):
            points = [(margin * FINER + x * scale, margin * FINER + y * scale) for x, y in line]
            pen.line(points, colour, round(width * scale), "curve")
            for x, y in (points[0], points[-1]):
                pen.circle((x, y), width * scale / 2, colour)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def draw() -> Iterator[tuple[str, bytes]]:
    *smaller, largest = [mark(size) for size in FAVICON]
    icon, touch = BytesIO(), BytesIO()
    largest.save(icon, "ICO", sizes=[(size, size) for size in FAVICON], append_images=smaller)
    mark(HOME_SCREEN, MARGIN, THEMES["light"].ground).convert("RGB").save(touch, "PNG", optimize=True)
    yield "favicon.ico", icon.getvalue()
    yield "apple-touch-icon.png", touch.getvalue()
