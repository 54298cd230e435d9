"""Statements of docs/loop.md on the table of options: names, defaults, and where they go."""

import re
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LOOP_OPTIONS, LoopOptions, TurnPolicy, loop_options
from harn_tui.config.trust import trust
from harn_tui.errors import ProviderError
from harn_tui.kinds import LoopStatus, ProviderErrorCategory
from harn_tui.loop.config import LoopRequest
from harn_tui.paths import config_directory
from harn_tui.wiring.open_session import load
from harn_tui.wiring.session_request import SessionRequest
from tests.conformance.loop_driver import Reply, Setup, make_tool, run_loop

READ = make_tool("read")
CALL = Reply("", calls=(("read", {}),))

DEFAULTS: dict[str, Any] = {
    "persistent": False,
    "max_iterations": 50,
    "max_nudges": 8,
    "max_parse_failures": 5,
    "nudge": None,
    "done_sentinel": "##DONE##",
    "break_unless_phase": None,
    "exit_when_verified": False,
    "verification_tools": ("run", "run_command"),
    "tool_retries": 0,
    "tool_backoff_ms": 1000,
    "tool_format": "native",
    "native_tool_fallback": "allow",
    "llm_retries": 4,
    "llm_backoff_ms": 2000,
    "schema_retries": 0,
    "token_budget": None,
    "total_budget_usd": None,
    "loop_detect_warn": 2,
    "loop_detect_block": 3,
    "loop_detect_skip": 4,
    "tool_examples": None,
    "turn_policy": TurnPolicy(
        require_action_or_yield=False, allow_done_sentinel=True, max_prose_chars=None
    ),
    "stop_after_successful_tools": (),
    "require_successful_tools": (),
    "post_turn_callback": None,
    "task_ledger": None,
    "root_task": None,
    "deliverables": (),
    "daemon": False,
    "persist_path": None,
    "resume_path": None,
    "wake_interval_ms": None,
    "watch_paths": (),
    "consolidate_on_idle": False,
    "idle_watchdog_attempts": None,
    "max_tokens": 16384,
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_loop_2_2_default(name: str) -> None:
    assert getattr(LoopOptions(), name) == DEFAULTS[name]


def test_loop_10_37_the_configuration_and_a_program_have_the_same_options() -> None:
    assert set(DEFAULTS) <= set(LOOP_OPTIONS)
    assert loop_options({}) == LoopOptions()


def _documented() -> dict[str, str]:
    """Return the default of each option as the table of docs/loop.md has it, without its marks."""
    text = (Path(__file__).parents[2] / "docs" / "loop.md").read_text(encoding="utf-8")
    table = text.split("\n## Options\n")[1].split("\n\n`turn_policy`")[0]
    found: dict[str, str] = {}
    for names, default in re.findall(r"^\| (`.*?) \| (.*?)\| ", table, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", names):
            found[name] = default.replace("`", "").strip()
    return found


@pytest.mark.parametrize("name", LOOP_OPTIONS)
def test_loop_2_2_the_documented_default_is_the_one_in_force(name: str) -> None:
    default = LOOP_OPTIONS[name].default
    documented = _documented()[name]
    if isinstance(default, list):
        assert documented == ", ".join(map(str, default))
    elif default is not None and not isinstance(default, dict):
        assert documented == (str(default).lower() if isinstance(default, bool) else str(default))


@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        ({"max_tokens": 99}, "max_tokens", 99),
        ({"temperature": 0.25}, "temperature", 0.25),
        ({"thinking_budget_tokens": 2048}, "thinking_budget_tokens", 2048),
        ({"timeout_s": 1.5}, "timeout_s", 1.5),
        ({"tool_choice": "read"}, "tool_choice", "read"),
        ({"tool_choice": {"type": "any"}}, "tool_choice", {"type": "any"}),
        ({"response_format": "json"}, "response_format", "json"),
        ({"output_schema": {"type": "object"}}, "output_schema", {"type": "object"}),
        ({"prefill": "Sure"}, "prefill", "Sure"),
        ({}, "max_tokens", 16384),
        ({}, "temperature", None),
        ({}, "tool_choice", None),
    ],
)
async def test_loop_2_2_what_concerns_the_server_is_in_every_request(
    option: dict[str, Any], field: str, value: Any
) -> None:
    run = await run_loop(Reply("{}"), tools=(READ,), options=LoopOptions(**option))
    assert getattr(run.provider.requests[0], field) == value


@pytest.mark.parametrize("retries", [0, 1, 3])
async def test_loop_2_2_llm_retries_are_those_after_the_first_attempt(retries: int) -> None:
    error = ProviderError("busy", category=ProviderErrorCategory.OVERLOADED)
    run = await run_loop(
        *(Reply(error=error, accepts=False) for _ in range(retries + 1)),
        options=LoopOptions(llm_retries=retries),
    )
    assert run.result.status is LoopStatus.ERROR
    assert len(run.provider.requests) == retries + 1


@pytest.mark.parametrize(("tool_format", "is_told"), [("text", True), ("native", False)])
async def test_loop_2_2_tool_examples_are_told_in_the_text_format_alone(
    tool_format: str, is_told: bool
) -> None:
    options = LoopOptions(tool_format=tool_format, tool_examples="  an example of a call  ")
    run = await run_loop(Reply("ok"), tools=(READ,), options=options)
    assert ("an example of a call" in (run.provider.requests[0].system or "")) is is_told


async def test_loop_2_3_a_first_call_is_demanded_until_one_has_run() -> None:
    options = LoopOptions(turn_policy=TurnPolicy(require_action_or_yield=True))
    run = await run_loop(CALL, Reply("ok"), tools=(READ,), options=options)
    assert [request.tool_choice for request in run.provider.requests] == ["required", None]


async def test_loop_10_23_a_refused_call_leaves_the_demand_standing() -> None:
    options = LoopOptions(turn_policy=TurnPolicy(require_action_or_yield=True))
    refused = Reply("", calls=(("nowhere", {}),))
    run = await run_loop(refused, CALL, Reply("ok"), tools=(READ,), options=options)
    assert [r.tool_choice for r in run.provider.requests] == ["required", "required", None]


@pytest.mark.parametrize(
    ("tools", "tool_format"), [((), "native"), ((READ,), "text")], ids=["no tools", "text"]
)
async def test_loop_7_7_where_no_tools_travel_none_is_demanded(
    tools: tuple[Any, ...], tool_format: str
) -> None:
    options = LoopOptions(
        tool_choice="required",
        tool_format=tool_format,
        turn_policy=TurnPolicy(require_action_or_yield=True),
    )
    run = await run_loop(Reply("ok"), tools=tools, options=options)
    assert run.provider.requests[0].tool_choice is None


async def test_loop_7_7_a_choice_that_somebody_made_is_kept() -> None:
    options = LoopOptions(tool_choice="auto", turn_policy=TurnPolicy(require_action_or_yield=True))
    run = await run_loop(CALL, Reply("ok"), tools=(READ,), options=options)
    assert {request.tool_choice for request in run.provider.requests} == {"auto"}


def test_loop_2_5_the_format_is_native_unless_text_is_chosen() -> None:
    assert LoopOptions().tool_format == "native"
    assert LoopOptions(tool_format="text").tool_format == "text"


async def test_loop_2_2_the_prompt_beside_a_history_comes_behind_it() -> None:
    setup = Setup([Reply("ok")])
    run = await setup.run(LoopRequest("now", history=({"role": "user", "content": "then"},)))
    assert run.contents(0) == ["then", "now"]


class Layers:
    """A home and a trusted folder of its own, with all places where an option may stand."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.overrides: list[str] = []
        self.named: Path | None = None
        self._patch = patch

    def user(self, text: str) -> None:
        config_directory().mkdir(parents=True, exist_ok=True)
        (config_directory() / "config.toml").write_text(text, encoding="utf-8")

    def project(self, text: str) -> None:
        place = self.folder / ".harn" / "config.toml"
        place.parent.mkdir()
        place.write_text(text, encoding="utf-8")
        trust(self.folder, config_directory() / "trusted_folders")

    def variable(self, name: str, value: str) -> None:
        self._patch.setenv(f"HARN_TUI_LOOP__{name.upper()}", value)

    def config(self, text: str) -> None:
        self.named = self.folder / "named.toml"
        self.named.write_text(text, encoding="utf-8")

    def options(self) -> LoopOptions:
        request = SessionRequest(
            cwd=self.folder, overrides=tuple(self.overrides), config_file=self.named
        )
        return loop_options(load(request).configuration.loop)


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layers:
    """Nothing configured yet."""
    return Layers(tmp_path, monkeypatch)


def test_loop_2_2_each_layer_wins_over_those_before_it(layers: Layers) -> None:
    seen = [layers.options().max_nudges]
    layers.user("[loop]\nmax_nudges = 1\n")
    seen.append(layers.options().max_nudges)
    layers.project("[loop]\nmax_nudges = 2\n")
    seen.append(layers.options().max_nudges)
    layers.variable("max_nudges", "3")
    seen.append(layers.options().max_nudges)
    layers.config("[loop]\nmax_nudges = 4\n")
    seen.append(layers.options().max_nudges)
    layers.overrides = ["loop.max_nudges=5", "loop.max_nudges=6"]
    seen.append(layers.options().max_nudges)
    assert seen == [8, 1, 2, 3, 4, 6]


def test_loop_2_2_a_layer_changes_only_what_it_names(layers: Layers) -> None:
    layers.user("[loop]\nmax_nudges = 1\nmax_iterations = 2\n")
    layers.overrides = ["loop.max_nudges=5"]
    options = layers.options()
    assert (options.max_nudges, options.max_iterations) == (5, 2)


def test_loop_2_3_a_layer_changes_only_the_part_of_a_policy_that_it_names(layers: Layers) -> None:
    layers.user("[loop.turn_policy]\nmax_prose_chars = 100\nallow_done_sentinel = false\n")
    layers.overrides = ["loop.turn_policy.max_prose_chars=50"]
    assert layers.options().turn_policy == TurnPolicy(max_prose_chars=50, allow_done_sentinel=False)


def test_loop_appendix_b_what_is_given_in_any_layer_wins_over_the_profile(layers: Layers) -> None:
    layers.user("[loop]\nmax_nudges = 1\n")
    layers.overrides = ["loop.profile=verifier"]
    options = layers.options()
    assert (options.max_nudges, options.max_iterations, options.schema_retries) == (1, 5, 3)


def test_loop_appendix_b_without_a_profile_the_table_alone_holds(layers: Layers) -> None:
    assert layers.options() == LoopOptions()
    assert layers.options().profile is None
