"""Counts of addresses that were not found, gathered by several processes that are stopped."""

import json
import os
import signal
from contextlib import contextmanager

from tests.prove.process import free_port, get, writers

EACH, WORKERS = 15, 3
COUNTED = """
import json
from addresses.models import NotFound
print(json.dumps(dict(NotFound.objects.values_list("path", "number"))))
"""


@contextmanager
def answering_alone(worker, workers):
    others = workers - {worker}
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def test_counts_of_all_workers_arrive_at_an_orderly_stop_and_none_is_lost(site):
    port = free_port()
    with site.serving(port, WEB_CONCURRENCY=str(WORKERS)) as log:
        get(port)
        workers = set(sorted(writers(log))[1:])
        assert len(workers) == WORKERS
        for worker in workers:
            with answering_alone(worker, workers):
                asked = [get(port, path)[0] for path in ["/team", f"/of-{worker}"] * EACH]
            assert set(asked) == {404}
    assert json.loads(site.shell(COUNTED)) == {"/team": EACH * WORKERS} | {f"/of-{worker}": EACH for worker in workers}
    assert "Error" not in log.read_text()
