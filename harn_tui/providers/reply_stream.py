"""Run one streamed call: from an open event stream to a whole reply or a typed error."""

from collections.abc import AsyncIterator
from typing import Protocol

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.base import Completion
from harn_tui.providers.error_body import clean_text, message_in_json
from harn_tui.providers.error_category import category_of_stream_error
from harn_tui.providers.sse import SseEvent


class ReplyParser(Protocol):
    """Reads the events of one protocol. One instance reads one reply."""

    @property
    def is_finished(self) -> bool:
        """Whether the protocol's own end marker was read; nothing of use follows."""
        ...

    @property
    def is_whole(self) -> bool:
        """Whether the reply can no longer grow, even if its end marker is still missing."""
        ...

    def feed(self, event: SseEvent) -> None:
        """Take one event. Raises ProviderError for an error event or a broken one."""
        ...

    def completion(self) -> Completion:
        """Return the reply. Raises ProviderError when it was cut or is empty."""
        ...


async def read_reply(events: AsyncIterator[SseEvent], parser: ReplyParser) -> Completion:
    """Feed ``parser`` until the reply has ended and return it.

    A connection that breaks after the reply was whole took nothing with it but its end marker.
    """
    try:
        async for event in events:
            parser.feed(event)
            if parser.is_finished:
                break
    except ProviderError as error:
        if not (parser.is_whole and error.category in _BROKEN_CONNECTION):
            raise
    return parser.completion()


_BROKEN_CONNECTION = frozenset(
    {ProviderErrorCategory.TRANSIENT_NETWORK, ProviderErrorCategory.TIMEOUT}
)


def cut_reply_error() -> ProviderError:
    """Return the error for a stream that ended before its reply did (oddity 10.21)."""
    return ProviderError(
        "The model server's reply was cut off before its end.",
        category=ProviderErrorCategory.TRANSIENT_NETWORK,
    )


def error_in_stream(payload: JsonObject) -> ProviderError:
    """Return the typed error for an error object that arrived within a stream."""
    message = message_in_json(payload)
    text = clean_text(message.text) or ", ".join(sorted(message.codes)) or "no details were given"
    return ProviderError(
        f"The model server reported an error in the middle of its reply: {text}",
        category=category_of_stream_error(message),
        status=message.status,
    )
