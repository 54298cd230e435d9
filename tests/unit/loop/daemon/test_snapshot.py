import json
import stat
import string
import tempfile
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.loop.daemon.snapshot import DaemonSnapshot, load, save
from harn_tui.loop.daemon.watch import Seen, WatchedPath, WatchState
from harn_tui.providers.base import Usage

NOON = datetime(2026, 5, 4, 12, 0, 0, 7_000, tzinfo=UTC)

text = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=8)
texts = st.lists(text, max_size=3).map(tuple)
counts = st.integers(0, 2**53)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=5,
)
json_objects = st.dictionaries(text, json_values, max_size=2)
calls = st.fixed_dictionaries({"id": text, "name": text, "arguments": json_objects})
messages = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"role": st.just("user"), "content": text}, optional={"kind": text, "feedback_id": text}
        ),
        st.fixed_dictionaries(
            {"role": st.just("assistant"), "content": text},
            optional={"tool_calls": st.lists(calls, max_size=2), "interrupted": st.just(True)},
        ),
        st.fixed_dictionaries({"role": st.just("tool"), "tool_call_id": text, "content": text}),
    ),
    max_size=4,
).map(tuple)
seen = st.builds(Seen, st.integers(), st.none() | counts) | st.just(Seen(is_folder=True))
watch_states = st.builds(
    WatchState,
    st.dictionaries(
        text,
        st.builds(WatchedPath, st.dictionaries(text, seen, max_size=3), st.none() | text),
        max_size=2,
    ),
)
snapshots = st.builds(
    DaemonSnapshot,
    daemon_state=text,
    visible_messages=messages,
    recorded_messages=messages,
    transcript_summary=st.none() | text,
    transcript_events=st.lists(json_objects, max_size=2).map(tuple),
    total_text=text,
    last_iteration_text=text,
    all_tools_used=texts,
    successful_tools=texts,
    rejected_tools=texts,
    deferred_user_messages=texts,
    total_iterations=counts,
    calls=counts,
    wakes=counts,
    idle_backoff_ms=st.integers(1, 2_000),
    last_run_exit_code=st.none() | st.integers(),
    watch_state=watch_states,
    task_ledger=st.none() | json_objects,
    ledger_done_rejections=counts,
    loop_detector=st.dictionaries(
        text,
        st.fixed_dictionaries({"count": st.integers(1, 9), "result_digest": text}),
        max_size=2,
    ),
    used_call_ids=texts,
    usage=st.builds(Usage, counts, counts, counts, counts),
    budget_tokens=counts,
    cost_usd=st.none() | st.floats(0, allow_infinity=False),
    spent_usd=st.floats(0, allow_infinity=False),
)


@given(snapshots)
def test_a_snapshot_comes_back_from_the_disk_as_it_was(snapshot: DaemonSnapshot) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "daemon.json"
        save(path, snapshot, now=lambda: NOON)
        assert load(path) == replace(snapshot, saved_at="2026-05-04T12:00:00.007Z")


@given(st.dictionaries(st.sampled_from([f.name for f in fields(DaemonSnapshot)]), json_values))
def test_any_json_object_is_a_snapshot_or_refused(members: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "daemon.json"
        path.write_text(json.dumps(members))
        with suppress(StoreError):
            load(path)


def test_every_field_of_a_snapshot_is_read_back_under_its_own_name() -> None:
    example = DaemonSnapshot()
    members = example.as_json()
    assert set(members) == {"_type", *(item.name for item in fields(DaemonSnapshot))}
    assert DaemonSnapshot.from_json(members) == example


def test_the_time_of_saving_is_written_in_utc(tmp_path: Path) -> None:
    here = NOON.astimezone(timezone(timedelta(hours=2)))
    save(tmp_path / "daemon.json", DaemonSnapshot(), now=lambda: here.astimezone(UTC))
    assert load(tmp_path / "daemon.json").saved_at == "2026-05-04T12:00:00.007Z"


def test_a_draft_that_others_could_read_becomes_private(tmp_path: Path) -> None:
    draft = tmp_path / "daemon.json.tmp"
    draft.write_text("left by a crash")
    draft.chmod(0o666)
    save(tmp_path / "daemon.json", DaemonSnapshot())
    assert stat.S_IMODE((tmp_path / "daemon.json").stat().st_mode) == 0o600


def test_a_draft_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "daemon.json.tmp").symlink_to(victim)
    with pytest.raises(StoreError, match="write error"):
        save(tmp_path / "daemon.json", DaemonSnapshot())
    assert victim.read_text() == "precious"
    save(tmp_path / "daemon.json", DaemonSnapshot())
    assert load(tmp_path / "daemon.json").total_iterations == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("saved_at", 1),
        ("daemon_state", None),
        ("visible_messages", {}),
        ("visible_messages", [1]),
        ("visible_messages", [{"role": "system", "content": "x"}]),
        ("visible_messages", [{"role": "user", "content": [{"type": "text"}]}]),
        ("recorded_messages", [{"role": "tool", "content": "x"}]),
        (
            "recorded_messages",
            [{"role": "assistant", "content": "", "tool_calls": [{"id": "1", "function": {}}]}],
        ),
        ("recorded_messages", [{"role": "assistant", "content": "", "tool_calls": None}]),
        ("transcript_events", ["x"]),
        ("all_tools_used", "read"),
        ("all_tools_used", [1]),
        ("total_iterations", -1),
        ("total_iterations", 1.5),
        ("total_iterations", True),
        ("last_run_exit_code", "0"),
        ("watch_state", []),
        ("task_ledger", []),
        ("loop_detector", {"read": {"count": 0, "result_digest": ""}}),
        ("loop_detector", {"read": 2}),
        ("usage", {"input_tokens": "1"}),
        ("cost_usd", -0.5),
        ("cost_usd", 10**400),
        ("cost_usd", True),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_name(
    tmp_path: Path, name: str, value: object
) -> None:
    path = tmp_path / "daemon.json"
    path.write_text(json.dumps({name: value}))
    with pytest.raises(StoreError, match=f"parse error.*`{name}`") as caught:
        load(path)
    assert str(path) in caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\xfa",
        b"[1, 2]",
        b"null",
        b"[" * 100_000,
        b'{"total_iterations": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "daemon.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="parse error"):
        load(path)


@pytest.mark.parametrize("name", [*string.ascii_lowercase[:3], "total_Iterations"])
def test_keys_that_nobody_knows_are_passed_over(tmp_path: Path, name: str) -> None:
    path = tmp_path / "daemon.json"
    path.write_text(json.dumps({name: 1}))
    assert load(path) == DaemonSnapshot()
