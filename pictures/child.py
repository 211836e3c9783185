"""The process that decodes one upload and encodes its renditions: `python -m pictures.child MEGABYTES SECONDS`.

It reads the upload, a file, from its standard input. To its standard output it writes a line of JSON for each
rendition with its content behind, or a last line that tells why there are no more. It knows nothing of Django, and it
ends when it takes more memory or time than it may.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from PIL import Image

from pictures.decoding import LANCZOS, RefusedError, decode
from pictures.formats import OPTIONS, TOO_DEMANDING, widths


def encode(image: Image.Image) -> Iterator[tuple[int, str, bytes]]:
    for width in widths(image.width):
        size = width, max(1, round(image.height * width / image.width))
        scaled = image if size == image.size else image.resize(size, LANCZOS)
        for extension, options in OPTIONS.items():
            scaled.save(file := BytesIO(), extension.upper(), **options)
            yield width, extension, file.getvalue()


def limit(megabytes: int, seconds: int) -> None:
    most = megabytes << 20
    with suppress(ValueError, OSError):  # a system that does not know it, or a lower limit set before
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    signal.alarm(6 * seconds)  # nobody waits any longer, and whoever started this may be gone
    os.nice(5)  # readers first
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # in want of memory this process is to end, no other


def work(seconds: int, output: IO[bytes]) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)  # ends the process, whatever the decoder is doing
    with os.fdopen(0, "rb") as upload:
        upload.seek(0)
        image = decode(upload)
    signal.setitimer(signal.ITIMER_PROF, 0)
    for width, extension, content in encode(image):
        tell(output, width=width, height=image.height, extension=extension, length=len(content))
        output.write(content)


def tell(output: IO[bytes], **told: Any) -> None:
    output.write(json.dumps(told).encode() + b"\n")


def main(megabytes: int, seconds: int) -> None:
    limit(megabytes, seconds)
    output = sys.stdout.buffer
    try:
        work(seconds, output)
    except RefusedError as error:
        tell(output, refused=str(error))
    except MemoryError:
        tell(output, refused=TOO_DEMANDING)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
