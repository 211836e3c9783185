"""Previews: the public page that a snapshot would make."""

import copy
import re
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from addresses.redirects import HasAddress
from pagecache.state import PAGE_STATE, PageState
from publishing.models import Part, Publishable, Revision, Stored
from publishing.revisions.snapshot import Snapshot, stored_object
from publishing.revisions.whole import loaded


def public_page(request: HttpRequest, obj: Stored) -> HttpResponse:
    address = urlsplit(address_of(obj)).path
    match = resolve(address)
    visit = copy.copy(request)
    visit.method, visit.path, visit.path_info, visit.resolver_match = "GET", address, address, match
    visit.META = request.META | {"REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": ""}
    visit.META[PAGE_STATE] = PageState(shown=obj)  # a list of several pages shows the one that has it
    visit.GET, visit.POST, visit.user = QueryDict(), QueryDict(), AnonymousUser()
    response: HttpResponse = match.func(visit, *match.args, **match.kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response


def address_of(obj: models.Model) -> str:
    if not isinstance(obj, HasAddress):
        raise TypeError(f"{type(obj).__name__} has no page.")
    return obj.get_absolute_url()


def framed(page: str) -> str:
    """Make links to the page's own sections work in a frame, and open other pages in a new tab.

    The frame's document is about:srcdoc, but its links are resolved against the address of the page around it.
    """
    page = page.replace("<head>", '<head><base target="_blank">', 1)
    return re.sub(r'(<a [^>]*)href="#', r'\1target="_self" href="about:srcdoc#', page)


def preview(request: HttpRequest, data: Snapshot, is_shared: bool = False) -> HttpResponse:
    """Show the page that `data` would make, to staff as if what it is a part of were public too.

    Who has a link to it (`is_shared`) sees nothing else that is not public.
    """
    try:
        with loaded(data):
            obj = stored_object(data)
            if is_shared:
                leave_hidden_whole(obj)
            make_public(obj)
            page = public_page(request, obj).content.decode()
            context: dict[str, Any] = {"title": str(obj), "page": framed(page)}
    except ValidationError as error:
        context = {"title": str(Revision(data=data)), "faults": error.messages}
    response = render(request, "admin/preview.html", context)
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def whole_of(obj: Stored) -> Stored | None:
    whole: Stored | None = getattr(obj, obj.whole) if isinstance(obj, Part) else None
    return whole


def leave_hidden_whole(obj: Stored) -> None:
    """Let a part of what is not public stand by itself; raise ValidationError if it cannot."""
    whole = whole_of(obj)
    if not (isinstance(obj, Part) and isinstance(whole, Publishable)) or whole.is_live:
        return
    if not obj._meta.get_field(obj.whole).null:
        raise ValidationError("It is part of something that is not public yet.")
    setattr(obj, obj.whole, None)
    type(obj)._base_manager.filter(pk=obj.pk).update(**{obj.whole: None})


def make_public(obj: Stored) -> None:
    for shown in (obj, whole_of(obj)):
        if isinstance(shown, Publishable) and not shown.is_live:
            type(shown)._base_manager.filter(pk=shown.pk).update(publish_at=timezone.now())
