"""What a log says of the model that its session was left with, and of reasoning sealed for one."""

from pathlib import Path

import pytest

from harn_tui.events.host import LoopStart, MessageRecorded, ModelSwitch, SessionStart
from harn_tui.events.record import Event, Record
from harn_tui.ids import IMPORTED_LOOP
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SwitchState
from harn_tui.store.fork import fork_session
from harn_tui.store.history import fold_history
from harn_tui.store.kept_model import KeptModel, kept_model
from harn_tui.store.log_reader import read_records
from harn_tui.store.state_file import load_state
from tests.unit.store.log_building import write_log

S = "s"
SEALED: JsonObject = {"role": "assistant", "content": "a", "thinking_blocks": [{"type": "x"}]}


def start(provider: str = "one", model: str = "a", base_url: str | None = None) -> SessionStart:
    return SessionStart(S, "/w", model, provider, "native", base_url=base_url)


def switch(model: str, state: SwitchState = SwitchState.ACTIVE) -> ModelSwitch:
    return ModelSwitch(S, state, "two", model)


def records(*events: Event) -> list[Record]:
    return [Record(number, number, None, event) for number, event in enumerate(events)]


IMPORTED = LoopStart(S, f"{IMPORTED_LOOP}1")


def switched(model: str) -> KeptModel:
    return KeptModel("two", model, is_switched=True)


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ((), None),
        ((start(),), KeptModel("one", "a")),
        ((start(base_url="http://box/v1"),), KeptModel("one", "a", "http://box/v1")),
        ((start(), start("three", "x")), KeptModel("three", "x")),
        ((start(), switch("b")), switched("b")),
        ((start(), switch("b"), switch("c")), switched("c")),
        ((start(), switch("b", SwitchState.PENDING)), switched("b")),
        ((start(), switch("b"), start("two", "b")), switched("b")),
        ((start(), switch("b"), start("one", "a")), KeptModel("one", "a")),
        ((start(), switch("b"), start("one", "a"), start("two", "b")), KeptModel("two", "b")),
        ((start("demo", "demo"),), None),
        ((start("anthropic", "c"), IMPORTED), None),
        ((start("anthropic", "c"), IMPORTED, start("one", "a")), KeptModel("one", "a")),
        ((start(), start("demo", "demo")), None),
    ],
)
def test_a_session_goes_on_with_what_it_was_opened_with_or_switched_to_last(
    events: tuple[Event, ...], kept: KeptModel | None
) -> None:
    assert kept_model(records(*events)) == kept


def test_an_address_that_an_earlier_version_did_not_repeat_is_kept() -> None:
    moved = ModelSwitch(S, SwitchState.ACTIVE, "two", "b", base_url="http://box/v1")
    kept = kept_model(records(start(), moved, start("two", "b")))
    assert kept == KeptModel("two", "b", "http://box/v1", is_switched=True)


@pytest.mark.parametrize("over", [switch("b"), start("two", "b"), start("one", "b")])
def test_reasoning_sealed_by_one_model_is_not_resumed_with_another(over: Event) -> None:
    recorded = MessageRecorded(S, SEALED)
    history = fold_history(records(start(), recorded, over, recorded)).messages
    assert history == [{"role": "assistant", "content": "a"}, SEALED]
    assert recorded.message is SEALED


@pytest.mark.parametrize("same", [start(), switch("b", SwitchState.PENDING)])
def test_reasoning_stays_with_its_model(same: Event) -> None:
    assert fold_history(records(start(), MessageRecorded(S, SEALED), same)).messages == [SEALED]


def test_a_fork_has_the_model_of_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log" / "event_log.jsonl"
    log.parent.mkdir()
    write_log(log, records(start(), switch("b"), switch("c")))
    early = fork_session(log, tmp_path / "sessions", at_index=1, now_ms=1)
    late = fork_session(log, tmp_path / "sessions", now_ms=1)
    kept = [kept_model(list(read_records(f.event_log))) for f in (early, late)]
    assert kept == [switched("b"), switched("c")]
    states = [load_state(folder.state_file)[0] for folder in (early, late)]
    assert [(state.provider, state.model) for state in states] == [("two", "b"), ("two", "c")]
