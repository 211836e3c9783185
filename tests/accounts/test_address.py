"""From where somebody comes: behind a number of proxies of our own, whatever else is claimed."""

import pytest

from accounts.address import client_address


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "unknown", "192.0.2.1"),
        (1, "203.0.113.9:4711", "192.0.2.1"),
        (1, "203.0.113.9,", "192.0.2.1"),
        (1, "<script>" * 10_000, "192.0.2.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_address_is_that_of_the_configured_number_of_hops(rf, settings, hops, forwarded, expected):
    settings.PROXY_HOPS, settings.PROXIES = hops, ["192.0.2.0/24"]
    assert client_address(rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)) == expected


def test_socket_has_no_address(rf):
    assert client_address(rf.get("/", REMOTE_ADDR="")) is None


@pytest.mark.parametrize(
    ("peer", "proxies", "expected"),
    [
        ("192.0.2.1", ["192.0.2.2", "10.0.0.0/8"], "192.0.2.1"),
        ("10.1.2.3", ["192.0.2.2", "10.0.0.0/8"], "203.0.113.9"),
        ("::1", ["10.0.0.0/8", "::1/128"], "203.0.113.9"),
        ("192.0.2.1", ["*"], "203.0.113.9"),
        ("", ["192.0.2.2"], "203.0.113.9"),
        ("unknown", ["192.0.2.2"], None),
    ],
)
def test_only_a_proxy_of_ours_is_believed(rf, settings, peer, proxies, expected):
    settings.PROXY_HOPS, settings.PROXIES = 1, proxies
    assert client_address(rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="203.0.113.9")) == expected
