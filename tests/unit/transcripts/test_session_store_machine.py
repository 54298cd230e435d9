"""Whatever is done to a store in whatever order, it loses nothing and its lineage is sound."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import DataObject, data, integers, sampled_from

from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject
from harn_tui.transcripts.call_pairs import with_every_call_answered
from harn_tui.transcripts.session_run import SessionRun
from harn_tui.transcripts.session_store import SessionStore
from harn_tui.transcripts.transcript import TranscriptState
from harn_tui.transcripts.transcript_event import MESSAGE_KINDS, TranscriptEvent
from tests.unit.transcripts.messages import Clock, assistant, result, user

CAP = 3
IDS = sampled_from(["a", "b", "c", "d", "e"])
COUNTS = integers(0, 6)


@dataclass
class Expected:
    """What a session ought to hold, kept in the plainest way."""

    messages: list[JsonObject] = field(default_factory=list)
    waiting: list[JsonObject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    run: SessionRun | None = None
    open_calls: list[str] = field(default_factory=list)

    @property
    def all_messages(self) -> list[JsonObject]:
        return [*self.messages, *self.waiting]


class StoreMachine(RuleBasedStateMachine):
    """Ten operations on five ids in a store of three."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[str] = []
        self.store = SessionStore(cap=CAP, clock=Clock(), on_removed=self.gone.append)
        self.expected_gone: list[str] = []
        self.expected: dict[str, Expected] = {}
        """In the order of the last use."""
        self.serial = 0

    def text(self) -> str:
        self.serial += 1
        return f"m{self.serial}"

    def use(self, session_id: str) -> Expected:
        """Note a use of the session; a new one makes the longest unused one leave."""
        expected = self.expected.pop(session_id, None)
        if expected is None:
            while len(self.expected) >= CAP:
                unused = next((i for i, e in self.expected.items() if e.run is None), None)
                if unused is None:
                    break
                self.forget(unused)
            assert len(self.expected) < max(CAP, len(self.running()) + 1)
            expected = Expected()
        self.expected[session_id] = expected
        return expected

    def forget(self, session_id: str) -> Expected:
        self.expected_gone.append(session_id)
        return self.expected.pop(session_id)

    def any_id(self, source: DataObject) -> str:
        return source.draw(sampled_from(sorted(self.expected)), label="session")

    def running(self) -> list[str]:
        return sorted(i for i, e in self.expected.items() if e.run is not None)

    @rule(session_id=IDS)
    def open(self, session_id: str) -> None:
        assert self.store.open(session_id) == session_id
        self.use(session_id)

    @precondition(lambda self: self.expected)
    @rule(source=data())
    def inject(self, source: DataObject) -> None:
        session_id, message = self.any_id(source), user(self.text())
        self.store.inject(session_id, message)
        expected = self.use(session_id)
        (expected.messages if expected.run is None else expected.waiting).append(message)

    @precondition(lambda self: self.expected)
    @rule(source=data())
    def note(self, source: DataObject) -> None:
        session_id, text = self.any_id(source), self.text()
        self.store.append_event(session_id, {"kind": "note", "text": text})
        self.use(session_id).notes.append(text)

    @rule(session_id=IDS)
    def begin(self, session_id: str) -> None:
        expected = self.use(session_id)
        if expected.run is not None:
            with pytest.raises(LoopConfigError):
                self.store.begin_run(session_id)
            return
        expected.run = self.store.begin_run(session_id)
        assert list(expected.run.start.messages) == with_every_call_answered(expected.messages)

    @precondition(lambda self: self.running())
    @rule(source=data(), call_count=integers(0, 2))
    def record(self, source: DataObject, call_count: int) -> None:
        """Answer an open call, or let the assistant say something, perhaps with calls."""
        session_id = source.draw(sampled_from(self.running()), label="session")
        expected = self.use(session_id)
        assert expected.run is not None
        if expected.open_calls:
            message = result(expected.open_calls.pop(0), self.text())
        else:
            expected.open_calls = [self.text() for _ in range(call_count)]
            message = assistant(self.text(), *expected.open_calls)
        assert expected.run.record_message(message)
        expected.messages.append(message)

    @precondition(lambda self: self.running())
    @rule(source=data())
    def preflight(self, source: DataObject) -> None:
        session_id = source.draw(sampled_from(self.running()), label="session")
        expected = self.expected[session_id]
        assert expected.run is not None
        if expected.waiting:
            self.use(session_id)
        assert list(expected.run.take_injected()) == expected.waiting
        expected.messages += expected.waiting
        expected.waiting = []

    @precondition(lambda self: self.running())
    @rule(source=data())
    def end(self, source: DataObject) -> None:
        session_id = source.draw(sampled_from(self.running()), label="session")
        expected = self.use(session_id)
        assert expected.run is not None
        assert list(expected.run.end(TranscriptState.PAUSED)) == expected.waiting
        expected.messages += expected.waiting
        expected.waiting, expected.run, expected.open_calls = [], None, []

    @precondition(lambda self: self.expected)
    @rule(source=data(), destination=IDS)
    def fork(self, source: DataObject, destination: str) -> None:
        session_id = self.any_id(source)
        assert self.store.fork(session_id, destination) == destination
        origin = self.use(session_id)
        if destination != session_id:
            self.overwrite(destination, origin.all_messages, list(origin.notes))

    @precondition(lambda self: self.expected)
    @rule(source=data(), destination=IDS, keep_first=COUNTS)
    def fork_at(self, source: DataObject, destination: str, keep_first: int) -> None:
        session_id = self.any_id(source)
        origin = self.use(session_id)
        before = origin.all_messages
        self.store.fork_at(session_id, keep_first, destination)
        kept = self.stored_messages(destination)
        cut = len(kept) - sum(message not in before for message in kept)
        assert kept == with_every_call_answered(before[:cut])
        assert cut >= min(keep_first, len(before))
        self.assert_no_call_is_parted(before, cut)
        texts = {event.text for event in self.events(destination)}
        notes = [note for note in origin.notes if note in texts]
        assert notes == origin.notes[: len(notes)]
        self.overwrite(destination, kept, notes)

    @precondition(lambda self: self.expected)
    @rule(source=data(), keep_last=COUNTS)
    def trim(self, source: DataObject, keep_last: int) -> None:
        session_id = self.any_id(source)
        expected = self.use(session_id)
        before = expected.all_messages
        assert self.store.trim(session_id, keep_last) == self.store.length(session_id)
        kept = self.stored_messages(session_id)
        known = [message for message in kept if message in before]
        assert known == before[len(before) - len(known) :]
        assert len(known) >= min(keep_last, len(before))
        self.assert_no_call_is_parted(before, len(before) - len(known))
        if expected.run is None:
            assert kept == with_every_call_answered(known)
            expected.messages = kept
            return
        assert kept == known
        waiting_count = min(keep_last, len(expected.waiting))
        expected.messages = kept[: len(kept) - waiting_count]
        expected.waiting = kept[len(kept) - waiting_count :]
        if not any(message["role"] == "assistant" for message in expected.messages):
            expected.open_calls = []

    @precondition(lambda self: self.expected)
    @rule(source=data())
    def reset(self, source: DataObject) -> None:
        session_id = self.any_id(source)
        self.store.reset(session_id)
        self.overwrite(session_id, [], [])

    @precondition(lambda self: self.expected)
    @rule(source=data())
    def close(self, source: DataObject) -> None:
        session_id = self.any_id(source)
        self.store.close(session_id)
        run = self.forget(session_id).run
        assert run is None or not run.is_attached

    def overwrite(self, session_id: str, messages: list[JsonObject], notes: list[str]) -> None:
        expected = self.use(session_id)
        assert expected.run is None or not expected.run.is_attached
        self.expected[session_id] = Expected(messages, notes=notes)

    def stored_messages(self, session_id: str) -> list[JsonObject]:
        session = self.store.get(session_id)
        assert session is not None
        return list(session.whole_transcript(session_id).messages)

    def events(self, session_id: str) -> list[TranscriptEvent]:
        session = self.store.get(session_id)
        assert session is not None
        return list(session.whole_transcript(session_id).events)

    def assert_no_call_is_parted(self, messages: list[JsonObject], cut: int) -> None:
        """Ids are unique here, so an id on both sides of the cut is a parted call."""
        before, behind = (str(part) for part in (messages[:cut], messages[cut:]))
        assert not any(f"'m{n}'" in before and f"'m{n}'" in behind for n in range(self.serial + 1))

    @invariant()
    def the_same_sessions_are_there_in_the_order_of_their_use(self) -> None:
        assert list(self.store) == list(self.expected)

    @invariant()
    def no_message_and_no_event_is_lost_or_doubled(self) -> None:
        for session_id, expected in self.expected.items():
            assert self.stored_messages(session_id) == expected.all_messages
            events = self.events(session_id)
            of_messages = [event.text for event in events if event.kind in MESSAGE_KINDS]
            assert of_messages == [message["content"] for message in expected.all_messages]
            assert [event.text for event in events if event.kind == "note"] == expected.notes

    @invariant()
    def lineage_is_mutual(self) -> None:
        sessions = {i: session for i in self.store if (session := self.store.get(i))}
        for child_id, child in sessions.items():
            for parent_id, parent in sessions.items():
                is_listed = parent.child_ids.count(child_id)
                assert is_listed == (child.parent_id == parent_id)
            assert child.parent_id != child_id
            found = self.store.ancestry(child_id)
            assert found is not None
            assert (found.root_id == child_id) == (child.parent_id is None)

    @invariant()
    def who_is_gone_was_announced_once(self) -> None:
        assert self.gone == self.expected_gone


StoreMachine.TestCase.settings = settings(stateful_step_count=50, max_examples=100, deadline=None)
TestStore = StoreMachine.TestCase
