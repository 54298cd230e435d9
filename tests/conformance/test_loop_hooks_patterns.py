"""Statements of docs/loop.md on lifecycle hooks: their patterns, payloads and order."""

import asyncio

import pytest

from harn_tui.errors import HarnError, LoopConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LifecycleEvent
from harn_tui.loop.hook_pattern import SEARCHED_CHARACTERS, compile_hook_pattern
from harn_tui.loop.hook_payload import TextTurnEnd, after_text_turn, after_tool_turn, before_turn
from harn_tui.loop.lifecycle_hooks import LifecycleHooks

PRE, POST = LifecycleEvent.PRE_AGENT_TURN, LifecycleEvent.POST_AGENT_TURN
TURN: JsonObject = {
    "iteration": 3,
    "failed": True,
    "text": "all good",
    "empty": "",
    "none": None,
    "zero": 0,
    "half": 0.5,
    "tool_names": ["read_file", "write_file"],
    "nothing": [],
    "number_text": "3",
    "flag_text": "true",
}
PAYLOAD: JsonObject = {
    "event": "PostAgentTurn",
    "session": {"id": "s-1"},
    "turn": TURN,
    "tool": {"name": "write_file", "args": {"path": "src/app.py"}},
}


def matches(pattern: str, payload: JsonObject = PAYLOAD) -> bool:
    return compile_hook_pattern(pattern)(payload)


# Patterns


@pytest.mark.parametrize("pattern", ["*", "", "  ", " * "])
@pytest.mark.parametrize("payload", [PAYLOAD, {}])
def test_tools_4_8_a_star_or_nothing_is_for_every_payload(
    pattern: str, payload: JsonObject
) -> None:
    assert matches(pattern, payload)


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("event == PostAgentTurn", True),
        ("event==PostAgentTurn", True),
        ("event == PreAgentTurn", False),
        ("session.id == s-1", True),
        ('session.id == "s-1"', True),
        ("session.id == 's-1'", True),
        ("turn.text == all good", True),
        ("turn.text == 'all good'", True),
        ("turn.iteration == 3", True),
        ("turn.iteration == 3.0", True),
        ("turn.iteration == 4", False),
        ("turn.iteration == '3'", False),
        ("turn.number_text == 3", True),
        ("turn.number_text == '3'", True),
        ("turn.failed == true", True),
        ("turn.failed == 1", False),
        ("turn.zero == false", False),
        ("turn.zero == 0", True),
        ("turn.flag_text == true", True),
        ("turn.none == null", True),
        ("turn.missing == null", True),
        ("turn.missing == x", False),
        ("turn.text.deeper == x", False),
        ("turn.empty == ''", True),
        ("tool.args.path == src/app.py", True),
        ("turn == x", False),
    ],
)
def test_loop_c_4_path_equals_value(pattern: str, is_match: bool) -> None:
    assert matches(pattern) is is_match
    assert matches(pattern.replace("==", "!=", 1)) is not is_match


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("turn.text =~ good", True),
        ("turn.text =~ ^good", False),
        ("turn.text =~ ^ALL", False),
        ("turn.text =~ (?i)^ALL", True),
        ("turn.text =~ 'all good'", True),
        ('turn.text =~ "bad"|"good"', False),
        ("turn.text =~ bad|good", True),
        ("tool.args.path =~ \\.py$", True),
        ("turn.iteration =~ ^3$", True),
        ("turn.failed =~ ^true$", True),
        ("turn.tool_names =~ ^write_", True),
        ("turn.tool_names =~ ^run_", False),
        ("turn.nothing =~ .*", False),
        ("turn.none =~ .*", False),
        ("turn.missing =~ .*", False),
        ("turn =~ .*", False),
        ("turn.text =~ a == b|good", True),
    ],
)
def test_loop_c_4_path_matches_regex(pattern: str, is_match: bool) -> None:
    assert matches(pattern) is is_match


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("turn.failed", True),
        ("turn.text", True),
        ("turn.half", True),
        ("turn.tool_names", True),
        ("session.id", True),
        ("turn.empty", False),
        ("turn.none", False),
        ("turn.zero", False),
        ("turn.nothing", False),
        ("turn.missing", False),
        ("missing.at.all", False),
    ],
)
def test_loop_c_4_a_dotted_path_alone_asks_whether_it_holds_something(
    pattern: str, is_match: bool
) -> None:
    assert matches(pattern) is is_match


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("write_file", True),
        ("write_*", True),
        ("*_file", True),
        ("*ite*", True),
        ("read_*", False),
        ("Write_file", False),
        ("failed", False),
        ("[rw]*_file", True),
    ],
)
def test_loop_c_4_anything_else_is_a_glob_for_the_tools_name(pattern: str, is_match: bool) -> None:
    assert matches(pattern) is is_match
    assert not matches(pattern, before_turn("s", iteration=0, total_iterations=1))


@pytest.mark.parametrize(
    "pattern",
    [
        "turn.text =~",
        "turn.text =~ (",
        "turn.text =~ [[:alpha:]]",
        "turn.text ==",
        "turn.text === x",
        'turn.text == "open',
        "turn.text == 'open",
        "turn.text == 'a' b",
        "turn.tool_names == []",
        "== x",
        "turn text == x",
        "turn.failed && turn.text",
        "not turn.failed",
        "turn.failed = true",
        "a/**/b/**/c/**/d/**/e/**/f/**/g/**/h",
    ],
)
def test_a_pattern_that_is_none_is_refused_and_shown(pattern: str) -> None:
    with pytest.raises(LoopConfigError) as caught:
        compile_hook_pattern(pattern)
    assert repr(pattern) in str(caught.value)


@pytest.mark.parametrize("regex", ["(a+)+$", "(a*)*b", "(\\w+\\s?)*$", "((ab)*c?)+", "(a|b+){20,}"])
def test_a_regex_that_could_take_forever_is_refused_and_shown(regex: str) -> None:
    with pytest.raises(LoopConfigError, match="forever") as caught:
        compile_hook_pattern(f"turn.text =~ {regex}")
    assert repr(f"turn.text =~ {regex}") in str(caught.value)


def test_a_regex_sees_the_beginning_of_a_text_only() -> None:
    is_for = compile_hook_pattern("turn.text =~ x")
    assert is_for({"turn": {"text": " " * (SEARCHED_CHARACTERS - 1) + "x"}})
    assert not is_for({"turn": {"text": " " * SEARCHED_CHARACTERS + "x"}})


# Payloads


def test_loop_1_4_the_payload_before_a_turn() -> None:
    assert before_turn("s", iteration=1, total_iterations=5) == {
        "event": "PreAgentTurn",
        "session": {"id": "s"},
        "turn": {"iteration": 1, "total_iterations": 5},
    }


def test_loop_4_1_the_payload_after_a_turn_with_calls_is_the_turn_info() -> None:
    turn_info: JsonObject = {"tool_count": 1, "failed": False}
    assert after_tool_turn("s", turn_info) == {
        "event": "PostAgentTurn",
        "session": {"id": "s"},
        "turn": turn_info,
    }


@pytest.mark.parametrize(
    ("end", "flags"),
    [
        (TextTurnEnd.SENTINEL_HIT, {"sentinel_hit": True}),
        (TextTurnEnd.PARSE_ERROR, {"parse_error": True, "failed": True}),
        (TextTurnEnd.ACTION_REQUIRED, {"action_required": True, "failed": True}),
        (TextTurnEnd.ANSWERED, {}),
        (TextTurnEnd.HOST_INPUT, {"status": "host_input"}),
        (TextTurnEnd.CONTINUE, {"status": "continue"}),
        (TextTurnEnd.STUCK, {"status": "stuck"}),
        (TextTurnEnd.IDLE, {"status": "idle"}),
        (TextTurnEnd.WATCHDOG, {"status": "watchdog"}),
        (TextTurnEnd.DAEMON_WAKE, {"status": "daemon_wake"}),
    ],
)
def test_loop_4_2_the_payload_after_a_text_turn_carries_the_flags_of_its_row(
    end: TextTurnEnd, flags: JsonObject
) -> None:
    payload = after_text_turn("s", iteration=2, text="hm", end=end)
    assert payload["event"] == "PostAgentTurn"
    assert payload["session"] == {"id": "s"}
    assert payload["turn"] == {"iteration": 2, "failed": False, "text": "hm", **flags}


def test_loop_4_2_patterns_tell_the_rows_apart() -> None:
    stuck = after_text_turn("s", iteration=0, text="", end=TextTurnEnd.STUCK)
    done = after_text_turn("s", iteration=0, text="", end=TextTurnEnd.SENTINEL_HIT)
    assert matches("turn.status == stuck", stuck)
    assert not matches("turn.status == stuck", done)
    assert matches("turn.sentinel_hit", done)


# Order and failure


async def test_loop_c_4_hooks_run_in_order_of_registration_and_only_for_their_event() -> None:
    hooks = LifecycleHooks()
    calls: list[str] = []

    def note(name: str, result: JsonValue = None) -> None:
        def hook(_payload: JsonObject) -> object:
            calls.append(name)
            return result

        hooks.add(PRE if name.startswith("pre") else POST, "*", hook)

    note("pre 1", {"deny": True})
    note("post 1")
    note("pre 2", False)
    await hooks.run(PRE, before_turn("s", iteration=0, total_iterations=1))
    assert calls == ["pre 1", "pre 2"]
    await hooks.run(POST, after_tool_turn("s", {}))
    assert calls == ["pre 1", "pre 2", "post 1"]


async def test_loop_c_4_only_hooks_whose_pattern_matches_run() -> None:
    hooks = LifecycleHooks()
    calls: list[str] = []
    for pattern in ("turn.failed", "turn.failed == false", "*"):

        def hook(_payload: JsonObject, pattern: str = pattern) -> None:
            calls.append(pattern)

        hooks.add(POST, pattern, hook)
    await hooks.run(POST, after_tool_turn("s", {"failed": True}))
    assert calls == ["turn.failed", "*"]


async def test_loop_c_4_an_async_hook_is_awaited_before_the_next_one_runs() -> None:
    hooks = LifecycleHooks()
    calls: list[str] = []

    async def slow(payload: JsonObject) -> None:
        await asyncio.sleep(0)
        calls.append(f"slow {payload['event']}")

    hooks.add(PRE, "*", slow)
    hooks.add(PRE, "*", lambda _payload: calls.append("quick"))
    await hooks.run(PRE, before_turn("s", iteration=0, total_iterations=1))
    assert calls == ["slow PreAgentTurn", "quick"]


@pytest.mark.parametrize(
    "error",
    [ValueError("no disk"), HarnError("no disk", hint="Make room."), TimeoutError("no disk")],
)
async def test_loop_10_39_the_first_hook_that_fails_stops_and_is_named(error: Exception) -> None:
    hooks = LifecycleHooks()
    calls: list[str] = []

    def careless(_payload: JsonObject) -> None:
        raise error

    hooks.add(POST, "*", lambda _payload: calls.append("first"))
    hooks.add(POST, "*", careless)
    hooks.add(POST, "*", lambda _payload: calls.append("third"))
    with pytest.raises(HarnError) as caught:
        await hooks.run(POST, {"turn": {}})
    assert "The PostAgentTurn hook" in caught.value.message
    assert "careless" in caught.value.message
    assert "no disk" in caught.value.message
    assert caught.value.hint
    assert caught.value.__cause__ is error
    assert calls == ["first"]


async def test_cancelling_passes_through_a_hook() -> None:
    hooks = LifecycleHooks()
    entered = asyncio.Event()

    async def wait_forever(_payload: JsonObject) -> None:
        entered.set()
        await asyncio.Event().wait()

    hooks.add(PRE, "*", wait_forever)
    task = asyncio.create_task(hooks.run(PRE, {}))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_hook_cannot_change_what_later_ones_are_told() -> None:
    hooks = LifecycleHooks()
    seen: list[JsonObject] = []
    hooks.add(PRE, "*", lambda payload: payload.clear())
    hooks.add(PRE, "*", seen.append)
    payload = before_turn("s", iteration=0, total_iterations=1)
    await hooks.run(PRE, payload)
    assert seen == [payload] == [before_turn("s", iteration=0, total_iterations=1)]


async def test_a_hook_that_a_hook_adds_runs_from_the_next_event_on() -> None:
    hooks = LifecycleHooks()
    calls: list[str] = []

    def add_another(_payload: JsonObject) -> None:
        hooks.add(PRE, "*", lambda _payload: calls.append("added"))

    hooks.add(PRE, "*", add_another)
    await hooks.run(PRE, {})
    assert calls == []
    await hooks.run(PRE, {})
    assert calls == ["added"]


async def test_hooks_of_one_run_are_not_those_of_another() -> None:
    calls: list[str] = []
    LifecycleHooks().add(PRE, "*", lambda _payload: calls.append("other"))
    await LifecycleHooks().run(PRE, {})
    assert calls == []


def test_a_hook_with_a_bad_pattern_is_not_added() -> None:
    with pytest.raises(LoopConfigError):
        LifecycleHooks().add(PRE, "a b c", print)
