"""`make bench`: what a page costs, beside an answer that costs nothing and beside Django's hello-world."""

import argparse
import tempfile
from contextlib import ExitStack
from itertools import chain, count
from pathlib import Path
from statistics import median

from tests.bench.candidates import Grounds
from tests.bench.load import CONNECTIONS, load
from tests.bench.processes import peak, used
from tests.bench.table import LEGEND, Figures, growth, table
from tests.prove.postgresql import program, throwaway_server


def slice_of(candidate):
    """(ms of gunicorn, ms of PostgreSQL, requests a second, p50, p99) of one second of load."""
    server = candidate.server
    roots = [root for root in (server.gunicorn, server.database) if root]
    before = [used(root) for root in roots]
    seen = load(server.port, candidate.path, candidate.is_varied)
    spent = [(used(root) - start) / seen.served for root, start in zip(roots, before, strict=True)]
    return (*spent, *[0.0] * (2 - len(roots)), *seen[1:])


def measured(candidates, seconds):
    """{candidate: its figures, medians over its turns}.

    All take turns, a second each, in a moving order: what disturbs one disturbs all. The first turn only warms up.
    """
    slices = {candidate: [] for candidate in candidates}
    for turn in range(seconds + 1):
        for candidate in (*candidates[turn % len(candidates) :], *candidates[: turn % len(candidates)]):
            slices[candidate].append(slice_of(candidate))
    return {
        candidate: Figures(
            *map(median, zip(*taken[1:], strict=True)),
            candidate.queries,
            len(candidate.answer()[1]),
            peak(candidate.server.gunicorn),
        )
        for candidate, taken in slices.items()
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="how long each is measured (5)")
    seconds = parser.parse_args().seconds
    turns = f"{seconds} seconds each, in turns of one"
    print(f"{load.__name__}, {CONNECTIONS} connections, {turns}\n", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clinic-bench-")))
        postgresql = stack.enter_context(throwaway_server()) if program("initdb") else None
        grounds = Grounds(stack, folder, postgresql, count(1))
        hellos, small, large = list(grounds.hellos()), list(grounds.ours(False)), list(grounds.ours(True))
        tables = [[grounds.constant(ours[0]), *hellos, *ours] for ours in (small, large)]
        figures = measured(list(dict.fromkeys(chain(*tables))), seconds)
    small, large = ({candidate.name: figures[candidate] for candidate in candidates} for candidates in tables)
    print(table("The clinic's own content", small), end="\n\n")
    print(table("With 100 full services, 10,000 testimonials and 2,000 questions", large), end="\n\n")
    print(growth(small, large), LEGEND, sep="\n\n")


if __name__ == "__main__":
    main()
