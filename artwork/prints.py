"""Six bundles, each with knots of its own: a service picks one as its drawing."""

import random
from collections.abc import Iterator

from artwork.strands import Bundle, Knot, draw_strands, strand_style, svg
from artwork.theme import THEMES

WIDTH, HEIGHT = 400, 160
COUNT = 6


def knots(number: int) -> list[Knot]:
    rnd = random.Random(40 + number * 7)
    count = 2 + number % 3
    return [
        Knot(
            44 + 150 * (i + rnd.uniform(0.2, 0.8)) / count,
            rnd.uniform(50, 110),
            rnd.uniform(16, 30),
            rnd.choice((-1, 1)) * rnd.uniform(3.4, 4.7),
            1.1,
        )
        for i in range(count)
    ]


def bundle(number: int) -> Bundle:
    return Bundle(
        seed=60 + number,
        width=WIDTH,
        middle=80,
        half=64,
        fibres=36,
        knots=knots(number),
        calm_from=0.62 * WIDTH,
        jitter=4,
        step=9,
        long_step=90,
    )


def draw() -> Iterator[tuple[str, str]]:
    for number in range(1, COUNT + 1):
        body = draw_strands(bundle(number).strands())
        for theme, palette in THEMES.items():
            drawing = svg(WIDTH, HEIGHT, body, strand_style(palette, 1.1), "xMidYMid slice")
            yield f"print-{number}-{theme}.svg", drawing
