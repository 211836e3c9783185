"""Layers of fiber under four techniques: hands that knead, a stroking stone, a roller, and the edge of the tool.

Schematic, not measured: each presses as wide and as deep as the text of the site says. The tool's edge is drawn three
times on its way from right to left: the fibers behind it are calm.
"""

import math
import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from artwork.strands import (
    ONE_AT_A_TIME,
    Knot,
    Line,
    Noise,
    Strands,
    draw_strands,
    even,
    no_strands,
    smooth,
    steps,
    strand_style,
    svg,
    swirl,
)
from artwork.theme import THEMES

WIDTH, HEIGHT = 320, 156
TOP, LAYERS, GAP = 56, 10, 9.6


class Technique(NamedTuple):
    """How far the first layer is pressed down at x, how deep that reaches, what presses, and up to where it is calm."""

    press: Callable[[float], float]
    depth: float
    outline: str
    calm_from: float = 0


def _dent(x: float, centre: float, width: float) -> float:
    return math.exp(-(((x - centre) / width) ** 2))


# A hand from the front: wrist, four fingers, thumb; and the lines between its fingers.
HAND = (
    "M87-4C86 9 73 15 72 31V52a6 6 0 0 0 12 0V56a6 6 0 0 0 12 0V58a6 6 0 0 0 12 0V54a6 6 0 0 0 12 0V43"
    "C124 50 131 57 137 54C143 51 140 44 136 38C129 27 118 15 115-4"
)
FINGERS = "M84 53V33M96 57V31M108 58V31M120 43C119 39 117 35 113 32"


def both_hands() -> str:
    hand = f'<path class="hand" d="{HAND}"/><path class="hand line" d="{FINGERS}"/>'
    return f'{hand}<g transform="matrix(-1 0 0 1 {WIDTH} 0)">{hand}</g>'


def edge(x: float) -> str:
    left, right, y = x - 10, x + 10, TOP + 9
    blade = f"M{left:g} {y - 12}L{x + 46:g} -8L{x + 72:g} 12L{right:g} {y - 4}A12 12 0 0 1 {left:g} {y - 12}z"
    return f'<path class="t" d="{blade}"/>'


def gliding(x: float) -> Technique:
    return Technique(lambda at: 9 * _dent(at, x, 20), 120, edge(x), x)


TECHNIQUES = {
    "massage": Technique(
        lambda x: 10 * (_dent(x, 90, 26) + _dent(x, 230, 26)) - 8 * _dent(x, 160, 15),
        40,
        both_hands(),
    ),
    "guasha": Technique(
        lambda x: 5 * (_dent(x, 84, 26) + _dent(x, 150, 26) + _dent(x, 216, 26)),
        22,
        '<path class="t" d="M96 55C104 30 196 18 234 34C250 42 244 54 226 56C190 60 130 60 96 55z"/>',
    ),
    "foam": Technique(
        lambda x: 24 * _dent(x, 160, 74),
        62,
        '<path class="t" d="M127 45a33 33 0 1 0 66 0a33 33 0 1 0-66 0M148 45a12 12 0 1 0 24 0a12 12 0 1 0-24 0"/>',
    ),
    "scraping-1": gliding(228),
    "scraping-2": gliding(156),
    "scraping-3": gliding(84),
}
KNOTS = (Knot(44, 96, 20, 3.6, 1.1), Knot(112, 116, 22, -3.4, 1.1), Knot(178, 92, 19, 3.4, 1.1))


def layers(technique: Technique) -> Strands:
    rnd = random.Random(3)
    strands = no_strands()
    for i in range(LAYERS):
        noise, down = Noise(rnd, 65), i * GAP
        fade = math.exp(-down / technique.depth)

        def height(x: float, noise: Noise = noise, down: float = down, fade: float = fade) -> float:
            return TOP + down + technique.press(x) * fade + 0.8 * noise(x / 60)

        line = [(x, height(x)) for x in steps(0, WIDTH, 8)]
        if technique.calm_from:
            line = tangled(line, technique.calm_from, noise)
        strands["abc"[i % 3]].append([*even(line, 17 if not technique.calm_from else 9), line[-1]])
    return strands


def tangled(calm: Line, until: float, noise: Noise) -> Line:
    knots = [knot for knot in KNOTS if knot.x + knot.radius < until]
    loose = [(x, y + 5 * (1 - smooth(until - 46, until - 8, x)) * noise(x / 23)) for x, y in calm]
    found = []
    for (x, y), (next_x, next_y) in pairwise(loose):
        found += [swirl((x + (next_x - x) * t / 6, y + (next_y - y) * t / 6), knots) for t in range(6)]
    return [*found, loose[-1]]


def group(name: str) -> str:
    technique = TECHNIQUES[name]
    return f'<g id="{name}">{draw_strands(layers(technique))}{technique.outline}</g>'


def draw() -> Iterator[tuple[str, str]]:
    for theme, palette in THEMES.items():
        tool = (
            f".t{{stroke:{palette.outline};stroke-width:1.5;fill:{palette.steel1};fill-opacity:.6}}"
            f".hand{{stroke:{palette.deep};stroke-width:1.5;fill:{palette.ground}}}.line{{fill:none}}"
        )
        style = strand_style(palette, 1.2, tool + ONE_AT_A_TIME)
        yield f"press-{theme}.svg", svg(WIDTH, HEIGHT, "".join(map(group, TECHNIQUES)), style)
