"""What a page is made with: the page cache makes it, views and templates get it, the decorator notes the end in it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar, cast

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

PAGE_STATE = "pagecache.state"  # in the environ: the PageState of this request

T = TypeVar("T")


@dataclass
class SharedState:
    """What all pages of one version of the content share: only what the content and the moment decide.

    `version` is None for a page that one visitor alone gets. `next_change` is when the content changes by itself, in
    seconds since 1970, and None until that was looked up.
    """

    version: str | None = None
    next_change: float | None = None
    memo: dict[Hashable, object] = field(default_factory=dict)

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` returned when it was first called under this key."""
        if key not in self.memo:
            self.memo[key] = compute()
        return cast(T, self.memo[key])


@dataclass
class PageState:
    """The state of one page: `now`, the moment it is made for, and what it shares with the others of its version.

    `expires_at` is when the page changes by itself, in seconds since 1970, and None unless others may get it.
    `shown` is the object of a preview.
    """

    now: datetime = field(default_factory=timezone.now)
    shared: SharedState = field(default_factory=SharedState)
    expires_at: float | None = None
    shown: Model | None = None


def page_state(request: HttpRequest) -> PageState:
    """Return the state that the page cache made for this request; one of its own where it made none."""
    state: PageState | None = request.META.get(PAGE_STATE)
    if state is None:
        state = request.META[PAGE_STATE] = PageState()
    return state
