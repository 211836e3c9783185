"""A thin bundle that parts two sections: knots on the left, then calm for as far as the page goes."""

from collections.abc import Iterator

from artwork.strands import Bundle, Knot, draw_strands, strand_style, svg
from artwork.theme import THEMES

WIDTH, HEIGHT = 3200, 64
KNOTS = (Knot(176, 32, 24, 4.4, 1.1), Knot(92, 26, 15, -3.4), Knot(268, 36, 14, 3.2))
BUNDLE = Bundle(
    seed=5,
    width=WIDTH,
    middle=32,
    half=15,
    fibres=9,
    knots=KNOTS,
    calm_from=0.12 * WIDTH,
    jitter=5,
    step=9,
    long_step=400,
)


def draw() -> Iterator[tuple[str, str]]:
    body = draw_strands(BUNDLE.strands())
    for theme, palette in THEMES.items():
        yield f"divider-{theme}.svg", svg(WIDTH, HEIGHT, body, strand_style(palette, 1.1), "xMinYMid slice")
