"""The figures as a table of fixed width, a line for each candidate."""

from typing import NamedTuple

HEADINGS = ("ms", "ratio", "with database", "ratio", "requests/s", "p50 ms", "p99 ms", "queries", "bytes", "peak MB")
LINE = "{:<24}" + "".join(f"{{:>{max(len(heading), 6) + 2}}}" for heading in HEADINGS)
LEGEND = """\
ms: processor time a request, user and system, of gunicorn's processes; with database: and of PostgreSQL's; ratio: of
each to the constant application's. first anew: the first page after a change, which asks for what all pages share;
anew: the others. queries: as Django counts them, so without the page cache's look at its version.
bytes: the body, for a browser that takes brotli. peak MB: the most resident memory of the largest process."""


class Figures(NamedTuple):
    """Milliseconds of processor time a request, of gunicorn and of PostgreSQL; latencies in milliseconds; bytes; MB."""

    processor: float
    database: float
    per_second: float
    p50: float
    p99: float
    queries: int
    size: int
    peak: float


def line(name, figures, constant):
    both = figures.processor + figures.database
    return LINE.format(
        name,
        f"{figures.processor:.3f}",
        f"{figures.processor / constant.processor:.2f}",
        f"{both:.3f}" if figures.database else "",
        f"{both / constant.processor:.2f}" if figures.database else "",
        f"{figures.per_second:.0f}",
        f"{figures.p50:.2f}",
        f"{figures.p99:.2f}",
        figures.queries,
        figures.size,
        f"{figures.peak:.0f}",
    )


def table(title, rows):
    """The table of {name: figures}; the first is the constant application."""
    constant = next(iter(rows.values()))
    return "\n".join([title, LINE.format("", *HEADINGS), *(line(name, row, constant) for name, row in rows.items())])


def growth(small, large):
    """What more content costs each page of our own."""
    pages = [name for name in small if name.startswith(("warm", "first", "anew"))]
    lines = [f"{name:<24}{large[name].processor / small[name].processor:>8.2f}" for name in pages]
    return "\n".join(["The second table's ms to the first's", *lines])
