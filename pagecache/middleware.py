from django.conf import settings
from django.db import OperationalError

from pagecache.version import DOWN


def refuse_during_outage(get_response):
    """Refuse at once what could only wait for a database that does not answer, as long as that hangs.

    What the hanging meets in the middle is left to gunicorn's own limit.
    """

    def middleware(request):
        if DOWN in request.META and not request.path.startswith(settings.MEDIA_URL):
            raise OperationalError("The database does not answer.")
        return get_response(request)

    return middleware
