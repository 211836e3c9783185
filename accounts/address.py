from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the address that the outermost of our own proxies was asked from, None where none is known.

    A proxy appends to X-Forwarded-For whom it was asked by, so only entries from the right are its own.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    entries = request.headers.get("x-forwarded-for", "").split(",")
    hops = settings.PROXY_HOPS
    forwarded = entries[-hops] if 0 < hops <= len(entries) and is_proxy(peer) else ""
    return counted(forwarded) or counted(peer)


def is_proxy(peer: str) -> bool:
    """Return whether a proxy of ours has this address; a Unix socket has none, and nobody else reaches it."""
    if not peer or "*" in settings.PROXIES:
        return True
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in ip_network(proxy) for proxy in settings.PROXIES)


def counted(text: str) -> str | None:
    """Return the address as it is counted: of IPv6 its /64, of which one client may have every address."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), 64), strict=False).network_address)
