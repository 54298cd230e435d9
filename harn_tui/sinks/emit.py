"""The one fan-out of events.

Order: the session's registered sinks as registered; then the sink on top of the loop's stack
or, outside every loop, the sink that owns the session; then, in ``aemit`` alone, the session's
subscribers one after another. Each place is heard once: a sink object that is both registered
and on top of the stack takes the event twice. Nobody's failure reaches anybody else: it is
logged, and the first of each listener is told to the session in a ``notice``.
"""

import asyncio
import logging

from harn_tui.events.host import Notice
from harn_tui.events.record import Event
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.kinds import NoticeLevel
from harn_tui.sinks.base import EventSink
from harn_tui.sinks.registry import SinkRegistry, Subscriber, current_registry
from harn_tui.sinks.scope import top_loop_sink

_sink_log = logging.getLogger("agent.sink")
_subscriber_log = logging.getLogger("agent.subscriber")


def emit(event: Event) -> None:
    """Hand the event to the sinks. Never awaits, never raises; any thread may call."""
    _emit_to_sinks(event, current_registry())


async def aemit(event: Event) -> None:
    """Hand the event to the sinks, then await the subscribers in order.

    Only cancellation passes through.
    """
    registry = current_registry()
    _emit_to_sinks(event, registry)
    for subscriber in registry.subscribers(event.session_id):
        await _notify(subscriber, event, registry)


def _emit_to_sinks(event: Event, registry: SinkRegistry) -> None:
    sinks = list(registry.sinks(event.session_id))
    last = top_loop_sink()
    if last is None:  # an empty MultiSink is falsy, so `or` would pass it over
        last = registry.owner_sink(event.session_id)
    if last is not None:
        sinks.append(last)
    broken = [sink for sink in sinks if not _is_delivered(sink, event)]
    for sink in broken:
        _report_failure(registry, event, sink, f"the sink {type(sink).__name__}")


def _is_delivered(sink: EventSink, event: Event) -> bool:
    try:
        sink.handle_event(event)
    except BaseException as error:
        # boundary: a broken sink must not break the loop; nothing is awaited in one, so no
        # cancellation can come out of it
        if not isinstance(error, asyncio.CancelledError) and not is_foreign_failure(error):
            raise
        _sink_log.exception(
            "sink failed session_id=%s event=%s sink=%s",
            event.session_id,
            event.type,
            type(sink).__name__,
        )
        return False
    return True


async def _notify(subscriber: Subscriber, event: Event, registry: SinkRegistry) -> None:
    try:
        await subscriber(event)
    except BaseException as error:
        # boundary: a broken subscriber must not break the loop
        if not is_foreign_failure(error):
            raise
        _subscriber_log.exception(
            "subscriber failed session_id=%s event=%s", event.session_id, event.type
        )
        _report_failure(registry, event, subscriber, "a subscriber")


def _report_failure(registry: SinkRegistry, event: Event, listener: object, name: str) -> None:
    """Tell the session once that one of its listeners fails; the listener itself hears it too."""
    if registry.note_failure(event.session_id, listener):
        text = f"A failure in {name} was passed over; the program's log has it."
        emit(Notice(event.session_id, NoticeLevel.WARNING, text))
