import logging

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from pictures.files import FOLDER

HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
UNAVAILABLE = {"Cache-Control": "no-store", "Retry-After": "30"}

log = logging.getLogger(__name__)


@csrf_exempt  # so that a method that is not allowed is refused as such
@require_safe
def rendition(request: HttpRequest, name: str) -> HttpResponseBase:
    try:
        file = default_storage.open(f"{FOLDER}/{name}")
    except FileNotFoundError as error:
        raise Http404 from error
    except OSError as error:
        log.error("A picture could not be read: %s", error)
        return HttpResponse(render_to_string("503.html"), status=503, headers=UNAVAILABLE)
    return FileResponse(file, content_type=f"image/{name.rpartition('.')[2]}", headers=HEADERS)
