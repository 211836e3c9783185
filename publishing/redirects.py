"""Old addresses keep working: a changed slug leaves one permanent redirect behind."""

from contextlib import contextmanager

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import transaction
from django.http import HttpResponseGone, HttpResponsePermanentRedirect


@contextmanager
def follow_new_address(obj):
    """Redirect the address that `obj` had before the enclosed save to the one that it has afterwards.

    Only where patients knew it: what was not public has no address to keep, and must not touch others' redirects.
    """
    if not hasattr(obj, "get_absolute_url"):
        yield
        return
    with transaction.atomic():
        before = type(obj)._base_manager.filter(pk=obj.pk).first()
        yield
        was_known = before is not None and getattr(before, "is_live", True)
        if was_known and before.get_absolute_url() != obj.get_absolute_url():
            redirect(before.get_absolute_url(), obj.get_absolute_url())


def redirect(old, new):
    """Send `old`, and all that was sent to it, straight to `new`; nothing sends `new` elsewhere any more."""
    here = Redirect.objects.filter(site_id=settings.SITE_ID)
    here.filter(old_path=new).delete()
    here.filter(new_path=old).update(new_path=new)
    Redirect.objects.update_or_create(site_id=settings.SITE_ID, old_path=old, defaults={"new_path": new})


def redirect_old_addresses(get_response):
    """Lead from an old address to the new one, whatever query came with it.

    Browsers ask again each time: another page may take the old address.
    """

    def middleware(request):
        response = get_response(request)
        if response.status_code != 404:
            return response
        found = Redirect.objects.filter(site_id=settings.SITE_ID, old_path=request.path).first()
        if found is None:
            return response
        answer = HttpResponsePermanentRedirect(found.new_path) if found.new_path else HttpResponseGone()
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    return middleware
