"""What glibc keeps of freed memory, in a process of its own."""

import subprocess
import sys

from tests.prove.process import ROOT

FREED = """
import re
from pathlib import Path
from pagecache import page
def held():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
before = held()
blocks = [bytearray(1 << 20) for _ in range(60)] + [bytearray(16 << 20)]
del blocks
print(held() - before)
"""
FAULTS = """
import resource
from pagecache import page
body = bytes(range(32, 127)) * 400
for _ in range(20):
    page.compressed(body, "br")
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    page.compressed(body, "br")
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def printed(code):
    return int(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True, timeout=60))


def test_memory_of_a_large_request_goes_back():
    assert printed(FREED) < 8


def test_memory_that_pages_are_compressed_in_stays():
    """The kernel is asked for it once, not for each page."""
    assert printed(FAULTS) < 20
