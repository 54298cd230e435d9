"""What a model calls the tools of MCP servers: ``server__tool``, in characters every API takes."""

import hashlib
import re
from collections.abc import Collection, Iterable

NAME_LIMIT = 64
"""Longest name that every model API accepts."""

_SEPARATOR = "__"
_REFUSED_CHARACTER = re.compile(r"[^A-Za-z0-9_-]")
_DIGEST_LENGTH = 8


def assign_names(server: str, tools: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """Return the server's own name of each tool by the name that a model is told.

    The names do not depend on the order of ``tools``. A name that is fine as it is stays as it
    is; of several that would come out alike, and of one that is ``taken``, each gets a few
    digits of a checksum, and so does a name that had to be cut. Empty names are left out.
    """
    plain: dict[str, list[str]] = {}
    for tool in sorted(set(tools) - {""}):
        plain.setdefault(_plain_name(server, tool), []).append(tool)
    assigned: dict[str, str] = {}
    marked: list[str] = []
    for name, claimants in plain.items():
        owner = _owner(server, name, claimants) if name not in taken else None
        if owner is not None:
            assigned[name] = owner
        marked += [tool for tool in claimants if tool != owner]
    for tool in marked:
        assigned[_free_name(server, tool, {*plain, *assigned, *taken})] = tool
    return assigned


def _plain_name(server: str, tool: str) -> str:
    return f"{server}{_SEPARATOR}{_REFUSED_CHARACTER.sub('_', tool)}"


def _owner(server: str, name: str, claimants: list[str]) -> str | None:
    """Return the tool that may have ``name`` unmarked, ``None`` when there is none."""
    if len(name) > NAME_LIMIT:
        return None
    if len(claimants) == 1:
        return claimants[0]
    own = name.removeprefix(f"{server}{_SEPARATOR}")
    return own if own in claimants else None


def _free_name(server: str, tool: str, taken: Collection[str]) -> str:
    digest = hashlib.sha256(tool.encode("utf-8", "surrogatepass")).hexdigest()
    for length in range(_DIGEST_LENGTH, len(digest)):
        mark = f"_{digest[:length]}"
        name = _plain_name(server, tool)[: NAME_LIMIT - len(mark)] + mark
        if name not in taken:
            return name
    raise ValueError(f"no free name is left for the tool {tool!r}")
