"""The decorator of views whose answers are the same for everybody, for some time."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, cast

from django.http import HttpRequest, HttpResponseBase

from pagecache.content import next_change
from pagecache.state import PageState, page_state

FOREVER = float("inf")

P = ParamSpec("P")
Moment = Callable[[datetime], datetime | None]


class CachedView(Protocol[P]):
    query_parameters: dict[str, re.Pattern[str]]

    def __call__(self, request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase: ...


def cached(
    *moments: Moment, **parameters: str
) -> Callable[[Callable[Concatenate[HttpRequest, PageState, P], HttpResponseBase]], CachedView[P]]:
    """Declare that a view's answer depends on nothing but the address, these parameters and the content.

    The view is called with the request, its PageState and the arguments of the address. The answer expires at
    `next_change`, or at the earliest of what the functions `moments` return for the moment the page is made for.
    `parameters` are regular expressions for the values of those in the query.
    """

    def decorate(view: Callable[Concatenate[HttpRequest, PageState, P], HttpResponseBase]) -> CachedView[P]:
        @wraps(view)
        def cached_view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            state = page_state(request)
            response = view(request, state, *args, **kwargs)
            if response.status_code == 200:
                if state.shared.next_change is None:
                    state.shared.next_change = seconds(next_change(state.now))
                response.headers.setdefault("Cache-Control", "no-cache")
                expiries = [seconds(moment(state.now)) for moment in moments]
                state.expires_at = min([state.shared.next_change, *expiries])
            return response

        declared = cast("CachedView[P]", cached_view)
        declared.query_parameters = {name: re.compile(pattern) for name, pattern in parameters.items()}
        return declared

    return decorate


def seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else FOREVER
