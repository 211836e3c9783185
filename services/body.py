"""The regions of the body that a condition may name, and where the body map marks them.

Coordinates are units of the figure drawing: the front view is centred on x = 200, the rear view on x = 420.
`artwork.regions` draws from this table, and so the module imports nothing of Django.
"""

from typing import NamedTuple

WIDTH, HEIGHT = 620, 572
RADIUS = 8


class Region(NamedTuple):
    """The point (x, y) that is marked, and the line from it to the label at the edge of the drawing.

    The line runs to (bend, label_y), then level to the left edge for the front view, to the right one for the rear.
    """

    label: str
    view: str
    x: int
    y: int
    bend: int
    label_y: int

    @property
    def leader(self) -> str:
        dx, dy = self.bend - self.x, self.label_y - self.y
        length = (dx * dx + dy * dy) ** 0.5
        start_x, start_y = self.x + dx / length * RADIUS, self.y + dy / length * RADIUS
        edge = 0 if self.view == "front" else WIDTH
        return f"M{start_x:.1f} {start_y:.1f}L{self.bend} {self.label_y}H{edge}"


REGIONS = {
    "neck": Region("Neck", "front", 191, 96, 135, 40),
    "shoulders": Region("Shoulders", "front", 140, 124, 96, 124),
    "arms": Region("Arms", "front", 134, 186, 112, 208),
    "wrist": Region("Wrist", "front", 105, 292, 84, 292),
    "legs": Region("Legs", "front", 162, 338, 124, 376),
    "knee": Region("Knee", "front", 174, 409, 123, 460),
    "ankle": Region("Ankle", "front", 180, 530, 156, 544),
    "back": Region("Back", "rear", 442, 176, 520, 40),
    "lower_back": Region("Lower back", "rear", 428, 244, 532, 124),
    "elbow": Region("Elbow", "rear", 504, 226, 522, 208),
    "hip": Region("Hip", "rear", 454, 292, 540, 292),
    "calf": Region("Calf", "rear", 450, 436, 510, 376),
    "achilles_tendon": Region("Achilles tendon", "rear", 442, 506, 488, 460),
    "heel": Region("Heel", "rear", 442, 544, 500, 544),
}
