import logging
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from pagecache.decorators import NEXT_CHANGE, shared
from publishing.revisions.release import release_due

NEVER = datetime.fromtimestamp(0, UTC)  # all that ever fell due has done so since
log = logging.getLogger(__name__)


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
