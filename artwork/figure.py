"""The body, seen from the front and from the rear, built of muscle fibres that are all calm."""

import math
import random
from typing import NamedTuple

from artwork.sheets import BACK, FRONT, OUTLINE, points
from artwork.strands import Line, Point, fit, length, path, tones
from artwork.theme import Palette

SHEETS = {"front": FRONT, "rear": BACK}
MIDDLE = {"front": 200, "rear": 420}
GRAIN = 0.5  # of control points: a seventh less to load, and no fibre moves by more than a fifth of a unit


class Fibre(NamedTuple):
    regions: tuple[str, ...]
    line: Line


def blend(a: Line, b: Line, t: float) -> Line:
    return [(p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t) for p, q in zip(a, b, strict=True)]


def spline(p: Point, q: Point, r: Point, s: Point, t: float) -> Point:
    weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
    x, y = (sum(weight * point[k] for weight, point in zip(weights, (p, q, r, s), strict=True)) / 2 for k in (0, 1))
    return x, y


def dense(corners: Line) -> Line:
    padded = [corners[0], *corners, corners[-1]]
    windows = zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    return [spline(*window, step / 16) for window in windows for step in range(16)] + [corners[-1]]


def fibres() -> list[Fibre]:
    rnd = random.Random(21)
    found = []
    for view, sheets in SHEETS.items():
        for sheet, side in ((sheet, side) for sheet in sheets for side in (1, -1)):
            for i in range(sheet.fibres):
                t = (i + 0.5) / sheet.fibres + rnd.uniform(-0.2, 0.2) / sheet.fibres
                line = dense(blend(points(sheet.first), points(sheet.last), t))
                found.append(Fibre(sheet.regions, [(MIDDLE[view] + side * x, y) for x, y in line]))
    return found


def resampled(line: Line, step: float) -> Line:
    return fit(line, min(step, length(line) / 3))


def calm(line: Line) -> Line:
    return resampled(line, 30)


def contours() -> list[Line]:
    angles = [i * math.pi / 8 for i in range(-6, 7)]
    found = []
    for middle in MIDDLE.values():
        found += [[(middle + side * x, y) for x, y in points(OUTLINE)] for side in (1, -1)]
        found.append([(middle + 24 * math.sin(angle), 45 - 36.5 * math.cos(angle)) for angle in angles])
    return found


def body() -> str:
    data: dict[str, list[str]] = {"c": [], "b": []}
    for i, fibre in enumerate(fibres()):
        data["b" if i % 7 == 3 else "c"].append(path(calm(fibre.line), 1, GRAIN))
    outline = "".join(path(contour) for contour in contours())
    return f'<path class="o" d="{outline}"/>{tones(data)}'


def style(palette: Palette) -> str:
    return f".c,.b{{stroke:{palette.soft};stroke-width:.7}}.b,.o{{stroke:{palette.mid}}}.o{{stroke-width:1}}"
