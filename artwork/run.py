"""The calm fibres that leave the call to action, whose box has the shape of the tool."""

import random
from collections.abc import Iterator

from artwork.strands import strand_style, svg, tones
from artwork.theme import THEMES

COUNT = 20
PATTERN = "cbaccbcabc"


def draw() -> Iterator[tuple[str, str]]:
    rnd = random.Random(2)
    data: dict[str, list[str]] = {"c": [], "b": [], "a": []}
    for i in range(COUNT):
        y = 4 + 92 * (i + 0.5) / COUNT + rnd.uniform(-1.2, 1.2)
        data[PATTERN[i % len(PATTERN)]].append(f"M-5 {y:.1f}H105")
    for theme, palette in THEMES.items():
        yield f"run-{theme}.svg", svg(100, 100, tones(data), strand_style(palette, 1.2), "none")
