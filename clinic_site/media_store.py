"""Where pictures are kept: in the data folder, or in a store that speaks S3."""

import re
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

FOLDER = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
WRONG = (
    "MEDIA_STORE must be an address such as s3://key:secret@host/bucket?region=eu-central-1, with / in the secret "
    "written as %2F."
)
LACKING = "MEDIA_STORE needs django-storages: pip install -r requirements/s3.txt"
SCHEMES = {"true": "https", "false": "http"}  # by the option tls


def media_store(address: str) -> dict[str, Any]:
    """Return Django's settings of the storage at this address, which no error message repeats: it holds a secret."""
    if not address.strip():
        return FOLDER
    try:
        options = bucket_options(address.strip())
    except (ValueError, KeyError):
        raise ImproperlyConfigured(WRONG) from None
    if not (find_spec("storages") and find_spec("boto3")):
        raise ImproperlyConfigured(LACKING)
    return {"BACKEND": "pictures.bucket.Bucket", "OPTIONS": options}


def bucket_options(address: str) -> dict[str, Any]:
    """Raises ValueError or KeyError for what is no such address."""
    parts = urlsplit(address)
    options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) if parts.query else []
    asked = {"region": "us-east-1", "tls": "true"} | dict(options)
    bucket, _, folder = parts.path.strip("/").partition("/")
    host = parts.netloc.rpartition("@")[2]
    is_valid = (
        parts.scheme == "s3"
        and re.fullmatch(r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-f:]+\])(:[0-9]+)?", host)
        and (parts.port or True)
        and re.fullmatch(r"[a-z0-9][a-z0-9.-]+[a-z0-9]", bucket)
        and re.fullmatch(r"([\w-]+(/[\w-]+)*)?", folder, re.ASCII)
        and re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", asked["region"])
        and asked.keys() == {"region", "tls"}
        and bool(parts.username) == bool(parts.password)
    )
    if not is_valid:
        raise ValueError
    return {
        # Without a key, boto3 looks for one where it always does, such as the role of the machine.
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "endpoint_url": f"{SCHEMES[asked['tls']]}://{host}",
        "region_name": asked["region"],
        "bucket_name": bucket,
        "location": folder,
    }
