"""Muscle fibres: how a strand runs, how a knot turns it, and how it is written as SVG.

A line is a list of points. Strands are lines sorted by tone: "a" deep, "b" mid, "c" soft, the class that colours
them in the drawing. Soft strands are drawn first, so that deep ones lie on top.
"""

import math
import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from artwork.theme import Palette

Point = tuple[float, float]
Line = list[Point]
Strands = dict[str, list[Line]]

# Style of a file that holds several drawings, of which its fragment (`#name`) shows one.
ONE_AT_A_TIME = "svg>[id]{display:none}svg>:target{display:inline}"


class Knot(NamedTuple):
    x: float
    y: float
    radius: float
    turn: float
    squash: float = 1


class Noise:
    def __init__(self, rnd: random.Random, period: int = 64) -> None:
        self.values = [rnd.uniform(-1, 1) for _ in range(period)]

    def __call__(self, x: float) -> float:
        i = math.floor(x)
        t = x - i
        t = t * t * (3 - 2 * t)
        a, b = self.values[i % len(self.values)], self.values[(i + 1) % len(self.values)]
        return a + (b - a) * t


def smooth(start: float, stop: float, x: float) -> float:
    t = max(0, min(1, (x - start) / (stop - start)))
    return t * t * (3 - 2 * t)


def belly(x: float, width: float, low: float, high: float) -> float:
    return low + (high - low) * math.pow(math.sin(math.pi * max(0, min(1, x / width))), 1.35)


def steps(start: float, stop: float, step: float) -> list[float]:
    return [start + i * step for i in range(math.floor((stop - start) / step) + 1)]


def swirl(point: Point, knots: Iterable[Knot]) -> Point:
    """Turn the plane round each knot; the turn dies away from its centre."""
    x, y = point
    for knot in knots:
        dx, dy = x - knot.x, (y - knot.y) * knot.squash
        distance = (dx * dx + dy * dy) / (knot.radius * knot.radius)
        if distance > 9:
            continue
        angle = knot.turn * math.exp(-distance)
        pull = 1 - 0.34 * math.exp(-distance * 1.4)  # a knot draws fibres in
        cos, sin = math.cos(angle), math.sin(angle)
        dx, dy = (dx * cos - dy * sin) * pull, (dx * sin + dy * cos) * pull
        x, y = knot.x + dx, knot.y + dy / knot.squash
    return x, y


def length(line: Line) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(line))


def even(line: Line, step: float) -> Line:
    points, passed = [line[0]], 0.0
    for a, b in pairwise(line):
        here, distance = a, math.hypot(b[0] - a[0], b[1] - a[1])
        while passed + distance >= step:
            t = (step - passed) / distance
            here = (here[0] + (b[0] - here[0]) * t, here[1] + (b[1] - here[1]) * t)
            points.append(here)
            distance, passed = math.hypot(b[0] - here[0], b[1] - here[1]), 0.0
        passed += distance
    return points


def fit(line: Line, step: float) -> Line:
    """Like `even`, with the step changed a little so that the last point is the end of the line."""
    whole = length(line)
    count = max(1, round(whole / step))
    return [*even(line, whole / count * 1.0001)[:count], line[-1]]


def no_strands() -> Strands:
    return {"c": [], "b": [], "a": []}


class Bundle(NamedTuple):
    """A loose bundle of fibres, `half` to each side of `middle`: tangled up to `calm_from`, then parallel.

    Its points lie `step` apart in the tangle and `long_step` apart behind it.
    """

    seed: int
    width: float
    middle: float
    half: float
    fibres: int
    knots: Sequence[Knot]
    calm_from: float
    jitter: float
    step: float
    long_step: float

    def strands(self) -> Strands:
        rnd = random.Random(self.seed)
        found = no_strands()
        for i in range(self.fibres):
            place = -1 + 2 * (i + 0.5) / self.fibres + rnd.uniform(-0.3, 0.3) / self.fibres
            noise, rank = Noise(rnd), rnd.random()
            dense = [swirl((x, self._height(x, place, noise)), self.knots) for x in steps(-30, self.width + 40, 1.5)]
            tangled = [point for point in dense if point[0] < self.calm_from + 20]
            parallel = [point for point in dense if point[0] >= self.calm_from + 20]
            tone = "a" if rank > 0.7 else "b" if rank > 0.35 else "c"
            found[tone].append(even(tangled, self.step) + fit(parallel, self.long_step))
        return found

    def _height(self, x: float, place: float, noise: Noise) -> float:
        loose = 1 - smooth(self.calm_from * 0.55, self.calm_from, x)
        spread = place * self.half * (1 + 0.28 * loose * math.sin(x / 60))
        return self.middle + spread + loose * self.jitter * noise(x / 46)


def number(value: float) -> str:
    text = f"{value:g}"
    if text == "-0":
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def numbers(*values: float) -> str:
    texts = [number(value) for value in values]
    return texts[0] + "".join(text if text.startswith("-") else f" {text}" for text in texts[1:])


def path(points: Line, decimals: int = 0, grain: float | None = None) -> str:
    """Path data of a smooth curve through evenly spaced points, in short relative cubics.

    Even spacing makes the reflected control point of "s" the right one (Catmull-Rom). Few decimals keep it small, and
    so does a coarser grain, in units, of the control points, which move the curve less than its own points do.
    """
    x, y = (round(v, decimals) for v in points[0])
    data = "M" + numbers(x, y)
    last = len(points) - 1
    for i in range(last):
        before, start, end, after = points[max(i - 1, 0)], points[i], points[i + 1], points[min(i + 2, last)]
        first = [start[k] + (end[k] - before[k]) / 6 for k in (0, 1)] if i == 0 else []
        second = [end[k] - (after[k] - start[k]) / 6 for k in (0, 1)]
        end_x, end_y = (round(v, decimals) for v in end)
        controls = [v - (x, y)[k % 2] for k, v in enumerate([*first, *second])]
        controls = [round(v / grain) * grain if grain else v for v in controls]
        data += ("s" if i else "c") + numbers(*(round(v, decimals) for v in (*controls, end_x - x, end_y - y)))
        x, y = end_x, end_y
    return data


def tones(data: dict[str, list[str]]) -> str:
    return "".join(f'<path class="{tone}" d="{"".join(parts)}"/>' for tone, parts in data.items() if parts)


def draw_strands(strands: Strands, decimals: int = 0) -> str:
    return tones({tone: [path(line, decimals) for line in lines] for tone, lines in strands.items()})


def strand_style(palette: Palette, width: float, extra: str = "") -> str:
    return (
        f"<style>path{{stroke-width:{width};vector-effect:non-scaling-stroke}}.a{{stroke:{palette.deep}}}"
        f".b{{stroke:{palette.mid}}}.c{{stroke:{palette.soft}}}{extra}</style>"
    )


def svg(width: float, height: float, body: str, style: str = "", fit_mode: str = "") -> str:
    ratio = f' preserveAspectRatio="{fit_mode}"' if fit_mode else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f'{ratio} fill="none" stroke-linecap="round" stroke-linejoin="round">{style}{body}</svg>\n'
    )
