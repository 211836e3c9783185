"""Views that declare their answers public: the same for everybody, and for some time."""

import re
from functools import wraps

from django.utils import timezone

FOREVER = float("inf")


def kept(*moments, **parameters):
    """For views whose answer depends on nothing but the address, these parameters and the content.

    `moments` are functions that tell when after a given moment the answer changes by itself, or None; `parameters` are
    regular expressions for the values of those in the query. The answer gets `kept_until`, in seconds since 1970.
    """

    def decorate(view):
        @wraps(view)
        def kept_view(request, *args, **kwargs):
            # Before dated changes are released and the page is made: what changes meanwhile ends it at once.
            now = getattr(request, "asked_at", None) or timezone.now()
            response = view(request, *args, **kwargs)
            if response.status_code == 200:
                until = min(filter(None, (moment(now) for moment in moments)), default=None)
                response.headers.setdefault("Cache-Control", "no-cache")
                response.kept_until = until.timestamp() if until else FOREVER
            return response

        kept_view.parameters = {name: re.compile(pattern) for name, pattern in parameters.items()}
        return kept_view

    return decorate
