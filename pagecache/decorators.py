"""Views that declare their answers public: the same for everybody, and for some time."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from pagecache.content import next_change
from pagecache.state import page_state

FOREVER = float("inf")


def seconds(moment):
    return moment.timestamp() if moment else FOREVER


def kept(*moments: Callable[[datetime], datetime | None], **parameters: str):
    """Declare that a view's answer depends on nothing but the address, these parameters and the content.

    It changes by itself when the content does (`next_change`), and at the earliest of what the functions `moments`
    tell for a given moment; `parameters` are regular expressions for the values of those in the query. The view is
    called with the request, its PageState, and the arguments of its address.
    """

    def decorate(view):
        @wraps(view)
        def kept_view(request, *args, **kwargs):
            state = page_state(request)
            response = view(request, state, *args, **kwargs)
            if response.status_code == 200:
                if state.shared.next_change is None:
                    state.shared.next_change = seconds(next_change(state.now))
                response.headers.setdefault("Cache-Control", "no-cache")
                ends = [seconds(moment(state.now)) for moment in moments]
                state.expires_at = min([state.shared.next_change, *ends])
            return response

        kept_view.parameters = {name: re.compile(pattern) for name, pattern in parameters.items()}
        return kept_view

    return decorate
