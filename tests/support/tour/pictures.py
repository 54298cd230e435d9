"""The pictures of the tour, in its order."""

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import FeedbackStateChanged, PermissionRequest, SessionStart, ToolOutput
from harn_tui.events.record import Event
from harn_tui.kinds import Boundary, FeedbackState
from tests.support.tour.picture import Moment, Picture, View


def _is(kind: type[Event]) -> Moment:
    return lambda event: isinstance(event, kind)


def _queues_for_later(event: Event) -> bool:
    return (
        isinstance(event, FeedbackStateChanged)
        and event.state is FeedbackState.QUEUED
        and event.boundary is Boundary.AFTER_RUN
    )


_WIDE = (120, 32)

PICTURES = (
    Picture("start", "harn-tui", "long-tool-run", "What shall be done?", _is(SessionStart)),
    Picture("turn", "A turn", "long-tool-run", "running", _is(ToolOutput), occurrence=14),
    Picture(
        "steering",
        "Steering",
        "feedback-and-interrupt",
        "1 queued",
        _queues_for_later,
        typed="and mind the frogs",
    ),
    Picture(
        "approval",
        "An approval",
        "approvals",
        "Allow run_command?",
        _is(PermissionRequest),
        occurrence=2,
    ),
    Picture(
        "panel-tools",
        "Tools on a time axis",
        "failures-and-retries",
        "Tools",
        keys=("alt+1", "alt+p", "w"),
        size=_WIDE,
    ),
    Picture(
        "panel-cost",
        "What each call cost",
        "demo-tools-approval-feedback",
        "calls in",
        keys=("alt+5",),
        size=_WIDE,
    ),
    Picture("find", "Find", "long-tool-run", "Find", keys=("ctrl+f", *"north")),
    Picture("copy", "Copy", "long-tool-run", "Copy the command", keys=("ctrl+b", "T", "full_stop")),
    Picture(
        "review",
        "Review",
        "failures-and-retries",
        "beans instead",
        keys=("alt+e", "x", "c", *"beans", "space", *"instead", "enter"),
    ),
    Picture(
        "replay",
        "Replay",
        "failures-and-retries",
        "Replay",
        _is(ToolCallUpdate),
        occurrence=12,
        view=View.REPLAY,
    ),
    Picture("search", "Search", "", "places", keys=("ctrl+f", *"snails"), view=View.PICKER),
    Picture("themes", "Themes", "approvals", "Themes", keys=("f2",), theme="harn-light"),
)
"""Each has a place in ``docs/tour.md``."""
