"""A WSGI application that does nothing but answer, with the bytes and headers in the file that ANSWER names."""

import json
import os
from pathlib import Path

answer = json.loads(Path(os.environ["ANSWER"]).read_text())
headers = [(name, value) for name, value in answer["headers"]]
body = answer["body"].encode("latin-1")


def application(environ, start_response):
    start_response("200 OK", headers)
    return [body]
