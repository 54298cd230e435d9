"""Looks for model servers on this machine's well-known ports, to tell a person about them."""

import socket
from collections.abc import Sequence

from harn_tui.config.provider_offers import WELL_KNOWN_SERVERS, LocalServer

_PATIENCE_S = 0.1


def answering_servers(
    servers: Sequence[LocalServer] = WELL_KNOWN_SERVERS,
) -> tuple[LocalServer, ...]:
    """Return those whose port takes a connection. Blocks: call it in a thread.

    Nothing is sent: on such a port anything may listen.
    """
    return tuple(server for server in servers if _takes_connections(server.port))


def offer(servers: Sequence[LocalServer]) -> str | None:
    """Return a sentence on how to use the first of ``servers``, ``None`` when there is none."""
    if not servers:
        return None
    first = servers[0]
    return (
        f"This is the demo. A model server may be running here ({first.name}, port {first.port}): "
        f"harn-tui {first.options} --model NAME"
    )


def _takes_connections(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S):
            return True
    except OSError:
        return False
