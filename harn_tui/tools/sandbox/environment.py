"""Which variables a command in a sandbox is given."""

import re
from collections.abc import Collection, Mapping

from harn_tui.logs import is_secret_name

_PASSWORD_IN_ADDRESS = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


def sandbox_environment(
    environment: Mapping[str, str], kept: Collection[str] = ()
) -> dict[str, str]:
    """Return ``environment`` without what is secret by its name, or has a password in an address.

    Variables named in ``kept`` stay. Temporary files go to the sandbox's own ``/tmp``.
    """
    passed = {
        name: value
        for name, value in environment.items()
        if name in kept or not (is_secret_name(name) or _PASSWORD_IN_ADDRESS.search(value))
    }
    return {**passed, "TMPDIR": "/tmp"}
