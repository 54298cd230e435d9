"""Streamed calls in a running loop: what became of arguments that no preview had shown yet."""

from dataclasses import replace

from harn_tui.errors import ProviderError
from harn_tui.events.agent import ToolCallUpdate
from harn_tui.kinds import ProviderErrorCategory, ToolCallStatus
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    OnDelta,
    ToolArgumentsDelta,
    ToolCallRequest,
    ToolCallStarted,
)
from tests.conformance.loop_driver import Reply, Script, Setup, make_tool


class StreamingScript(Script):
    """Streams two calls piece by piece, or breaks off within the second."""

    def __init__(self, *, breaks_off: bool) -> None:
        super().__init__([Reply("ok")])
        self._breaks_off = breaks_off

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        if self.requests:
            return await super().complete(request, on_delta)
        self.requests.append(request)
        on_delta(Accepted())
        for index, path in enumerate("ab"):
            on_delta(ToolCallStarted(index, f"call_{path}", "read"))
            for piece in ('{"pa', 'th":', f'"{path}', "bc", '"}'):
                on_delta(ToolArgumentsDelta(index, piece))
        if self._breaks_off:
            raise ProviderError("cut", category=ProviderErrorCategory.INVALID_REQUEST)
        calls = tuple(
            ToolCallRequest(f"call_{path}", "read", {"path": f"{path}bc"}) for path in "ab"
        )
        return replace(Completion(""), tool_calls=calls)


async def test_tools_odd_25_a_call_is_shown_whole_before_the_next_one_begins() -> None:
    setup = Setup([], tools=(make_tool("read"),))
    setup.provider = StreamingScript(breaks_off=False)
    run = await setup.run()
    second = next(n for n, event in enumerate(run.events) if event == run.of("tool_call")[1])
    updates = [event for event in run.events[:second] if isinstance(event, ToolCallUpdate)]
    assert updates[-1].raw_input == {"path": "abc"}


async def test_tools_odd_25_a_call_that_breaks_off_shows_what_had_come_of_it() -> None:
    setup = Setup([], tools=(make_tool("read"),))
    setup.provider = StreamingScript(breaks_off=True)
    run = await setup.run()
    updates = [
        update for update in run.of("tool_call_update") if update.tool_call_id == "tool-call_b"
    ]
    assert [update.status for update in updates][-1] is ToolCallStatus.FAILED
    assert updates[-1].raw_input is None
    assert updates[-2].raw_input == {"path": "bbc"}


async def test_tools_odd_24_one_id_names_a_streamed_call_from_beginning_to_end() -> None:
    setup = Setup([], tools=(make_tool("read"),))
    setup.provider = StreamingScript(breaks_off=False)
    run = await setup.run()
    assert [call.tool_call_id for call in run.of("tool_call")] == ["tool-call_a", "tool-call_b"]
    ended = [u.tool_call_id for u in run.of("tool_call_update") if u.status.is_terminal]
    assert ended == ["tool-call_a", "tool-call_b"]
