"""10,000 guesses on one account, from as many addresses, by several processes at the same moment."""

import subprocess

from accounts.guesses import STRANGERS
from tests.prove.process import PATIENCE

PROCESSES, EACH = 4, 2500


def test_of_10_000_guesses_none_beyond_the_stated_number_is_compared(site):
    code = "from tests.prove.guesses import guess; print(guess({}, {}))"
    running = [
        site.run("shell", "-c", code.format(EACH, own), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for own in range(PROCESSES)
    ]
    compared = [int(process.communicate(timeout=PATIENCE)[0]) for process in running]
    assert sum(compared) == STRANGERS
