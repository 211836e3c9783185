"""A page as a visitor would get it, from whatever state the database is in right now."""

import copy
import re

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.shortcuts import render
from django.urls import resolve
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from pagecache.state import PAGE_STATE, PageState
from publishing.revisions import snapshot


def public_page(request, obj):
    """The answer of the site's own view at the object's address, to a visitor without login or query.

    Rendered here and now, and marked so that nothing stores or indexes it.
    """
    address = obj.get_absolute_url()
    match = resolve(address)
    visit = copy.copy(request)
    visit.method, visit.path, visit.path_info, visit.resolver_match = "GET", address, address, match
    visit.META = request.META | {"REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": ""}
    visit.META[PAGE_STATE] = PageState(shown=obj)  # a list of several pages shows the one that has it
    visit.GET, visit.POST, visit.user = QueryDict(), QueryDict(), AnonymousUser()
    response = match.func(visit, *match.args, **match.kwargs)
    if hasattr(response, "render"):
        response.render()
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def framed(page):
    """The page with links that work in a frame: to its own parts there, to other pages in a new tab.

    The frame's document is about:srcdoc, but its links count from the address of the page around it.
    """
    page = page.replace("<head>", '<head><base target="_blank">', 1)
    return re.sub(r'(<a [^>]*)href="#', r'\1target="_self" href="about:srcdoc#', page)


def preview_frame(request, data):
    """The snapshot's public page, which the database is equal to, in a frame of phone or desktop width."""
    obj = snapshot.live_object(data)
    for shown in (obj, getattr(obj, getattr(obj, "whole", ""), None)):
        if not getattr(shown, "is_live", True):
            type(shown)._base_manager.filter(pk=shown.pk).update(publish_at=timezone.now())
    page = public_page(request, obj)
    response = render(request, "admin/preview.html", {"page": framed(page.content.decode()), "title": str(obj)})
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
