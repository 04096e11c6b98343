"""Where we call, and where not: somebody else names the address."""

import pytest

from ischio.remote.addresses import AddressGuard, AddressRefused, address, host_of

HOSTS = frozenset({"fhir.example.org", "clinic.example.org:8443"})

ADMITTED = {
    "https://fhir.example.org/r4": ("fhir.example.org", 443, "/r4"),
    "https://FHIR.example.org:443": ("fhir.example.org", 443, "/"),
    "https://clinic.example.org:8443/a?b=c&d=|": ("clinic.example.org", 8443, "/a?b=c&d=|"),
    "https://fhir.example.org/r4?name=A B": ("fhir.example.org", 443, "/r4?name=A%20B"),
}


@pytest.mark.parametrize("url", ADMITTED)
def test_what_is_listed_is_called(url: str):
    host, port, target = ADMITTED[url]
    found = AddressGuard(HOSTS).admit(url)
    assert (found.origin.host, found.origin.port, found.target) == (host, port, target)


def test_an_address_of_ipv6_is_named_as_the_guard_asks():
    url = "https://[2606:2800::1]:8443/r4"
    assert AddressGuard(frozenset({host_of(url)})).admit(url).origin.host == "2606:2800::1"


REFUSED = (
    "http://fhir.example.org/r4",
    "https://evil.example.org/r4",
    "https://fhir.example.org.evil.example.org/",
    "https://fhir.example.org:444/",
    "https://fhir.example.org@evil.example.org/",
    "https://evil.example.org#fhir.example.org",
    "https://evil.example.org\\@fhir.example.org/",
    "https://user:word@fhir.example.org/",
    "https://fhir.example.org:port/",
    "https://[fhir.example.org/",
    "https://clinic.example.org/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://fhir.example.org。evil.example.org/",
    "https:///r4",
    "ftp://fhir.example.org/",
    "file:///etc/passwd",
    "fhir.example.org",
    "",
)


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_not_listed_is_not_called(url: str):
    with pytest.raises(AddressRefused):
        AddressGuard(HOSTS).admit(url)


def test_http_where_it_is_let_through_and_nowhere_else():
    assert AddressGuard(HOSTS, plain=True).admit("http://fhir.example.org/").origin.port == 80


def test_a_line_break_in_an_address_cannot_add_a_header():
    assert "\r" not in address("https://fhir.example.org/a\r\nX-Evil: 1").target


OUTSIDE = ("93.184.216.34", "2606:2800:220:1::1")
INSIDE = ("10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "::1", "fd12::1", "100.64.0.1", "::ffff:10.1.2.3")
NEVER = (
    "169.254.169.254",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "0.0.0.0",
    "224.0.0.1",
    "ff02::1",
    "::",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
)


def leading_to(*places: str, inside: bool) -> AddressGuard:
    return AddressGuard(HOSTS, HOSTS if inside else frozenset(), resolve=lambda *_: places)


@pytest.mark.parametrize("place", OUTSIDE)
def test_a_public_place_is_called(place: str):
    assert leading_to(place, inside=False).places("fhir.example.org", 443) == (place,)


@pytest.mark.parametrize("place", INSIDE)
def test_a_place_in_our_own_network_only_where_settings_say_so(place: str):
    assert leading_to(place, inside=True).places("fhir.example.org", 443) == (place,)
    with pytest.raises(AddressRefused, match="network"):
        leading_to(place, inside=False).places("fhir.example.org", 443)


@pytest.mark.parametrize("place", NEVER)
@pytest.mark.parametrize("inside", [True, False])
def test_a_place_that_is_never_called(place: str, inside: bool):
    with pytest.raises(AddressRefused, match="network"):
        leading_to(place, inside=inside).places("fhir.example.org", 443)


@pytest.mark.parametrize("place", ["64:ff9b::a01:203", "2002:a01:203::1"])
def test_a_private_place_in_other_clothes(place: str):
    with pytest.raises(AddressRefused):
        leading_to(place, inside=False).places("fhir.example.org", 443)


def test_one_bad_place_among_good_ones_is_enough():
    with pytest.raises(AddressRefused):
        leading_to("93.184.216.34", "10.0.0.1", inside=False).places("fhir.example.org", 443)


def test_a_name_that_leads_nowhere():
    with pytest.raises(AddressRefused, match="no address"):
        AddressGuard(frozenset({"no-such-host.invalid"})).places("no-such-host.invalid", 443)
