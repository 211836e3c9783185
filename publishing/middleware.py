from django.conf import settings

from publishing.release import release_due


def release_on_time(get_response):
    """Dated changes go live by themselves: the first visit after their time releases them."""

    def middleware(request):
        if request.method in ("GET", "HEAD") and not request.path.startswith(settings.MEDIA_URL):
            release_due()
        return get_response(request)

    return middleware
