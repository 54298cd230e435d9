"""Takes the secrets that a server was given out of everything that is told of it."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from harn_tui.logs import REDACTED, secret_values
from harn_tui.tools.mcp.settings import McpServerSettings

_SHORTEST = 8


class HiddenValues:
    """What is secret of one server: the values of its headers, of the variables that are secret
    by name, and of the password and the query of its address.
    """

    def __init__(self, settings: McpServerSettings) -> None:
        given = {value for value in _given(settings) if len(value) >= _SHORTEST}
        listed = given | set(secret_values(settings.env))
        self._values = sorted(listed, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """Return ``text`` with each of the values replaced."""
        for value in self._values:
            text = text.replace(value, REDACTED)
        return text


def _given(settings: McpServerSettings) -> Iterator[str]:
    for value in settings.headers.values():
        yield from (value, *value.split())  # "Bearer abc" is a secret in its second word alone
    if settings.url is not None:
        address = urlsplit(settings.url)
        yield address.password or ""
        yield from (value for _, value in parse_qsl(address.query))
