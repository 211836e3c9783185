"""At which addresses the site itself shows a page at this moment."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve

from addresses.spelling import Address, address_of
from pagecache.query_string import normalized_query


def live_among(addresses: Iterable[Address]) -> set[Address]:
    """Return those at which there is a page; the database is asked as often for many as for few."""
    found: set[Address] = set()
    named: dict[str, set[Address]] = {}
    for address in set(addresses):
        path, match = own_view(address) or ("", None)
        if match is None or not understands(match, address.query):
            continue
        if match.kwargs:
            named.setdefault(path, set()).add(address)
        elif shows(match, path, address.query):
            found.add(address)
    for path in paths_of_pages({path.rstrip("/").rpartition("/")[2] for path in named}):
        found |= named.get(path, set())
    return found


def own_view(address: Address) -> tuple[str, ResolverMatch] | None:
    """Return the path as the site itself spells it, with the public view of it; None where there is none."""
    for path in dict.fromkeys((address.bare, f"{address.bare.rstrip('/')}/")):
        try:
            match = resolve(path)
        except Resolver404:
            continue
        if hasattr(match.func, "query_parameters"):
            return path, match
    return None


def in_own_spelling(address: str) -> str:
    """Return an address of a page as the site itself spells it, so that it needs no redirect; any other as it is."""
    if not address.startswith("/"):
        return address
    path = address.partition("#")[0].partition("?")[0]
    known = own_view(Address(address_of(path).path))
    return f"{known[0]}{address[len(path) :]}" if known else address


def understands(match: ResolverMatch, query: str) -> bool:
    """Return whether the view reads all that is in the query."""
    parameters: Mapping[str, Any] = getattr(match.func, "query_parameters", {})
    return normalized_query(query, parameters) is not None


def shows(match: ResolverMatch, path: str, query: str) -> bool:
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.GET, request.resolver_match = QueryDict(query), match
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "QUERY_STRING": query}
    try:
        return bool(match.func(request).status_code == 200)
    except Http404:
        return False


def paths_of_pages(slugs: set[str]) -> Iterator[str]:
    for model in apps.get_models() if slugs else ():
        live = getattr(model._default_manager, "live", None)
        if live and any(field.name == "slug" for field in model._meta.get_fields()):
            yield from (page.get_absolute_url() for page in live().filter(slug__in=slugs).only("slug"))
