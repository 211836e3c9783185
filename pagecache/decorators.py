"""Views that declare their answers public: the same for everybody, and for some time."""

import re
from functools import wraps
from time import time

from django.utils import timezone

from pagecache.clock import next_change

FOREVER = float("inf")
NEXT_CHANGE = "next change"  # in what is shared: when that changes by itself, in seconds since 1970
VERSION = "clinic.version"  # in the environ of a page that others get as well: the version of the content it is made of

newest: dict = {}  # what all pages of the newest version share, by that version


def shared(request):
    """A dict for what is the same on every page: that of all pages of one version of the content.

    It may hold only what the content and the moments of `next_change` decide. A page that is not for others, such as
    a preview, has a dict of its own.
    """
    if not hasattr(request, "shared"):
        found = newest.get(request.META.get(VERSION), {})
        request.shared = found if time() < found.get(NEXT_CHANGE, 0) else {}
    return request.shared


def keep_shared(request):
    """What was asked for this page is sound for the others of its version."""
    if VERSION in request.META:
        newest.clear()
        newest[request.META[VERSION]] = shared(request)


def seconds(moment):
    return moment.timestamp() if moment else FOREVER


def kept(*moments, **parameters):
    """For views whose answer depends on nothing but the address, these parameters and the content.

    It changes by itself when the content does (`next_change`), and at the earliest of what the functions `moments`
    tell for a given moment, each a datetime or None; `parameters` are regular expressions for the values of those in
    the query. The answer gets `kept_until`, in seconds since 1970.
    """

    def decorate(view):
        @wraps(view)
        def kept_view(request, *args, **kwargs):
            # Before dated changes are released and the page is made: what changes meanwhile ends it at once.
            now = getattr(request, "asked_at", None) or timezone.now()
            response = view(request, *args, **kwargs)
            if response.status_code == 200:
                known = shared(request)
                if NEXT_CHANGE not in known:
                    known[NEXT_CHANGE] = seconds(next_change(now))
                    keep_shared(request)
                response.headers.setdefault("Cache-Control", "no-cache")
                response.kept_until = min([known[NEXT_CHANGE], *(seconds(moment(now)) for moment in moments)])
            return response

        kept_view.parameters = {name: re.compile(pattern) for name, pattern in parameters.items()}
        return kept_view

    return decorate
