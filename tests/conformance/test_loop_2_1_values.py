"""Statements of docs/loop.md on what a value of an option may be, whichever way it comes in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LOOP_OPTIONS, LoopOptions, loop_options
from harn_tui.errors import ConfigError, HarnError, LoopConfigError
from harn_tui.json_types import JsonValue
from harn_tui.wiring.open_session import load
from harn_tui.wiring.session_request import SessionRequest

Way = Callable[[str, Any, Path, pytest.MonkeyPatch], LoopOptions]

COUNTS_FROM_0 = (
    "max_nudges",
    "max_parse_failures",
    "tool_retries",
    "tool_backoff_ms",
    "llm_retries",
    "llm_backoff_ms",
    "schema_retries",
    "loop_detect_warn",
    "idle_watchdog_attempts",
    "compact_keep_first",
    "compact_keep_last",
)
COUNTS_FROM_1 = (
    "max_iterations",
    "max_parallel_tools",
    "token_budget",
    "wake_interval_ms",
    "compact_threshold",
    "hard_limit_tokens",
    "tool_output_max_chars",
    "max_tokens",
    "thinking_budget_tokens",
)
COUNTS = (*COUNTS_FROM_0, *COUNTS_FROM_1)
FLAGS = ("persistent", "exit_when_verified", "daemon", "consolidate_on_idle", "auto_compact")
TEXTS = (
    "nudge",
    "done_sentinel",
    "break_unless_phase",
    "tool_examples",
    "root_task",
    "persist_path",
    "resume_path",
    "summarize_prompt",
    "prefill",
)
LISTS = (
    "verification_tools",
    "fallback_chain",
    "stop_after_successful_tools",
    "require_successful_tools",
    "deliverables",
)
PROGRAMS = ("post_turn_callback", "compact_callback", "mask_callback", "compress_callback")
WORDS = {
    "tool_format": ("native", "text"),
    "native_tool_fallback": ("allow", "allow_once", "reject"),
    "response_format": ("json",),
    "compact_strategy": ("llm", "truncate", "custom", "observation_mask"),
    "hard_limit_strategy": ("llm", "truncate", "custom", "observation_mask"),
    "profile": ("tool_using", "researcher", "verifier", "completer"),
}


def _options(folder: Path, *overrides: str, config: Path | None = None) -> LoopOptions:
    request = SessionRequest(cwd=folder, overrides=overrides, config_file=config)
    return loop_options(load(request).configuration.loop)


def by_program(name: str, value: Any, folder: Path, patch: pytest.MonkeyPatch) -> LoopOptions:
    return loop_options({name: value})


def by_file(name: str, value: Any, folder: Path, patch: pytest.MonkeyPatch) -> LoopOptions:
    config = folder / "config.toml"
    config.write_text(f"[loop]\n{name} = {_toml(value)}\n", encoding="utf-8")
    return _options(folder, config=config)


def by_flag(name: str, value: Any, folder: Path, patch: pytest.MonkeyPatch) -> LoopOptions:
    return _options(folder, f"loop.{name}={_toml(value)}")


def by_variable(name: str, value: Any, folder: Path, patch: pytest.MonkeyPatch) -> LoopOptions:
    patch.setenv(f"HARN_TUI_LOOP__{name.upper()}", _toml(value))
    return _options(folder)


def _toml(value: JsonValue) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


every_way = pytest.mark.parametrize("way", [by_program, by_file, by_flag, by_variable])


def _hold_refused(way: Way, name: str, value: Any, folder: Path, patch: pytest.MonkeyPatch) -> str:
    """Hold ``value`` to be refused with words that name the option, and return them."""
    with pytest.raises((ConfigError, LoopConfigError)) as caught:
        way(name, value, folder, patch)
    said = str(caught.value)
    assert name in said or name.upper() in said
    assert isinstance(caught.value, HarnError)
    assert caught.value.hint
    return said


@every_way
@pytest.mark.parametrize("name", COUNTS)
def test_loop_2_1_a_count_is_a_whole_number_and_nothing_that_looks_like_one(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert getattr(way(name, 7, tmp_path, monkeypatch), name) == 7
    for value in (7.0, True, "many", [7]):
        _hold_refused(way, name, value, tmp_path, monkeypatch)


@every_way
@pytest.mark.parametrize("name", COUNTS)
def test_loop_10_35_no_count_is_negative(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _hold_refused(way, name, -1, tmp_path, monkeypatch)
    assert f"at least {0 if name in COUNTS_FROM_0 else 1}" in said


@every_way
@pytest.mark.parametrize("name", COUNTS_FROM_1)
def test_loop_10_36_where_0_means_nothing_it_is_refused(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hold_refused(way, name, 0, tmp_path, monkeypatch)


@every_way
@pytest.mark.parametrize("name", COUNTS_FROM_0)
def test_loop_2_2_where_0_means_never_it_is_taken(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert getattr(way(name, 0, tmp_path, monkeypatch), name) == 0


@every_way
@pytest.mark.parametrize("name", FLAGS)
def test_loop_2_1_a_flag_is_true_or_false_and_nothing_else_counts_as_true(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (True, False):
        assert getattr(way(name, value, tmp_path, monkeypatch), name) is value
    for wrong in ("yes", 1, ["x"]):
        assert "true or false" in _hold_refused(way, name, wrong, tmp_path, monkeypatch)


@pytest.mark.parametrize("way", [by_program, by_file])
@pytest.mark.parametrize("name", TEXTS)
def test_loop_2_1_a_text_is_text_and_no_other_value_is_written_out_as_one(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert getattr(way(name, "words", tmp_path, monkeypatch), name) == "words"
    for value in (3, True, ["words"], "", "  "):
        _hold_refused(way, name, value, tmp_path, monkeypatch)


@pytest.mark.parametrize("way", [by_flag, by_variable])
def test_loop_2_1_on_a_command_line_what_must_be_text_is_text(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert way("done_sentinel", 5, tmp_path, monkeypatch).done_sentinel == "5"


@every_way
@pytest.mark.parametrize("name", LISTS)
def test_loop_2_1_a_list_holds_texts_and_nothing_else_is_one(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name != "fallback_chain" or way is by_program:  # elsewhere its names must be configured
        assert getattr(way(name, ["a", "b"], tmp_path, monkeypatch), name) == ("a", "b")
    for value in ("a", 3, ["a", 3], ["a", " "]):
        _hold_refused(way, name, value, tmp_path, monkeypatch)


@every_way
@pytest.mark.parametrize("name", [name for name in LISTS if name != "verification_tools"])
def test_loop_2_1_an_empty_list_is_as_good_as_none(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = way(name, [], tmp_path, monkeypatch)
    assert getattr(options, name) == getattr(LoopOptions(), name) == ()


@every_way
@pytest.mark.parametrize("name", PROGRAMS)
def test_loop_2_2_a_callback_is_a_program_and_its_arguments_and_never_repeated(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["notify", "", "two words"]
    assert getattr(way(name, command, tmp_path, monkeypatch), name) == tuple(command)
    for value in ("secret", [], [" "], ["a", 3]):
        said = _hold_refused(way, name, value, tmp_path, monkeypatch)
        assert "secret" not in said or way is by_program


@every_way
@pytest.mark.parametrize("name", WORDS)
def test_loop_2_2_a_choice_is_one_of_its_words_and_all_are_listed(
    name: str, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for word in WORDS[name]:
        assert getattr(way(name, word, tmp_path, monkeypatch), name) == word
    said = _hold_refused(way, name, "none of them", tmp_path, monkeypatch)
    assert all(f'"{word}"' in said for word in WORDS[name])


@every_way
@pytest.mark.parametrize("value", ["x", 3, {"unknown": 1}, {"max_prose_chars": -1}])
def test_loop_10_33_a_malformed_policy_is_refused_and_never_the_default(
    value: JsonValue, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hold_refused(way, "turn_policy", value, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", LOOP_OPTIONS)
def test_loop_10_34_nothing_is_unset(name: str) -> None:
    assert loop_options({name: None}) == LoopOptions()


@pytest.mark.parametrize(
    ("way", "place"),
    [
        (by_file, "line 2"),
        (by_flag, "--set"),
        (by_variable, "HARN_TUI_LOOP__MAX_NUDGE"),
        (by_program, "max_nudge"),
    ],
)
def test_loop_2_1_an_unknown_key_is_refused_with_its_place_and_the_nearest(
    way: Way, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _hold_refused(way, "max_nudge", 3, tmp_path, monkeypatch)
    assert place in said
    assert "max_nudges" in said.lower()
    assert "max_iterations" in said.lower()


@every_way
def test_loop_10_37_nothing_given_is_the_same_everywhere(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert way("max_iterations", 50, tmp_path, monkeypatch) == LoopOptions()
