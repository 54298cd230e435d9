"""Which network addresses are public: those that a page may be fetched from unasked."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_IPV4_BEHIND_THE_PREFIX = tuple(
    IPv6Network(text) for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/96")
)
"""IPv6 networks whose last 32 bits are an IPv4 address: compatible, mapped, translated."""
_6TO4 = IPv6Network("2002::/16")
_NEVER_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # the inner address of a cloud's hosts, from a public range
        "192.0.0.0/24",
        "192.88.99.0/24",
        "fec0::/10",
        "64:ff9b:1::/48",
        "2001::/32",
    )
)
"""Networks that some versions of Python take for global."""


def is_public(text: str) -> bool:
    """Whether the address is one of the open internet, whatever form it comes in.

    Loopback, private, link-local (metadata services of clouds), multicast and reserved ones are
    not, nor are IPv6 forms of such an IPv4 address. Raises ValueError for what is no address.
    """
    address = ip_address(text.partition("%")[0])
    return all(_is_plainly_public(part) for part in (address, *_embedded(address)))


def _is_plainly_public(address: Address) -> bool:
    if any(address in network for network in _NEVER_PUBLIC):
        return False
    if isinstance(address, IPv6Address) and any(address in n for n in _IPV4_BEHIND_THE_PREFIX):
        # Judged by the IPv4 address inside; the local ones of this range have none.
        return int(address) > 1
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _embedded(address: Address) -> Iterator[IPv4Address]:
    if not isinstance(address, IPv6Address):
        return
    if any(address in network for network in _IPV4_BEHIND_THE_PREFIX):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    elif address in _6TO4:
        yield IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
