"""The instrument, seen edge on.

Its treating edge follows the half ellipse along which the page cuts the calm muscle: 112 wide, as high as the drawing.
"""

import math

from artwork.strands import Line, path
from artwork.theme import Palette

WIDTH, HEIGHT = 150, 480
EDGE_DEPTH = 112
REACH = 0.915  # how far the blade goes towards the ends of the ellipse


def ellipse_x(v: float) -> float:
    return EDGE_DEPTH * (1 - math.sqrt(max(0, 1 - v * v)))


def curve(inset: float, reach: float = REACH, pieces: int = 44) -> Line:
    points = []
    for i in range(pieces + 1):
        v = reach * math.sin(math.pi / 2 * (-1 + 2 * i / pieces))
        thickness = math.sqrt(max(0, 1 - abs(v / REACH) ** 7))
        points.append((2 + ellipse_x(v) + inset * thickness, HEIGHT / 2 + v * HEIGHT / 2))
    return points


def body(palette: Palette) -> str:
    back = " ".join(f"{round(x, 1):g} {round(y, 1):g}" for x, y in reversed(curve(33)))
    return (
        f'<defs><linearGradient id="g"><stop stop-color="{palette.steel1}"/>'
        f'<stop offset=".45" stop-color="{palette.steel2}"/>'
        f'<stop offset="1" stop-color="{palette.steel3}"/></linearGradient></defs>'
        f'<path d="{path(curve(0), 1)}L{back}z" fill="url(#g)"/>'
        f'<path d="{path(curve(8, 0.875), 1)}" stroke="{palette.steel0}" stroke-width="1.6"/>'
        f'<path d="{path(curve(13, 0.84), 1)}" stroke="{palette.steel0}" stroke-width="1" stroke-opacity=".45"/>'
    )
