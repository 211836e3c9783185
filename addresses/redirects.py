"""Permanent redirects from old addresses to the new ones."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import models, transaction
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.encoding import iri_to_uri

from addresses.live import in_own_spelling, live_among, own_view, understands
from addresses.models import NotFound
from addresses.plan import Plan, Rows, ends, hit, live_chained, target_of
from addresses.spelling import Address, address_asked, address_of
from pagecache.middleware import GetResponse

MOST_STEPS = 10  # of redirects that lead to others, as only another program can write them
BATCH = 500  # rows in one statement


@runtime_checkable
class HasAddress(Protocol):
    def get_absolute_url(self) -> str: ...


@contextmanager
def redirect_after_move(obj: models.Model) -> Iterator[None]:
    """Redirect the address that `obj` had before the enclosed save to the one that it has afterwards.

    Does so only if the object was public before: nobody knows the address of a draft.
    """
    if not isinstance(obj, HasAddress):
        yield
        return
    with transaction.atomic():
        before = type(obj)._base_manager.filter(pk=obj.pk).first()
        yield
        if not isinstance(before, HasAddress) or not getattr(before, "is_live", True):
            return
        if before.get_absolute_url() != obj.get_absolute_url():
            redirect(before.get_absolute_url(), obj.get_absolute_url())


def redirect(old: str, new: str) -> None:
    """Redirect `old`, and every address redirected to it, to `new`; delete a redirect of `new` itself."""
    from_old, to_new = address_of(old).key, address_of(new).key
    if from_old == to_new:  # only capitals differ
        return
    stored = stored_redirects()
    rows = {key: row.new_path for key, row in stored.items() if key not in (from_old, to_new)}
    live = (live_chained(rows | {from_old: new}) | {to_new}) - {from_old}
    last, _ = ends(rows, live)
    led_on = {key: new for key, end in last.items() if hit(end, {from_old: new}, live)}
    write(stored, led_on | {from_old: new}, {from_old: old}, {to_new} & stored.keys())


def stored_redirects() -> dict[str, Redirect]:
    return by_key(Redirect.objects.filter(site_id=settings.SITE_ID))


def by_key(rows: Iterable[Redirect]) -> dict[str, Redirect]:
    """Return by key the redirect that visitors get: of two that differ in the slash, that without it."""
    return {address_of(row.old_path).key: row for row in sorted(rows, key=rank, reverse=True)}


def rank(row: Redirect) -> int:
    spellings = spellings_of(address_of(row.old_path))
    return spellings.index(row.old_path) if row.old_path in spellings else len(spellings)


def spellings_of(address: Address) -> list[str]:
    """Return how the old address of a redirect may be stored; the first that is comes before others."""
    return [address.key, str(Address(f"{address.bare.rstrip('/')}/", address.query))]


def apply(plan: Plan, stored: dict[str, Redirect]) -> None:
    olds = {key: str(change.old) for key, change in plan.good.items()}
    news = {key: change.new for key, change in plan.good.items() if change.kind != "same"}
    write(stored, plan.led_on | news, olds, plan.dead)


def write(stored: dict[str, Redirect], news: Rows, olds: dict[str, str], dead: set[str]) -> None:
    """Store where these keys lead; `olds` has the old addresses of those that are new."""
    with transaction.atomic():
        delete_all(dead)
        changed = [stored[key] for key in news.keys() & stored.keys()]
        for key in news.keys() & stored.keys():
            stored[key].new_path = news[key]
        Redirect.objects.bulk_update(changed, ["new_path"], BATCH)
        new = [key for key in news if key not in stored]
        Redirect.objects.bulk_create(
            [
                Redirect(site_id=settings.SITE_ID, old_path=str(address_of(olds[key])), new_path=news[key])
                for key in new
            ],
            BATCH,
        )
        NotFound.objects.filter(path__in=list(news)).delete()  # they are found by now


def delete_all(keys: Iterable[str], but: int = 0) -> None:
    """Delete the redirects of these keys, also those that others hide."""
    spellings = [spelling for key in keys for spelling in spellings_of(address_of(key))]
    Redirect.objects.filter(site_id=settings.SITE_ID, old_path__in=spellings).exclude(pk=but).delete()


def spell_old_path(instance: Redirect, **kwargs: Any) -> None:
    """Receive pre_save, from whatever program: visitors' addresses are looked up in their one spelling."""
    instance.old_path = str(address_of(instance.old_path))


def redirect_with_query(address: Address) -> Redirect | None:
    return redirects_among([address]).get(address.key) if address.query else None


def redirect_at(address: Address) -> Redirect | None:
    """Return the redirect of an address: that of its query comes first, then that of its path alone."""
    found = redirects_among([address, Address(address.path)])
    return found.get(address.key) or found.get(address.bare)


def redirects_among(addresses: Iterable[Address]) -> dict[str, Redirect]:
    spellings = [spelling for address in addresses for spelling in spellings_of(address)]
    return by_key(Redirect.objects.filter(site_id=settings.SITE_ID, old_path__in=spellings))


def last_of(found: Redirect, address: Address) -> str | None:
    """Return where a redirect leads at last; None where that is a circle.

    No two that this module writes lead to each other, but other programs write to the database as well.
    """
    new, seen = found.new_path, {address.key, address_of(found.old_path).key}
    for _ in range(MOST_STEPS):
        target = target_of(new)
        if target is None:
            return new
        following = None if target.key in seen else redirect_at(target)
        if target.key in seen or (following and following.old_path in seen):
            return None
        if following is None or live_among([target]):
            return in_own_spelling(new)
        seen.add(target.key)
        new = following.new_path
    return None


def follow_redirects(get_response: GetResponse) -> GetResponse:
    """Replace a 404 by a redirect to the page that differs in capitals or the slash, or by that of its address.

    A redirect of a query that the page at its path does not read, such as /?page_id=12, comes before that page.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.META.get("QUERY_STRING") and (answer := answer_for_query(request)):
            return answer
        response = get_response(request)
        if response.status_code != 404:
            return response
        address = address_asked(request)
        return to_own_spelling(request, address) or answer_of(request, redirect_at(address), address) or response

    return middleware


def answer_for_query(request: HttpRequest) -> HttpResponseBase | None:
    address = address_asked(request)
    _, match = own_view(address) or ("", None)
    if match is None or understands(match, address.query):
        return None
    return answer_of(request, redirect_with_query(address), address)


def answer_of(request: HttpRequest, found: Redirect | None, address: Address) -> HttpResponseBase | None:
    new = last_of(found, address) if found else None
    if new == "":
        return render(request, "404.html", status=410)
    return moved(new) if new else None


def to_own_spelling(request: HttpRequest, address: Address) -> HttpResponseBase | None:
    path, _ = own_view(address) or ("", None)
    if path in ("", request.path) or not live_among([Address(path)]):
        return None
    query = request.META.get("QUERY_STRING", "")
    return moved(f"{path}?{iri_to_uri(query)}" if query else path)


def moved(new: str) -> HttpResponseBase:
    # Browsers may not keep it: another page may take the old address.
    return HttpResponsePermanentRedirect(new, headers={"Cache-Control": "no-cache"})
