"""The tangled start of the session ruler. The page continues its fibres, for a session of any length.

There are 30 fibres, counted i = 0..29 from the top. Fibre i leaves the right edge, x = 324, exactly level at
y = 62 + 46 * t with t = -1 + 2 * (i + 0.5) / 30, rounded to a tenth, and has the tone "acbcabcbac"[i % 10].
Lines that continue there begin exactly at that edge, as overlapping ones would show a seam, and are 1.3 pixels wide
however the drawing is stretched (`vector-effect: non-scaling-stroke`).
"""

import math
import random
from collections.abc import Iterator

from artwork.strands import Knot, Noise, Strands, draw_strands, fit, no_strands, smooth, steps, strand_style, svg, swirl
from artwork.theme import THEMES

WIDTH, HEIGHT = 324, 150
START, CALM = 4, 312  # between these two the fibres come to rest
MIDDLE, HALF, COUNT = 62, 46, 30
PATTERN = "acbcabcbac"
KNOTS = (
    Knot(92, 70, 30, 4.6, 1.1),
    Knot(196, 48, 20, -4),
    Knot(214, 90, 15, 3.6),
    Knot(28, 38, 16, -3.2),
)


def level(i: int) -> float:
    return MIDDLE + HALF * (-1 + 2 * (i + 0.5) / COUNT)


def strands() -> Strands:
    rnd = random.Random(11)
    found = no_strands()
    for i in range(COUNT):
        shift, noise = HALF * rnd.uniform(-0.3, 0.3) / COUNT, Noise(rnd)
        dense = []
        for x in steps(START, CALM, 1):
            loose = 1 - smooth(CALM * 0.55, CALM, x)
            spread = (level(i) - MIDDLE) * (1 + 0.28 * loose * math.sin(x / 60))
            dense.append(swirl((x, MIDDLE + spread + loose * (shift + 5 * noise(x / 46))), KNOTS))
        found[PATTERN[i % len(PATTERN)]].append([*fit(dense, 11), (WIDTH, level(i)), (WIDTH + 12, level(i))])
    return found


def draw() -> Iterator[tuple[str, str]]:
    body = draw_strands(strands(), 1)
    for theme, palette in THEMES.items():
        yield f"ruler-knots-{theme}.svg", svg(WIDTH, HEIGHT, body, strand_style(palette, 1.3), "none")
