"""What each model call sent, received and cost, with the tool calls that it asked for."""

import pytest

from harn_tui.events.agent import TurnStart
from harn_tui.events.host import LoopEnd, LoopStart
from harn_tui.kinds import LoopStatus
from tests.unit.view.build import S, call_end, call_start, retry, tool
from tests.unit.view.recording import fold

USAGE = {"input_tokens": 1000, "output_tokens": 50, "cache_read_tokens": 800}


def test_a_call_keeps_its_turn_usage_cost_and_times() -> None:
    view = fold(
        TurnStart(S, 0),
        call_start(1),
        call_end(1, USAGE, cost_usd=0.02, time_to_first_token_ms=300),
    )
    (call,) = view.calls
    assert (call.number, call.turn, call.model) == (1, 1, "m")
    assert (call.input_tokens, call.output_tokens, call.cached_share) == (1000, 50, 0.8)
    assert (call.cost_usd, call.time_to_first_token_ms, call.duration_ms) == (0.02, 300, 10)
    assert not call.is_cut


def test_tool_calls_share_the_cost_of_the_call_that_asked_for_them() -> None:
    view = fold(call_start(), tool("t1"), call_end(cost_usd=0.04, usage=USAGE), tool("t2"))
    (call,) = view.calls
    assert [view.tools_by_id["t1"], view.tools_by_id["t2"]] == call.tools
    assert call.cost_of_a_tool_usd == pytest.approx(0.02)


def test_what_a_retry_voided_has_no_share() -> None:
    view = fold(call_start(), tool("t1"), retry(), tool("t2"), call_end(cost_usd=0.04, usage=USAGE))
    (call,) = view.calls
    assert call.tools == [view.tools_by_id["t2"]]
    assert call.retries == 1


def test_a_call_without_a_price_gives_its_tools_none() -> None:
    (call,) = fold(call_start(), tool("t1"), call_end()).calls
    assert call.cost_of_a_tool_usd is None
    assert call.cached_share is None


def test_the_end_of_a_run_ends_a_call_that_was_open() -> None:
    view = fold(
        LoopStart(S, "l"), call_start(), LoopEnd(S, "l", LoopStatus.CANCELLED, "stopped", 1, {})
    )
    (call,) = view.calls
    assert call.is_cut
    assert call.ended_at_ms is not None
