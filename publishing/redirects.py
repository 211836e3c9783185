"""Permanent redirects from old addresses to the new ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseGone, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase

from pagecache.middleware import GetResponse


@runtime_checkable
class HasAddress(Protocol):
    def get_absolute_url(self) -> str: ...


@contextmanager
def redirect_after_move(obj: models.Model) -> Iterator[None]:
    """Redirect the address that `obj` had before the enclosed save to the one that it has afterwards.

    Does so only if the object was public before: nobody knows the address of a draft.
    """
    if not isinstance(obj, HasAddress):
        yield
        return
    with transaction.atomic():
        before = type(obj)._base_manager.filter(pk=obj.pk).first()
        yield
        if not isinstance(before, HasAddress) or not getattr(before, "is_live", True):
            return
        if before.get_absolute_url() != obj.get_absolute_url():
            redirect(before.get_absolute_url(), obj.get_absolute_url())


def redirect(old: str, new: str) -> None:
    """Redirect `old`, and every address redirected to it, to `new`; delete a redirect of `new` itself."""
    here = Redirect.objects.filter(site_id=settings.SITE_ID)
    here.filter(old_path=new).delete()
    here.filter(new_path=old).update(new_path=new)
    Redirect.objects.update_or_create(site_id=settings.SITE_ID, old_path=old, defaults={"new_path": new})


def follow_redirects(get_response: GetResponse) -> GetResponse:
    """Replace a 404 by the redirect of its path, if there is one; the query is ignored.

    Browsers may not cache the redirect: another page may take the old address.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != 404:
            return response
        found = Redirect.objects.filter(site_id=settings.SITE_ID, old_path=request.path).first()
        if found is None:
            return response
        answer: HttpResponse = HttpResponsePermanentRedirect(found.new_path) if found.new_path else HttpResponseGone()
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    return middleware
