"""The body and its regions, to lay over it, in one file.

The drawing is a stack: `figure-light.svg#body` shows only the calm figure, and there is one group for each region of
`services.body`: `#heel` shows only the heel, in the deep tone and with a knot at its spot. Several regions are several
images, laid one over the other in the order of REGIONS. Where a knot has drawn its fibres away, the calm ones beneath
are painted over, so the figure must stand on the ground colour. Rings, leader lines and labels belong to the page.
"""

import math
from collections.abc import Iterator
from itertools import groupby

from artwork.figure import GRAIN, MIDDLE, Fibre, body, calm, contours, dense, fibres, resampled, style
from artwork.strands import ONE_AT_A_TIME, Knot, Line, Point, even, fit, path, svg, swirl
from artwork.theme import THEMES
from services.body import HEIGHT, REGIONS, WIDTH

# Radius and turn of the knot in each region.
KNOTS = {
    "neck": (5, 3.0),
    "shoulders": (9, 3.2),
    "arms": (8, -3.2),
    "wrist": (6, -3.0),
    "legs": (12, 3.4),
    "knee": (5, 3.0),
    "ankle": (6, 3.0),
    "back": (17, 3.4),
    "lower_back": (8, -3.2),
    "elbow": (9, -3.4),
    "hip": (12, 3.4),
    "calf": (8, 3.2),
    "achilles_tendon": (6, 3.0),
    "heel": (5, 3.0),
}


def group(key: str, whole: list[Fibre]) -> str:
    region = REGIONS[key]
    knot, middle = Knot(region.x, region.y, *KNOTS[key]), MIDDLE[region.view]
    outline = [point for contour in contours() for point in even(dense(contour), 1)]
    near = [point for point in outline if math.dist(point, (knot.x, knot.y)) < 4 * knot.radius]
    deep = cover = ""
    for line in (fibre.line for fibre in whole if key in fibre.regions):
        is_same_side = (line[0][0] - middle) * (knot.x - middle) > 0
        turned = [swirl(point, [knot]) for point in line] if is_same_side else line
        shifts = [math.dist(a, b) for a, b in zip(line, turned, strict=True)]
        is_tangled = max(shifts) > 0.6
        deep += path(resampled(turned, 6.5) if is_tangled else calm(line), 1, GRAIN)
        if is_tangled:
            cover += "".join(path(fit(piece, 16), 1, GRAIN) for piece in deserted(line, shifts, near))
    return f'<g id="{key}"><path class="e" d="{cover}"/><path class="a" d="{deep}"/></g>'


def deserted(line: Line, shifts: list[float], outline: Line) -> Iterator[Line]:
    def is_deserted(place: tuple[Point, float]) -> bool:
        point, shift = place
        return shift > 0.3 and all(math.dist(point, other) > 1.2 for other in outline)

    for is_piece, places in groupby(zip(line, shifts, strict=True), is_deserted):
        piece = [point for point, _ in places]
        if is_piece and len(piece) > 1:
            yield piece


def draw() -> Iterator[tuple[str, str]]:
    found = fibres()
    stack = f'<g id="body">{body()}</g>' + "".join(group(key, found) for key in REGIONS)
    for theme, palette in THEMES.items():
        rules = (
            f"<style>{ONE_AT_A_TIME}{style(palette)}"
            f".a{{stroke:{palette.deep};stroke-width:.75}}.e{{stroke:{palette.ground};stroke-width:2.2}}</style>"
        )
        yield f"figure-{theme}.svg", svg(WIDTH, HEIGHT, stack, rules)
