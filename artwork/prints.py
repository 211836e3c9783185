"""Six bundles, each with knots of its own: a service picks one, as its card in lists and as the strip of its page."""

import random
from collections.abc import Iterator

from artwork.strands import Bundle, Knot, draw_strands, strand_style, svg
from artwork.theme import THEMES

WIDTH, HEIGHT = 400, 160
STRIP_WIDTH, STRIP_HEIGHT = 1000, 190
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


def strip(number: int) -> Bundle:
    rnd = random.Random(90 + number * 5)
    count = 4 + number % 3
    places = [40 + 520 * (i + rnd.uniform(0.25, 0.75)) / count for i in range(count)]
    turned = [
        Knot(
            x,
            95 + (-1) ** i * rnd.uniform(8, 26),
            rnd.uniform(22, 31),
            rnd.choice((-1, 1)) * rnd.uniform(3.4, 4.5),
            1.1,
        )
        for i, x in enumerate(places)
    ]
    return Bundle(
        seed=80 + number,
        width=STRIP_WIDTH,
        middle=STRIP_HEIGHT / 2,
        half=66,
        fibres=34,
        knots=turned,
        calm_from=0.64 * STRIP_WIDTH,
        jitter=5,
        step=10,
        long_step=120,
    )


def draw() -> Iterator[tuple[str, str]]:
    for number in range(1, COUNT + 1):
        body, long_body = draw_strands(bundle(number).strands()), draw_strands(strip(number).strands())
        for theme, palette in THEMES.items():
            style = strand_style(palette, 1.1)
            yield f"print-{number}-{theme}.svg", svg(WIDTH, HEIGHT, body, style, "xMidYMid slice")
            if number > 1:  # the first stands for the service whose page has the scene of `hero.py`
                yield f"strip-{number}-{theme}.svg", svg(STRIP_WIDTH, STRIP_HEIGHT, long_body, style, "xMidYMid slice")
