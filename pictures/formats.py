"""What is taken and what is made of it: known to the site and to the process that encodes, which share nothing else."""

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
WIDTHS = (480, 960, 1440)  # of renditions, and its own
OPTIONS = {"avif": {"quality": 60, "speed": 8}, "webp": {"quality": 80, "method": 4}}


def widths(width: int) -> list[int]:
    return [*(smaller for smaller in WIDTHS if smaller < width), width]
