import logging
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db import DatabaseError, OperationalError
from django.http import HttpResponseGone, HttpResponsePermanentRedirect
from django.utils import timezone

from publishing.keeping import NEXT_CHANGE, shared
from publishing.release import release_due
from publishing.version import DOWN

NEVER = datetime.fromtimestamp(0, UTC)  # all that ever fell due has done so since
log = logging.getLogger(__name__)


def no_wait_for_a_lost_database(get_response):
    """Refuse at once what could only wait for a database that does not answer, as long as that hangs.

    What the hanging meets in the middle is left to gunicorn's own limit.
    """

    def middleware(request):
        if DOWN in request.META and not request.path.startswith(settings.MEDIA_URL):
            raise OperationalError("The database does not answer.")
        return get_response(request)

    return middleware


def release_on_time(get_response):
    """Dated changes go live by themselves: the first visit after their time releases them."""

    def middleware(request):
        request.asked_at = timezone.now()  # what falls due from now on is for a later visit
        is_page = request.method in ("GET", "HEAD") and not request.path.startswith(settings.MEDIA_URL)
        if is_page and NEXT_CHANGE not in shared(request):  # nothing is due before it
            try:
                release_due()
            except DatabaseError as error:  # the page can be shown as it was; the next visit tries again
                log.error("Dated changes could not be released: %s", error)
                request.asked_at = NEVER  # nor may it be kept
        return get_response(request)

    return middleware


def old_addresses(get_response):
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
