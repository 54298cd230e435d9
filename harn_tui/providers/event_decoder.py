"""What cuts the bytes of a streamed response into events."""

from typing import Protocol

from harn_tui.providers.sse import SseEvent


class EventDecoder(Protocol):
    """Reads one response. Bytes may be cut anywhere."""

    @property
    def media_type(self) -> str:
        """The form that it reads, as an ``Accept`` header names it."""
        ...

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """Return the events that ``chunk`` completed, in order.

        Raises ProviderError (invalid_response) when one event outgrows its bound.
        """
        ...

    def finish(self) -> list[SseEvent]:
        """Return what the end of the response completed."""
        ...
