"""Laws of a daemon that hold whatever is said to it in whatever idle period."""

import asyncio
from collections import Counter
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.config.loop_options import LoopOptions
from harn_tui.feedback.item import PREFILL_KIND
from harn_tui.kinds import Boundary, FeedbackState, HostMessageMode, LoopStatus
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.daemon.wake import WakeSignal
from tests.conformance.loop_driver import SESSION_ID, Reply, Run, Setup, make_tool, until
from tests.conformance.observed import hold_answers, hold_frames, transcript_events

Act = tuple[str, Any]

acts: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("host"), st.sampled_from(HostMessageMode)),
    st.tuples(st.just("line"), st.sampled_from(Boundary)),
    st.tuples(st.just("far line"), st.sampled_from(Boundary)),
    st.tuples(st.just("prefill"), st.none()),
    st.tuples(st.just("resume"), st.none()),
)
replies = st.sampled_from([Reply("nothing to do"), Reply("", calls=(("look", {}),))])


class _Daemon:
    """A daemon, and all that was said to it."""

    def __init__(self, turns: list[Reply]) -> None:
        self.control = RunControl()
        self.wake = WakeSignal()
        self.setup = Setup(
            [*turns, *(Reply("nothing to do") for _ in range(40))],
            tools=(make_tool("look"),),
            options=LoopOptions(daemon=True, max_iterations=100),
            extra={"wake": self.wake},
            control=self.control,
        )
        self.said: list[str] = []
        self.line_ids: list[str] = []

    @property
    def idle_periods(self) -> int:
        events: list[Any] = self.setup.sink.events
        return sum(event.type == "notice" and "waits" in event.text for event in events)

    def do(self, act: Act) -> bool:
        """Do ``act``; return whether it must wake the daemon."""
        kind, how = act
        text = f"number {len(self.said) + len(self.line_ids)}."
        if kind == "host":
            self.said.append(text)
            self.setup.host_messages.push(text, how)
        elif kind == "resume":
            self.wake.resume()
        else:
            queue = self.setup.feedback
            push = queue.push_threadsafe if kind == "far line" else queue.push
            feedback_kind = PREFILL_KIND if kind == "prefill" else "user"
            boundary = how or Boundary.NEXT_PREFLIGHT
            self.line_ids.append(push(SESSION_ID, feedback_kind, text, boundary).feedback_id)
        return kind != "prefill"

    def _has_gone_idle(self, times: int) -> bool:
        return self.idle_periods >= times

    async def live(self, periods: list[list[Act]]) -> Run:
        """Do the acts of each period while the daemon idles, then cancel it."""
        task = asyncio.create_task(self.setup.run())
        for number, period in enumerate(periods, start=1):
            await until(partial(self._has_gone_idle, number))
            has_woken = [self.do(act) for act in period]
            if True not in has_woken:
                self.wake.resume()
        await until(partial(self._has_gone_idle, len(periods) + 1))
        self.control.cancel("enough")
        return await task


@settings(max_examples=60)
@given(st.lists(replies, max_size=6), st.lists(st.lists(acts, max_size=4), max_size=4))
def test_whatever_wakes_a_daemon_is_read_once_and_nothing_is_left(
    turns: list[Reply], periods: list[list[Act]]
) -> None:
    daemon = _Daemon(turns)
    run = asyncio.run(daemon.live(periods))
    assert run.result.status is LoopStatus.CANCELLED
    hold_frames(run.events)
    hold_answers(run.result.messages)
    for request in run.provider.requests:
        hold_answers(request.messages)
        assert request.messages[-1]["role"] != "assistant"
    recorded = [str(event.message["content"]) for event in run.of("message_recorded")]
    assert Counter(text for text in recorded if text in daemon.said) == Counter(daemon.said)
    states = run.of("feedback_state")
    delivered = [event.feedback_id for event in states if event.state is FeedbackState.DELIVERED]
    assert sorted(delivered) == sorted(daemon.line_ids)
    assert daemon.setup.feedback.pending(SESSION_ID) == ()
    assert len(transcript_events(run, "daemon_wake")) == len(periods)
