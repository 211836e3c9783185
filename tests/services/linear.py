"""Whether work on a text grows as the text does."""

import itertools
import time
from collections.abc import Callable


def is_linear(work: Callable[[str], object], part: str) -> bool:
    """Whether ten times the text takes at most thirty times as long; quadratic work takes a hundred times."""
    numbers = itertools.count()

    def seconds(size):
        text = f"First{part * (size // len(part))}{next(numbers)}"  # another one each time, as results are remembered
        started = time.process_time()
        work(text)
        return time.process_time() - started

    small = min(seconds(4_000) for _ in range(3))
    return min(seconds(40_000) for _ in range(3)) < 30 * max(small, 0.002)
