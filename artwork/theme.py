"""The colours of the drawings, for a light and for a dark page, and the typeface of the digits and the share picture.

Warm is the body, cool is the instrument.
"""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FONT = ROOT / "static" / "fonts" / "ysabeau-office-latin.woff2"


class Palette(NamedTuple):
    ground: str
    ink: str
    quiet_ink: str
    deep: str
    mid: str
    soft: str
    steel0: str
    steel1: str
    steel2: str
    steel3: str
    outline: str
    tool: str


THEMES = {
    "light": Palette(
        ground="#fbf1eb",
        ink="#2b1416",
        quiet_ink="#5b3a38",
        deep="#7f1d23",
        mid="#b2483f",
        soft="#d98d7c",
        steel0="#f6fafb",
        steel1="#b9c8ce",
        steel2="#6d8792",
        steel3="#2c4a56",
        outline="#2c4a56",
        tool="#1d4553",
    ),
    "dark": Palette(
        ground="#1b1011",
        ink="#f8eae4",
        quiet_ink="#d9bdb3",
        deep="#f2a592",
        mid="#c9695b",
        soft="#97443e",
        steel0="#eef6f8",
        steel1="#9fb6bf",
        steel2="#5d7883",
        steel3="#1f3842",
        outline="#9fb6bf",
        tool="#b9dbe5",
    ),
}
