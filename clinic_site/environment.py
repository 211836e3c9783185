"""Variables from the environment and from a file such as `.env`, which mean the same in both.

A value is taken without spaces around it, and an empty one as if the variable were not set. What cannot be understood
raises ImproperlyConfigured. No message repeats a value: it may be a secret.
"""

import os
import re
from difflib import get_close_matches
from io import StringIO
from ipaddress import IPv6Address, ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

# Of gunicorn, which reads it before it reads any file of ours.
OF_THE_ENVIRONMENT_ALONE = {"GUNICORN_CMD_ARGS", "ENV_FILE"}
LONGEST = 4000  # characters of a value, with room for every real one

known: set[str] = set()  # the variables that were asked for
from_file: dict[str, str] = {}  # what was set by the file alone


def load(folder: Path) -> None:
    """Set the variables of the file that ENV_FILE names, or of `.env` in this folder, that are not set already."""
    name = os.environ.get("ENV_FILE", ".env").strip()
    known.clear()
    from_file.clear()
    if not name:
        return
    lines = env_file(folder / name, must_be_there="ENV_FILE" in os.environ)
    for line in lines:
        name = line.removeprefix("export ").partition("=")[0]
        if not os.environ.get(name, "").strip():  # an empty variable counts as none
            os.environ.pop(name, None)
    before = dict(os.environ)
    environ.Env.read_env(StringIO("\n".join(lines)))
    from_file.update({name: value for name, value in os.environ.items() if name not in before})


def env_file(path: Path, must_be_there: bool = False) -> list[str]:
    """Return the lines of the file that set a variable; any other line is an error, which django-environ ignores."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{path.name} must be plain text in UTF-8.") from error
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError) and not must_be_there:
            return []
        reason = getattr(error, "strerror", None) or "not a path"
        raise ImproperlyConfigured(f"{path.name} cannot be read: {reason}.") from error
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    for number, line in lines:
        found = re.match(r"(?:export )?(\w+)=", line, re.ASCII)
        if not found:
            raise ImproperlyConfigured(f"{path.name}, line {number}: write NAME=value, without spaces around =.")
        if not line.replace("\t", "").isprintable():
            raise ImproperlyConfigured(f"{path.name}, line {number}: has a character that cannot be seen.")
        if found[1] in OF_THE_ENVIRONMENT_ALONE:
            raise ImproperlyConfigured(f"{path.name}, line {number}: {found[1]} works from the environment alone.")
    return [line for _, line in lines]


def misspelled() -> dict[str, str]:
    """Return the names in the file that nothing asked for, each with the one that is probably meant."""
    close = {name: get_close_matches(name.upper(), known, 1, 0.85) for name in from_file.keys() - known}
    return {name: found[0] for name, found in sorted(close.items()) if found}


def text(name: str, default: str = "") -> str:
    known.add(name)
    value = os.environ.get(name, "").strip()
    if len(value) > LONGEST:
        raise ImproperlyConfigured(f"{name} must have at most {LONGEST} characters.")
    if not value.isprintable():
        raise ImproperlyConfigured(f"{name} has a character that cannot be seen.")
    if value[:1] in {'"', "'"} and value[-1] != value[0]:
        raise ImproperlyConfigured(f"{name} must end with the quote that it begins with.")
    return value or default


def folder(name: str, default: str, base: Path) -> Path:
    """Return the folder, of which a relative path begins at `base`."""
    try:
        path = base / Path(text(name, default)).expanduser()
        path.is_dir()  # raises what no path can be
    except (RuntimeError, OSError, ValueError):
        raise ImproperlyConfigured(f"{name} must be a path that can be read, such as /srv/clinic.") from None
    return path.resolve() if ".." in path.parts else path  # what follows may append to its name


def networks(name: str) -> list[str]:
    """Return addresses and networks, separated by commas, with this machine's own; or * alone.

    Those of IPv4 come in the form of IPv6 too, in which a socket for both, such as BIND=::, tells them.
    """
    found = [part for part in map(str.strip, text(name).split(",")) if part]
    if found == ["*"]:
        return found
    try:
        known = dict.fromkeys(ip_network(part) for part in [*found, "127.0.0.1", "::1"])
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be addresses or networks such as 192.0.2.7 or 192.0.2.0/24, separated by commas."
        ) from None
    mapped = [f"::ffff:{one.network_address}/{96 + one.prefixlen}" for one in known if one.version == 4]
    return [*map(str, known), *mapped]


def bind(name: str) -> str:
    """Return where to serve: a host's name or address, or the socket `unix:/path`."""
    value = text(name, "127.0.0.1")
    if re.fullmatch(r"unix:/[^\0]{1,100}", value):
        return value
    host = value.removeprefix("[").removesuffix("]")
    if is_ipv6(host) or re.fullmatch(r"[a-z0-9.-]{1,253}", value, re.IGNORECASE):
        return host
    raise ImproperlyConfigured(
        f"{name} must be an address such as 127.0.0.1 or ::, or a socket such as unix:/run/clinic.sock; "
        "the port is PORT."
    )


def is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def hosts(name: str) -> list[str]:
    """Return host names in the form that Django compares, an IPv6 address in brackets."""
    found = [host.strip().lower() for host in text(name).split(",") if host.strip()]
    if any("*" in host for host in found):
        raise ImproperlyConfigured(f"{name} must name each host; * is not accepted.")
    bare = [host.removeprefix("[").removesuffix("]") for host in found]
    if not all(is_ipv6(host) or re.fullmatch(r"[a-z0-9.-]+", host) for host in bare):
        raise ImproperlyConfigured(
            f"{name} must be host names such as example.com, without https:// or a port, separated by commas."
        )
    return [f"[{host}]" if is_ipv6(host) else host for host in bare]
