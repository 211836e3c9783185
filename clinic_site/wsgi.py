import gc
import os
from pathlib import Path

from clinic_site.master import UNCHECKED, is_checked

if not is_checked():
    from gunicorn.errors import AppImportError

    raise AppImportError(UNCHECKED.format(Path(__file__).parents[1]))

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
django = get_wsgi_application()

from clinic_site.address import OneAddress  # noqa: E402
from clinic_site.front import behind_cache  # noqa: E402 - needs the models
from clinic_site.places import with_own_errors  # noqa: E402
from clinic_site.preload import preload  # noqa: E402

site = behind_cache(django)
application = with_own_errors(OneAddress(site, django), django)
if not settings.DEBUG:
    preload()
gc.freeze()  # keeps the collector from going through all that is loaded again and again
