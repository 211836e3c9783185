"""The scene of a page head in one file: `#knots` is the muscle tangled, `#ease` the same muscle calm, `#tool` the tool.

The page lays the calm muscle over the tangled one, cuts it along the edge of the tool, and lays the tool there.
"""

import math
import random
from collections.abc import Iterator
from typing import NamedTuple

from artwork import tool
from artwork.strands import (
    ONE_AT_A_TIME,
    Knot,
    Noise,
    Strands,
    belly,
    draw_strands,
    even,
    no_strands,
    steps,
    svg,
    swirl,
)
from artwork.theme import THEMES, Palette

WIDTH, HEIGHT = 1600, 480
COUNT = 58
TANGLED_WIDTH = 990  # further right the calm drawing always covers it
KNOTS = (
    Knot(210, 258, 80, 4.6, 1.12),
    Knot(408, 190, 50, -4.0, 1.1),
    Knot(520, 322, 58, 4.0, 1.1),
    Knot(722, 224, 80, -4.7, 1.12),
    Knot(22, 206, 46, -3.6, 1.1),
    Knot(928, 318, 54, 3.9, 1.1),
    Knot(965, 150, 50, -3.8, 1.1),
)


class Fibre(NamedTuple):
    place: float
    tone: str
    wave: Noise
    shiver: Noise
    reach: float

    def calm(self, x: float) -> float:
        t = self.place
        bend = 10 * math.sin(x / WIDTH * 5.2 + 0.6)
        return HEIGHT / 2 + bend + t * belly(x, WIDTH, 112, 204) + 5 * t * math.sin(x / 210)

    def tangled(self, x: float) -> float:
        loose = 1 - 0.6 * abs(self.place)
        return self.calm(x) + loose * (self.reach * self.wave(x / 150) + 2.5 * self.shiver(x / 48))


def fibres() -> list[Fibre]:
    rnd = random.Random(7)
    places = [-1 + 2 * (i + 0.5) / COUNT for i in range(COUNT)]
    places = [place + rnd.uniform(-0.4, 0.4) / COUNT for place in places]
    ranks = [rnd.random() for _ in places]
    found = []
    for i, (place, rank) in enumerate(zip(places, ranks, strict=True)):
        is_stray = i % 6 == 3 and COUNT * 0.1 < i < COUNT * 0.9  # a few fibres cross the others
        tone = "a" if rank > 0.74 else "b" if rank > 0.36 else "c"
        found.append(Fibre(place, tone, Noise(rnd), Noise(rnd), 46 if is_stray else 8))
    return found


def knotted() -> Strands:
    strands = no_strands()
    for fibre in fibres():
        dense = [swirl((x, fibre.tangled(x)), KNOTS) for x in steps(-70, TANGLED_WIDTH + 80, 1.5)]
        strands[fibre.tone].append(even(dense, 24))
    return strands


def calm() -> Strands:
    strands = no_strands()
    for fibre in fibres():
        strands[fibre.tone].append([(x, fibre.calm(x)) for x in steps(-40, WIDTH + 200, 200)])
    return strands


def style(palette: Palette, extra: str = "") -> str:
    return (
        f"<style>.a{{stroke:{palette.deep};stroke-width:1.4}}.b{{stroke:{palette.mid};stroke-width:1.2}}"
        f".c{{stroke:{palette.soft};stroke-width:1.1}}{extra}</style>"
    )


def blade(palette: Palette) -> str:
    size = f"0 0 {tool.WIDTH} {tool.HEIGHT}"
    return f'<svg id="tool" viewBox="{size}" preserveAspectRatio="none">{tool.body(palette)}</svg>'


def draw() -> Iterator[tuple[str, str]]:
    tangle, ease = draw_strands(knotted()), draw_strands(calm())
    for theme, palette in THEMES.items():
        scene = f'<g id="knots">{tangle}</g><g id="ease">{ease}</g>{blade(palette)}'
        yield f"hero-{theme}.svg", svg(WIDTH, HEIGHT, scene, style(palette, ONE_AT_A_TIME), "none")
