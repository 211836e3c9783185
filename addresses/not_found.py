"""Count the addresses that visitors ask for in vain, and nothing about the visitors.

Each process gathers the counts in memory, and writes them now and then in one statement: nobody waits for that, and a
flood costs the database no more than a trickle. A process that is stopped writes the rest; one that is killed loses it.
"""

import atexit
import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from threading import Lock, Timer
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import Error, connection, connections
from django.db.models import Max, Q, Sum
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from addresses.live import live_among
from addresses.models import NotFound
from addresses.spelling import LONGEST, Address, address_asked, address_of, owner_of
from pagecache.locks import brief_waits
from pagecache.middleware import GetResponse

PAUSE = 30  # seconds between two writes of a process
MOST_A_DAY = 500  # different addresses
KEPT = timedelta(days=90)
WEEK = timedelta(days=7)
MOST_LISTED = 200
CUT = "…"  # at the end of an address that was longer
# What may be about a person: an e-mail address, or seven digits with anything that people write between them.
PERSONAL = re.compile(r"@|(?:\d[\s().+_-]*){7}")
# What programs ask every site for, looking for ways in.
NOISE = re.compile(
    r"\.(?:php\d?|aspx?|jspx?|cgi|env|git|sql|bak|old|zip|tar|t?gz|rar|7z|ini|ya?ml|log|sh|exe|dll|cfg|conf|swp|pem|key)(?:/|$)"
    r"|/\.|/wp-(?!content/uploads/)|/(?:cgi-bin|xmlrpc|phpmyadmin|pma|vendor|actuator|boaform|solr|geoserver|autodiscover)\b"
)
# In one order, so that no two processes wait for each other.
INSERT = """
WITH seen (path, number, place) AS (VALUES {rows})
INSERT INTO addresses_notfound (path, day, number)
SELECT path, {day}, number FROM seen
WHERE EXISTS (SELECT 1 FROM addresses_notfound known WHERE known.path = seen.path AND known.day = {day})
OR (SELECT COUNT(*) FROM addresses_notfound known WHERE known.day = {day}) + place <= {most}
ORDER BY path
ON CONFLICT (path, day) DO UPDATE SET number = addresses_notfound.number + excluded.number
"""
DAY = {"sqlite": "'{}'", "postgresql": "DATE '{}'"}

log = logging.getLogger(__name__)


class Gathered:
    """What this process has counted since the last write."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lock = Lock()
        self.is_due = False

    def add(self, path: str) -> None:
        with self.lock:
            if path in self.counts or len(self.counts) < MOST_A_DAY:
                self.counts[path] += 1
            start, self.is_due = not self.is_due, True
        if start:
            later(PAUSE, write_in_background)

    def take(self) -> Counter[str]:
        with self.lock:
            taken, self.counts, self.is_due = self.counts, Counter(), False
        return taken


gathered = Gathered()


def later(seconds: float, function: Any) -> None:
    timer = Timer(seconds, function)
    timer.daemon = True  # a process does not wait for it to end
    timer.start()


def count_not_found(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code == 404 and request.method == "GET" and settings.NOT_FOUND_COUNTS:
            path = kept(address_asked(request))
            if path:
                gathered.add(path)
        return response

    return middleware


def kept(address: Address) -> str:
    """Return what is kept of an address, or an empty text where that is nothing."""
    path = address.bare
    plain = unquote(unquote(path))
    if owner_of(address) or NOISE.search(plain) or PERSONAL.search(plain):
        return ""
    return path if len(path) <= LONGEST else path[: LONGEST - 1] + CUT


def write_in_background() -> None:
    try:
        write()
    finally:
        connections.close_all()


@atexit.register
def write_the_rest() -> None:
    """Write at the end of a process, when nobody waits for it."""
    try:
        write(nullcontext())
    finally:
        connections.close_all()


def write(waits: AbstractContextManager[None] | None = None) -> None:
    """Add what was gathered to the counts of today; where the database does not take it soon, it is lost."""
    counts = gathered.take().most_common()
    if not counts:
        return
    rows = ", ".join(["(%s, %s, %s)"] * len(counts))
    values = [value for place, (path, number) in enumerate(counts, 1) for value in (path, number, place)]
    day = DAY[connection.vendor].format(timezone.localdate())
    try:
        with waits or brief_waits(), connection.cursor() as cursor:
            cursor.execute(INSERT.format(rows=rows, day=day, most=MOST_A_DAY), values)
    except Error as error:
        log.warning("Addresses that were not found could not be counted: %s.", type(error).__name__)


def forget_old() -> None:
    NotFound.objects.filter(day__lt=timezone.localdate() - KEPT).delete()


class Listed(NamedTuple):
    path: str
    week: int
    number: int
    last: Any
    add_url: str  # empty where the address was cut off


def listed() -> list[Listed]:
    """Return the addresses that lead nowhere still, the most wanted first."""
    found: list[Listed] = []
    olds = Redirect.objects.filter(site_id=settings.SITE_ID).values_list("old_path", flat=True)
    redirected = {address_of(old).key for old in olds}
    for rows in batches([row for row in counted() if row["path"] not in redirected]):
        live = {str(address) for address in live_among(Address(row["path"]) for row in rows)}
        found += [in_words(row) for row in rows if row["path"] not in live]
        if len(found) >= MOST_LISTED:
            break
    return found[:MOST_LISTED]


def counted() -> list[dict[str, Any]]:
    week = Sum("number", filter=Q(day__gt=timezone.localdate() - WEEK), default=0)
    rows = NotFound.objects.values("path").annotate(week=week, total=Sum("number"), last=Max("day"))
    return [dict(row) for row in rows.order_by("-total", "path")]


def batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), MOST_LISTED):
        yield rows[start : start + MOST_LISTED]


def in_words(row: dict[str, Any]) -> Listed:
    path = row["path"]
    add = f"{reverse('admin:redirects_redirect_add')}?old_path={quote(path)}"
    return Listed(path, row["week"], row["total"], row["last"], "" if path.endswith(CUT) else add)
