"""The files that a patch names, read from its text before anything has applied it."""

import re
from collections.abc import Iterator

_READ_CHARS = 16_384
"""Characters of a patch that are looked at: a row is drawn often, and has room for few names."""

_HEADER = re.compile(r"^--- (.+)\n\+\+\+ (.+)$|^rename to (.+)$", re.MULTILINE)
_NOWHERE = "/dev/null"


def patch_names(patch: str) -> list[str]:
    """Return the files near the beginning of ``patch``, each once; none for what is no patch."""
    return list(dict.fromkeys(_names(patch[:_READ_CHARS])))


def _names(text: str) -> Iterator[str]:
    for found in _HEADER.finditer(text):
        if found[3]:
            yield _bare(found[3])
            continue
        old, new = _bare(found[1]), _bare(found[2])
        has_prefixes = _has_prefix(old, "a/") and _has_prefix(new, "b/")
        name = old if new == _NOWHERE else new
        yield name[2:] if has_prefixes else name


def _bare(header: str) -> str:
    """Return the name on a header line without a time behind it and without quotes."""
    name = header.partition("\t")[0].rstrip()
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name


def _has_prefix(name: str, prefix: str) -> bool:
    return name == _NOWHERE or name.startswith(prefix)
