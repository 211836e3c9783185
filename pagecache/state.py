"""What a page is made with: the page cache makes it, views and templates get it, the decorator notes the end in it."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

PAGE_STATE = "pagecache.state"  # in the environ: the PageState of this request


@dataclass
class SharedState:
    """What all pages of one version of the content share: only what the content and the moment decide.

    `version` is None for a page that one visitor alone gets. It is right from `made_for` until `next_change`, when the
    content changes by itself, in seconds since 1970; the latter is None until it was looked up. `memo` holds what views
    and templates put there by name.
    """

    version: str | None = None
    made_for: float = 0
    next_change: float | None = None
    memo: dict[str, object] = field(default_factory=dict)


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
