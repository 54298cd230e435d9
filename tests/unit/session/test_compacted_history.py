"""After any compactions the loop, the open session and its log have one and the same history."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.events.agent import TranscriptCompacted
from harn_tui.events.codec import decode_record, encode_record
from harn_tui.events.host import MessageRecorded
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND, CompactionMode
from harn_tui.loop.compaction.engine import compact
from harn_tui.loop.compaction.policy import CompactionPolicy
from harn_tui.session.conversation import Conversation
from harn_tui.session.parts import SessionPast
from harn_tui.store.history import INTERRUPTED_RESULT, fold_history
from tests.unit.loop.compaction.histories import assistant, histories, result, user
from tests.unit.loop.compaction.test_engine import policies
from tests.unit.store.log_building import numbered

S = "s"


async def _reply(prompt: str) -> str:
    return f"summary of {len(prompt)} characters"


class Life:
    """A session as the loop lives it: its list, what it emits, and the restarts in between."""

    def __init__(self) -> None:
        self.messages: list[JsonObject] = []
        self.events: list[Event] = []
        self.conversation = Conversation(SessionPast())

    def append(self, messages: Sequence[JsonObject]) -> None:
        for message in messages:
            self.messages.append(message)
            self._emit(MessageRecorded(S, message))

    def compact(self, policy: CompactionPolicy, *, force: bool = False) -> None:
        found = asyncio.run(
            compact(self.messages, policy, system_bytes=0, summarize=_reply, force=force)
        )
        if found is not None:
            self.messages = found.messages
            for event in found.events(S, CompactionMode.PREFLIGHT):
                self._emit(event)

    def restart(self) -> None:
        """Another process takes the session up from its log."""
        past = SessionPast(messages=tuple(self.from_log()))
        self.conversation = Conversation(past)
        self.messages = list(past.messages)

    def from_log(self) -> list[JsonObject]:
        lines = [encode_record(record) for record in numbered(self.events)]
        return fold_history(map(decode_record, lines)).messages

    def assert_one_history(self) -> None:
        assert list(self.conversation.messages) == self.messages
        assert self.from_log() == self.messages

    def _emit(self, event: Event) -> None:
        self.events.append(event)
        self.conversation.take(numbered([event])[0])


_steps = st.lists(
    st.one_of(
        histories(max_turns=4).map(lambda messages: ("append", messages)),
        st.tuples(st.just("compact"), policies),
        st.tuples(st.just("force"), policies),
        st.just(("restart", None)),
        st.just(("crash in a call", None)),
    ),
    max_size=8,
)


@given(_steps)
def test_loop_10_29_loop_log_and_session_agree_after_any_compactions(
    steps: list[tuple[str, object]],
) -> None:
    life = Life()
    for name, value in steps:
        if name == "append" and isinstance(value, list):
            life.append(value)
        elif isinstance(value, CompactionPolicy):
            life.compact(value, force=name == "force")
        elif name == "crash in a call":
            life.append([assistant("", "lost")])
            life.restart()
        else:
            life.restart()
        life.assert_one_history()


def test_a_compaction_counts_results_that_were_made_up_when_the_session_was_resumed() -> None:
    life = Life()
    life.append([user("q"), assistant("", "c1", "c2"), result("c1")])
    life.restart()
    life.append([user("go on"), assistant("fine"), user("and?"), assistant("done")])
    life.compact(CompactionPolicy(keep_last=2))
    life.assert_one_history()
    assert [m["content"] for m in life.messages[1:]] == ["and?", "done"]


def test_a_made_up_result_that_stays_is_still_reported_as_interrupted() -> None:
    events: list[Event] = [
        MessageRecorded(S, user("old")),
        MessageRecorded(S, assistant("", "gone")),
        MessageRecorded(S, user("next")),
        MessageRecorded(S, assistant("", "stays")),
        TranscriptCompacted(S, "preflight", "hybrid", 3, 9, 1),
        MessageRecorded(S, user("summary", kind=SUMMARY_KIND)),
    ]
    history = fold_history(numbered(events))
    assert history.interrupted_call_ids == ("stays",)
    assert history.messages[-1]["content"] == INTERRUPTED_RESULT


def test_a_compaction_whose_summary_was_never_written_archived_nothing() -> None:
    life = Life()
    life.append([user("q"), assistant("a")])
    life.events.append(TranscriptCompacted(S, "preflight", "hybrid", 2, 9, 1))
    life.restart()
    life.append([user("next")])
    life.assert_one_history()
    assert [m["content"] for m in life.messages] == ["q", "a", "next"]


def test_the_summary_stands_behind_what_was_kept_first() -> None:
    events: list[Event] = [MessageRecorded(S, user(f"m{n}")) for n in range(6)]
    events.append(TranscriptCompacted(S, "preflight", "hybrid", 3, 9, 1, keep_first=2))
    events.append(MessageRecorded(S, user("summary", kind=SUMMARY_KIND)))
    history = fold_history(numbered(events))
    assert [m["content"] for m in history.messages] == ["m0", "m1", "summary", "m5"]


def test_figures_of_a_log_that_cannot_be_right_lose_no_later_message() -> None:
    events: list[Event] = [MessageRecorded(S, user("m0"))]
    events.append(TranscriptCompacted(S, "auto", "truncate", 99, 9, 1, keep_first=-4))
    events.append(MessageRecorded(S, user("summary", kind=SUMMARY_KIND)))
    events.append(MessageRecorded(S, user("later")))
    history = fold_history(numbered(events))
    assert [m["content"] for m in history.messages] == ["summary", "later"]
