"""Layers of fibre under four kinds of pressure: hands, a stroking edge, a roller, and one precise edge.

Schematic, not measured: each technique presses as wide and as deep as the text of the site says.
"""

import math
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from artwork.strands import ONE_AT_A_TIME, Noise, Strands, draw_strands, even, no_strands, steps, strand_style, svg
from artwork.theme import THEMES

WIDTH, HEIGHT = 320, 156
TOP, LAYERS, GAP = 52, 10, 9.6


class Technique(NamedTuple):
    """How far the first layer is pressed down at x, how deep the pressure reaches, and what presses."""

    press: Callable[[float], float]
    depth: float
    outline: str


def _dent(x: float, centre: float, width: float) -> float:
    return math.exp(-(((x - centre) / width) ** 2))


TECHNIQUES = {
    "massage": Technique(
        lambda x: 17 * (_dent(x, 96, 22) + 0.9 * _dent(x, 160, 22) + 0.8 * _dent(x, 224, 22)),
        40,
        "M74 56a22 22 0 0 1 44 0a22 13 0 0 1-44 0M138 55a22 22 0 0 1 44 0a22 13 0 0 1-44 0"
        "M202 53a22 22 0 0 1 44 0a22 13 0 0 1-44 0",
    ),
    "guasha": Technique(
        lambda x: 5 * (_dent(x, 84, 26) + _dent(x, 150, 26) + _dent(x, 216, 26)),
        22,
        "M96 51C104 26 196 14 234 30C250 38 244 50 226 52C190 56 130 56 96 51z",
    ),
    "foam": Technique(
        lambda x: 24 * _dent(x, 160, 74),
        62,
        "M160 8m-33 33a33 33 0 1 0 66 0a33 33 0 1 0-66 0M148 41a12 12 0 1 0 24 0a12 12 0 1 0-24 0",
    ),
    "scraping": Technique(
        lambda x: 44 * _dent(x, 160, 15),
        62,
        "M160 97C156 70 170 34 204 8L217 16C188 40 174 66 170 95C168 100 161 101 160 97z",
    ),
}


def layers(technique: Technique) -> Strands:
    """The layers under one technique, from the skin down; the pressure fades with depth."""
    rnd = random.Random(3)
    strands = no_strands()
    for i in range(LAYERS):
        noise, down = Noise(rnd, 65), i * GAP
        fade = math.exp(-down / technique.depth)
        line = [(x, TOP + down + technique.press(x) * fade + 0.8 * noise(x / 60)) for x in steps(0, WIDTH, 8)]
        strands["abc"[i % 3]].append([*even(line, 17), line[-1]])
    return strands


def group(name: str) -> str:
    technique = TECHNIQUES[name]
    return f'<g id="{name}">{draw_strands(layers(technique))}<path class="t" d="{technique.outline}"/></g>'


def draw() -> Iterator[tuple[str, str]]:
    for theme, palette in THEMES.items():
        tool = f".t{{stroke:{palette.outline};stroke-width:1.5;fill:{palette.steel1};fill-opacity:.35}}"
        style = strand_style(palette, 1.2, tool + ONE_AT_A_TIME)
        yield f"press-{theme}.svg", svg(WIDTH, HEIGHT, "".join(map(group, TECHNIQUES)), style)
