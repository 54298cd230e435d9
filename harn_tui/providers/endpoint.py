"""Where requests go: the URL of an endpoint below a base URL, and who may be sent no key."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import ProviderSettings

_VERSION_SEGMENT = re.compile(r"v\d+\w*")
_REQUEST_PATHS = ("/chat/completions", "/responses", "/messages", "/api/chat")
_USABLE_KEY = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. ``host`` is host and port as shown to people, without any user name.

    ``is_official`` tells whether it is the vendor's own server, which needs a key and knows only
    its own dialect.
    """

    url: str
    host: str
    is_official: bool

    @property
    def url_shown(self) -> str:
        """The URL without user name, password and query, which may hold secrets."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, self.host, parts.path, "", ""))


def endpoint_below(base_url: str, path: str, official_host: str) -> Endpoint:
    """Return the endpoint ``path`` (such as ``chat/completions``) below ``base_url``.

    The base may end with a version segment such as ``/v1`` or not, with or without a slash, or
    already with ``path`` itself.
    """
    parts = urlsplit(base_url.strip())
    folder = parts.path.rstrip("/")
    if folder.endswith("/" + path):
        folder = folder.removesuffix("/" + path)
    elif not any(_VERSION_SEGMENT.fullmatch(segment) for segment in folder.split("/")):
        folder += "/v1"
    url = urlunsplit((parts.scheme, parts.netloc, f"{folder}/{path}", parts.query, ""))
    host = parts.netloc.rpartition("@")[2]
    return Endpoint(url, host, is_official=parts.hostname == official_host)


def unversioned_endpoint(base_url: str, path: str, official_host: str) -> Endpoint:
    """Return the endpoint ``path`` (such as ``api/chat``) of a server without version segments.

    The base may end with such a segment all the same, as people write it for the server's
    imitation of another API, or already with ``path``.
    """
    parts = urlsplit(base_url.strip())
    url = address_beside(base_url, path, is_versioned=False)
    return Endpoint(
        url, parts.netloc.rpartition("@")[2], is_official=parts.hostname == official_host
    )


def address_beside(base_url: str, path: str, *, is_versioned: bool) -> str:
    """Return the URL of ``path`` on the server at ``base_url``, other than for model calls.

    It stands where model calls stand (``/v1/models``) when ``is_versioned``, else in place of the
    version segment (``/api/show``); the base may end with a folder that ``path`` begins with.
    Raises ValueError when ``base_url`` is no URL.
    """
    parts = urlsplit(base_url.strip())
    folder = parts.path.rstrip("/")
    for request_path in _REQUEST_PATHS:
        folder = folder.removesuffix(request_path)
    segments = folder.split("/")
    version = next((s for s in segments if _VERSION_SEGMENT.fullmatch(s)), None)
    if is_versioned:
        kept = segments if version else [*segments, "v1"]
    else:
        kept = segments[: segments.index(version)] if version else _without_start(segments, path)
    return urlunsplit((parts.scheme, parts.netloc, "/".join([*kept, path]), parts.query, ""))


def _without_start(segments: list[str], path: str) -> list[str]:
    """Return ``segments`` without the last one where ``path`` says it again."""
    last = segments[-1]
    return segments[:-1] if last and path.startswith(last + "/") else segments


def usable_key(settings: ProviderSettings, endpoint: Endpoint, env_name: str) -> str | None:
    """Return the key to send, or ``None`` when a custom server is used without one.

    Raises ProviderError (auth) when the vendor's own server is used without a key, or when the
    key could not be put into a header; the message names ``env_name`` and never the key.
    """
    key = (settings.api_key or "").strip()
    if not key:
        if not endpoint.is_official:
            return None
        raise ProviderError(
            f"Provider {settings.name!r} has no API key for {endpoint.host}.",
            category=ProviderErrorCategory.AUTH,
            hint=key_hint(env_name),
        )
    if _USABLE_KEY.fullmatch(key) is None:
        raise ProviderError(
            f"The API key of provider {settings.name!r} has spaces, line breaks or other"
            " characters that a key cannot have.",
            category=ProviderErrorCategory.AUTH,
            hint=key_hint(env_name),
        )
    return key


def key_hint(env_name: str) -> str:
    """Return what to do about a missing or refused key."""
    return f"Set {env_name} in the environment, or name another variable with api_key_env."
