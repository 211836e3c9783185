"""A page as a visitor would get it, from whatever state the database is in right now."""

import copy

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.shortcuts import render
from django.urls import resolve
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from publishing import snapshot


def public_page(request, obj):
    """The answer of the site's own view at the object's address, to a visitor without login or query.

    Rendered here and now, and marked so that nothing stores or indexes it.
    """
    address = obj.get_absolute_url()
    match = resolve(address)
    visit = copy.copy(request)
    visit.method, visit.path, visit.path_info, visit.resolver_match = "GET", address, address, match
    visit.META = request.META | {"REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": ""}
    visit.GET, visit.POST, visit.user = QueryDict(), QueryDict(), AnonymousUser()
    response = match.func(visit, *match.args, **match.kwargs)
    if hasattr(response, "render"):
        response.render()
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def preview_frame(request, data):
    """The snapshot's public page, which the database is equal to, in a frame of phone or desktop width."""
    obj = snapshot.live_object(data)
    if not getattr(obj, "is_live", True):
        type(obj)._base_manager.filter(pk=obj.pk).update(publish_at=timezone.now())
    page = public_page(request, obj)
    response = render(request, "admin/preview.html", {"page": page.content.decode(), "title": str(obj)})
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
