import logging
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase

from pagecache.locks import brief_waits
from pagecache.middleware import GetResponse
from pagecache.state import page_state
from publishing.revisions.release import keys_due, release_one

LONG_AGO = datetime.fromtimestamp(0, UTC)  # a page as if made then has expired
log = logging.getLogger(__name__)


def release_on_time(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        state = page_state(request)  # what falls due after its moment is for a later visit
        is_page = request.method in ("GET", "HEAD") and not request.path.startswith(settings.MEDIA_URL)
        if is_page and state.shared.next_change is None:  # nothing is due before it
            try:
                for (pk,) in keys_due():
                    with brief_waits():
                        release_one(pk)
            except DatabaseError as error:  # the page can be shown as it was; the next visit tries again
                log.error("Dated changes could not be released: %s", error)
                state.now = LONG_AGO  # nor may it be cached
        return get_response(request)

    return middleware
