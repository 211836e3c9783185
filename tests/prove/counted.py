"""The site as gunicorn serves it, with a line in a file for each page that Django makes: who makes it, and where.

While a file called `hold` is there, Django waits before it makes a page, and each process that waits leaves a file.
"""

import os
import time

from django.conf import settings

from clinic_site.wsgi import application, site

MADE, HOLD = settings.DATA_DIR / "made", settings.DATA_DIR / "hold"
django = site.application


def counted(environ, start_response):
    if not environ["PATH_INFO"].startswith("/admin/"):
        with MADE.open("a") as file:
            file.write(f"{os.getpid()} {environ['PATH_INFO']}\n")
        while HOLD.exists():
            (settings.DATA_DIR / f"held-{os.getpid()}").touch()
            time.sleep(0.01)
    return django(environ, start_response)


site.application = counted
__all__ = ["application"]
