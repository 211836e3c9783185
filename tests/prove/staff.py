"""Members of staff, each in a browser of their own, at a site that is being served."""

import json
import urllib.error
import urllib.request
from typing import NamedTuple
from urllib.parse import urlencode

from tests.admin.forms import Fields

CSRF = "a" * 32
LOG_IN = """
import json
from django.contrib.auth import get_user_model
from django.test import Client
keys = []
for number in range(%d):
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(f"editor-{number}"))
    keys.append(client.cookies["session"].value)
print(json.dumps(keys))
"""


class Editor(NamedTuple):
    port: int
    key: str

    def ask(self, path, data=None):
        """(status, address, text) of the answer at the end of all redirects; with data, they are sent."""
        sent = None if data is None else urlencode(data | {"csrfmiddlewaretoken": CSRF}, doseq=True).encode()
        headers = {"Cookie": f"session={self.key}; csrf={CSRF}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", sent, headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, path, error.read().decode()

    def form(self, path):
        """What the form would send as it is, or None where there is none."""
        data = Fields(self.ask(path)[2]).data
        return data if "base_version" in data else None


def logged_in(site, port, count):
    """As many editors, each under a name of their own."""
    return [Editor(port, key) for key in json.loads(site.shell(LOG_IN % count))]


def picture_form(photo):
    """(headers, body) of the form that adds a picture."""
    fields = {"csrfmiddlewaretoken": CSRF.encode(), "alt": b"A picture", "credit": b"", "_save": b"1"}
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + text
        for name, text in fields.items()
    ]
    parts.append(b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + photo)
    return {"Content-Type": "multipart/form-data; boundary=edge"}, b"\r\n".join([*parts, b"--edge--\r\n"])
