"""One spelling for all ways to write an address, and what is no address, in words."""

import re
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import HttpRequest

from pagecache.query_string import TRACKING

LONGEST = 200  # characters that the table of redirects holds
MOST_PARAMETERS = 30
ESCAPED = frozenset(' %?#"<>\\^`{|}')
OWN = ("/admin", settings.STATIC_URL.rstrip("/"), settings.MEDIA_URL.rstrip("/"), "/health")  # with all below
RELATIVE = "Begin the address with a slash, such as /old-page/."


class Address(NamedTuple):
    """An address of this site in its one spelling."""

    path: str
    query: str = ""

    @property
    def bare(self) -> str:
        """The path without a slash at its end."""
        return self.path.rstrip("/") or "/"

    @property
    def key(self) -> str:
        """The same for all addresses that one redirect is for."""
        return str(Address(self.bare, self.query))

    def __str__(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def address_of(text: str) -> Address:
    """Return the address that a text of our own means, without its fragment."""
    path, _, query = text.partition("#")[0].partition("?")
    return Address(spelled(unquote_to_bytes(path)), spelled_query(query))


def address_asked(request: HttpRequest) -> Address:
    # Of bytes that are no UTF-8 Django has made what browsers send for them.
    path = re.sub(rb"%[89A-F][0-9A-F]", lambda found: unquote_to_bytes(found[0]), request.path_info.encode())
    return Address(spelled(path), spelled_query(request.META.get("QUERY_STRING", "")))


def spelled(path: bytes) -> str:
    """Return a path in small letters, with only those characters escaped that would mean something else."""
    text = normalize("NFC", normalize("NFC", path.decode("utf-8", "surrogateescape")).lower())
    return "".join(
        sign if sign.isprintable() and sign not in ESCAPED else quote(sign, errors="surrogateescape") for sign in text
    )


def spelled_query(query: str) -> str:
    """Return a query in order, without what is appended to count visits; of too many parameters, nothing."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return ""
    return urlencode(sorted(pair for pair in pairs if not TRACKING.fullmatch(pair[0])))


def old_address(text: str) -> Address:
    """Return what staff typed as an old address; raise ValidationError, in plain words, for what can lead nowhere."""
    typed = own_part(checked(text))
    if "#" in typed:
        raise ValidationError("Leave out # and what follows: browsers do not send it.")
    if typed.startswith("//") or "://" in typed.partition("?")[0]:
        raise ValidationError("This is an address of another site: only those of this site can lead on.")
    if not typed.startswith("/"):
        raise ValidationError(RELATIVE)
    if typed.count("&") >= MOST_PARAMETERS:
        raise ValidationError(f"After the ? stand more than {MOST_PARAMETERS} names.")
    address = address_of(typed)
    if own := owner_of(address):
        raise ValidationError(f"What begins with {own}/ belongs to the site itself, and cannot lead on.")
    short(str(address))
    return address


def owner_of(address: Address) -> str:
    """Return what the address is or is below that is no page of the site, or an empty text."""
    return next((own for own in OWN if f"{address.bare}/".startswith(f"{own}/")), "")


def new_address(text: str) -> str:
    """Return what staff typed as a new address, an own one without its host; raise ValidationError for no address."""
    typed = own_part(checked(text))
    if typed.startswith("/") and not typed.startswith("//"):
        return short(typed)
    if not re.match("https?://", typed, re.IGNORECASE):
        raise ValidationError("Begin the address with a slash or with https://.")
    URLValidator(schemes=["http", "https"], message="This is no address that a browser could open.")(typed)
    return short(typed)


def checked(text: str) -> str:
    text = text.strip()
    if re.search(r"\s", text):
        raise ValidationError("An address has no spaces. Where the old one had some, write %20.")
    if not text.isprintable():
        raise ValidationError("There is a character in it that cannot be seen. Type the address anew.")
    if "\\" in text:
        raise ValidationError("Write / in place of \\.")
    return text


def short(text: str) -> str:
    if len(text) > LONGEST:
        raise ValidationError(f"This address has {len(text):,} characters. At most {LONGEST} fit here.")
    return text


def own_part(text: str) -> str:
    """Return an address without the site's own host; any other as it is."""
    try:
        parts = urlsplit(text)
        is_own = parts.scheme in ("http", "https") and parts.hostname in settings.ALLOWED_HOSTS
    except ValueError:
        raise ValidationError("This is no address that a browser could open.") from None
    return parts._replace(scheme="", netloc="", path=parts.path or "/").geturl() if is_own else text
