"""The vertical thread on which the steps of a session hang, in three pieces that join, in one file.

`#knots` is a tile beside the first step, `#turn` lets the knots go beside the second, `#ease` runs beside the rest.
"""

import math
import random
from collections.abc import Iterator
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
    tones,
)
from artwork.theme import THEMES

WIDTH, LENGTH = 60, 420
PATTERN = "abccbacbcabc"
KNOTS = (
    Knot(58, 32, 22, 4.5, 1.1),
    Knot(136, 26, 18, -4),
    Knot(214, 35, 20, 4),
    Knot(296, 28, 20, -4.2),
    Knot(366, 34, 15, 3.4),
)
LAST_KNOTS = (Knot(64, 31, 17, 3.6), Knot(142, 28, 13, -2.7), Knot(214, 32, 10, 1.6))


class Fibre(NamedTuple):
    tone: str
    place: float
    noise: Noise

    def height(self, x: float, loose: float) -> float:
        sway = 1 + 0.28 * loose * math.sin(x * 4 * math.pi / LENGTH)
        return 30 + self.place * 20 * sway + 5 * loose * self.noise(x * 8 / LENGTH)


def fibres() -> list[Fibre]:
    rnd = random.Random(9)
    count = len(PATTERN)
    return [
        Fibre(tone, -1 + 2 * (i + 0.5) / count + rnd.uniform(-0.3, 0.3) / count, Noise(rnd, 8))
        for i, tone in enumerate(PATTERN)
    ]


def _moved(by: float) -> list[Knot]:
    return [knot._replace(x=knot.x + by) for knot in KNOTS]


def _upright(line: Line) -> Line:
    return [(y, x) for x, y in line]


def knotted() -> Strands:
    knots = [knot for pair in zip(_moved(-LENGTH), KNOTS, _moved(LENGTH), strict=True) for knot in pair]
    strands = no_strands()
    for fibre in fibres():
        dense = [swirl((x, fibre.height(x, 1)), knots) for x in steps(-21, LENGTH + 21, 1.5)]
        strands[fibre.tone].append(_upright(even(dense, 8)))
    return strands


def turning() -> Strands:
    knots = [*_moved(-LENGTH), *LAST_KNOTS]
    strands = no_strands()
    for fibre in fibres():
        line = [(x, fibre.height(x, 1 - smooth(0, 330, x))) for x in steps(-21, LENGTH + 21, 1.5)]
        strands[fibre.tone].append(_upright(even([swirl(point, knots) for point in line], 10)))
    return strands


def calm() -> str:
    data: dict[str, list[str]] = {"c": [], "b": [], "a": []}
    for fibre in fibres():
        data[fibre.tone].append(f"M{fibre.height(0, 0):.1f} -5V105")
    return tones(data)


def draw() -> Iterator[tuple[str, str]]:
    pieces = f'<g id="knots">{draw_strands(knotted())}</g><g id="turn">{draw_strands(turning())}</g>'
    pieces += f'<svg id="ease" viewBox="0 0 {WIDTH} 100" preserveAspectRatio="none">{calm()}</svg>'
    for theme, palette in THEMES.items():
        style = strand_style(palette, 1.1, ONE_AT_A_TIME)
        yield f"thread-{theme}.svg", svg(WIDTH, LENGTH, pieces, style, "none")
