"""The drawing of the page that is not there: fibres that tangle where the digits 404 stand.

Needs Pillow and fontTools beside the standard library, to turn the digits into a mask.
"""

import random
from collections.abc import Iterable, Iterator
from io import BytesIO

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from artwork.strands import Line, Noise, Point, Strands, draw_strands, fit, no_strands, steps, strand_style, svg
from artwork.theme import FONT, THEMES

WIDTH, HEIGHT = 1200, 440
COUNT = 62


class Mask:
    def __init__(self, digits: Image.Image, blur: float) -> None:
        self.pixels = digits.filter(ImageFilter.GaussianBlur(blur)).tobytes()

    def __call__(self, x: float, y: float) -> float:
        column, row = min(WIDTH - 1, max(0, int(x))), min(HEIGHT - 1, max(0, int(y)))
        return self.pixels[row * WIDTH + column] / 255


def digits() -> Image.Image:
    typeface = TTFont(FONT)
    typeface.flavor = None  # Pillow does not read woff2
    plain = BytesIO()
    typeface.save(plain)
    plain.seek(0)
    bold = ImageFont.truetype(plain, 540)
    bold.set_variation_by_axes([700])
    image = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(image).text((WIDTH / 2, HEIGHT / 2 + 4), "404", font=bold, fill=255, anchor="mm")
    return image


def pieces(points: Iterable[tuple[Point, bool]]) -> Iterator[tuple[Line, bool]]:
    run: Line = []
    inside = False
    for point, is_in in points:
        run.append(point)
        if is_in != inside:
            yield run, inside
            run, inside = [point], is_in
    yield run, inside


def strands() -> Strands:
    hard, soft = Mask(digits(), 3), Mask(digits(), 9)
    rnd = random.Random(12)
    found = no_strands()
    for i in range(COUNT):
        level = 20 + i * (HEIGHT - 40) / (COUNT - 1)
        wave, shiver, rank = Noise(rnd), Noise(rnd), rnd.random()
        points = []
        for x in steps(-20, WIDTH + 20, 1):
            depth = hard(x, level)
            y = level - 5 * soft(x, level) + depth * (11 * wave(x / 12) + 5 * shiver(x / 6))
            points.append(((x, y), depth > 0.5))
        for line, inside in pieces(points):
            tone = "a" if inside else "b" if rank > 0.7 else "c"
            found[tone].append(fit(line, 8 if inside else 60))
    return found


def draw() -> Iterator[tuple[str, str]]:
    body = draw_strands(strands())
    for theme, palette in THEMES.items():
        yield f"lost-{theme}.svg", svg(WIDTH, HEIGHT, body, strand_style(palette, 1.25))
