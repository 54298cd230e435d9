"""The layers of configuration, in their order."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harn_tui.config.schema import (
    SCHEMA,
    Configuration,
    HookEntry,
    ProviderEntry,
    SandboxTable,
    SessionsTable,
)
from harn_tui.config.ui_table import UiSettings
from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import LifecycleEvent, SandboxUse
from tests.unit.config.conftest import Places


def test_without_any_file_the_defaults_apply(places: Places) -> None:
    loaded = places.load()
    assert loaded.configuration == Configuration()
    assert dict(loaded.origins) == {}
    assert loaded.warnings == ()


def test_every_key_arrives_in_the_configuration(places: Places) -> None:
    places.write_user(
        """
provider = "local"
model = "m"
system = "be brief"
[providers.local]
kind = "openai"
base_url = "http://localhost:8080/v1"
api_key_env = "LOCAL_KEY"
model = "qwen"
script = "s.jsonl"
timeout_s = 5
[providers.anthropic]
model = "claude"
[loop]
temperature = 1
max_nudges = 2
stop_after_successful_tools = ["write_file"]
[permissions]
allow = ["read_file"]
deny = { read_file = ["*secret*"] }
workspace_roots = [".", "~/notes"]
[tools]
enabled = []
[[hooks]]
event = "PreAgentTurn"
command = ["./before.sh"]
[[hooks]]
event = "PostAgentTurn"
pattern = "turn.failed"
command = ["notify", "a b", ""]
[sandbox]
commands = "require"
network = true
writable = ["~/.cache"]
keep_env = ["NPM_TOKEN"]
[fetch]
private_hosts = ["localhost:3000"]
[sessions]
keep_days = 90
keep_count = 1000
keep_bytes = 10_000_000_000
[ui]
theme = "light"
show_timestamps = true
reduced_motion = true
"""
    )
    loop: dict[str, JsonValue] = {
        "temperature": 1.0,
        "max_nudges": 2,
        "stop_after_successful_tools": ["write_file"],
    }
    configuration = places.load().configuration
    assert configuration == Configuration(
        provider="local",
        model="m",
        providers={
            "local": ProviderEntry(
                "openai", "http://localhost:8080/v1", "LOCAL_KEY", "qwen", "s.jsonl", 5.0
            ),
            "anthropic": ProviderEntry("anthropic", model="claude"),
        },
        loop=loop,
        permissions={"allow": ["read_file"], "deny": {"read_file": ["*secret*"]}},
        workspace_roots=(".", "~/notes"),
        tools_enabled=(),
        system="be brief",
        hooks=(
            HookEntry(LifecycleEvent.PRE_AGENT_TURN, ("./before.sh",), "*"),
            HookEntry(LifecycleEvent.POST_AGENT_TURN, ("notify", "a b", ""), "turn.failed"),
        ),
        sandbox=SandboxTable(SandboxUse.REQUIRE, True, ("~/.cache",), ("NPM_TOKEN",)),
        private_hosts=("localhost:3000",),
        sessions=SessionsTable(90, 1_000, 10_000_000_000),
        ui=UiSettings("light", True, True),
    )
    assert type(configuration.loop["temperature"]) is float


def test_each_layer_wins_over_those_before_it(places: Places, tmp_path: Path) -> None:
    extra = tmp_path / "extra.toml"
    expected: list[tuple[str | None, str | None]] = [(None, None)]
    model, origins = [], []

    def look(*overrides: str, **more: object) -> None:
        loaded = places.load(*overrides, **more)  # type: ignore[arg-type]
        model.append(loaded.configuration.model)
        origins.append(loaded.origins.get("model"))

    look()
    places.write_user("\nmodel = 'user'")
    look()
    places.write_project("model = 'project'")
    look()
    variable = {"HARN_TUI_MODEL": "variable"}
    look(environment=variable)
    extra.write_text("model = 'file'", encoding="utf-8")
    look(environment=variable, config_file=extra)
    look("model=set", environment=variable, config_file=extra)
    look("model=set", "model=later", environment=variable, config_file=extra)
    expected += [
        ("user", f"{places.user_file}:2"),
        ("project", f"{places.project_file}:1"),
        ("variable", "HARN_TUI_MODEL"),
        ("file", f"{extra}:1"),
        ("set", "--set"),
        ("later", "--set"),
    ]
    assert list(zip(model, origins, strict=True)) == expected


def test_tables_merge_key_by_key_and_lists_replace(places: Places) -> None:
    places.write_user(
        "[loop]\nmax_nudges = 2\nllm_retries = 1\nskills = ['a', 'b']\n"
        "[providers.x]\nkind = 'openai'\nmodel = 'one'"
    )
    places.write_project("[loop]\nmax_nudges = 3\nskills = ['c']\n[providers.x]\nmodel = 'two'")
    loaded = places.load()
    assert dict(loaded.configuration.loop) == {"max_nudges": 3, "llm_retries": 1, "skills": ["c"]}
    assert loaded.configuration.providers["x"] == ProviderEntry("openai", model="two")
    assert loaded.origins["loop.llm_retries"] == f"{places.user_file}:3"
    assert loaded.origins["loop.max_nudges"] == f"{places.project_file}:2"


def test_a_matcher_is_replaced_as_a_whole(places: Places) -> None:
    places.write_user("[permissions.deny]\nrun = {arg_key = 'command', patterns = ['rm*']}")
    places.write_project("[permissions.deny]\nrun = {key = 'cwd', allow = '/etc*'}\nedit = true")
    assert places.load().configuration.permissions == {
        "deny": {"run": {"key": "cwd", "allow": "/etc*"}, "edit": True}
    }


def test_a_list_of_names_replaces_a_table_with_its_origins(places: Places) -> None:
    places.write_user("[permissions.deny]\nrun = true")
    places.write_project("[permissions]\ndeny = ['edit']")
    loaded = places.load()
    assert loaded.configuration.permissions == {"deny": ["edit"]}
    assert dict(loaded.origins) == {"permissions.deny": f"{places.project_file}:2"}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("loop.max_nudges=2", 2),
        ("loop.max_nudges = 2 ", 2),
        ('loop.nudge="go on"', "go on"),
        ("loop.nudge=go on", "go on"),
        ("loop.nudge=5", "5"),
        ("loop.nudge=true", "true"),
        ("loop.done_sentinel=##END##", "##END##"),
        ("loop.nudge=1\nmodel = 'smuggled'", "1\nmodel = 'smuggled'"),
        ('loop.stop_after_successful_tools=["write_file"]', ["write_file"]),
    ],
)
def test_a_set_value_is_toml_or_else_plain_text(
    places: Places, override: str, expected: object
) -> None:
    configuration = places.load(override).configuration
    assert list(configuration.loop.values()) == [expected]
    assert configuration.model is None


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("loop.max_nudges", ["--set", "KEY=VALUE"]),
        ("=2", ["--set", "KEY=VALUE"]),
        ("loop.max_nudges=two", ["--set", "`loop.max_nudges`", 'cannot be "two"']),
        ("loop.max_nudge=2", ["--set", "`loop.max_nudges`"]),
        ("loop=2", ["--set", "`loop` must be a table"]),
        ("permissions.deny.run.arg_key=x", ["--set", "`permissions.deny.run`"]),
    ],
)
def test_a_wrong_set_is_refused(places: Places, override: str, words: list[str]) -> None:
    message = places.error(override)
    assert all(word in message for word in words)


def test_variables_are_keys_with_two_underscores_for_the_dot(places: Places) -> None:
    loaded = places.load(
        environment={
            "HARN_TUI_HOME": "/somewhere",
            "HARN_TUI_CLIPBOARD": "xclip",
            "HARN_TUI_MODEL": "5",
            "HARN_TUI_SYSTEM": "  ",
            "HARN_TUI_LOOP__MAX_NUDGES": "2",
            "HARN_TUI_PROVIDERS__LOCAL__KIND": "openai",
            "OTHER_MODEL": "x",
        }
    )
    assert loaded.configuration.model == "5"
    assert loaded.configuration.system is None
    assert dict(loaded.configuration.loop) == {"max_nudges": 2}
    assert loaded.configuration.providers == {"local": ProviderEntry("openai")}
    assert loaded.origins["loop.max_nudges"] == "HARN_TUI_LOOP__MAX_NUDGES"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HARN_TUI_MODLE", ["HARN_TUI_MODLE", "Did you mean HARN_TUI_MODEL?"]),
        ("HARN_TUI_", ["HARN_TUI_", "Accepted: HARN_TUI_PROVIDER"]),
        ("HARN_TUI_LOOP__MAX_NUDGE", ["Did you mean `HARN_TUI_LOOP__MAX_NUDGES`?"]),
        ("HARN_TUI_LOOP__LLM_RETRIES", ["HARN_TUI_LOOP__LLM_RETRIES", 'cannot be "x"']),
        ("HARN_TUI_LOOP", ["`HARN_TUI_LOOP` must be a table"]),
    ],
)
def test_a_wrong_variable_is_named(places: Places, name: str, words: list[str]) -> None:
    message = places.error(environment={name: "x"})
    assert all(word in message for word in words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model = \n", ["line 1, column 9", "not valid TOML"]),
        ("model = 'a'\nmodel = 'b'\n", ["line 2", "not valid TOML"]),
        ("\n[loop", ["line 2", "not valid TOML"]),
        ("model = " + "[" * 20_000, ["config.toml"]),
    ],
)
def test_a_syntax_error_is_named_with_its_place(
    places: Places, text: str, words: list[str]
) -> None:
    places.write_user(text)
    message = places.error()
    assert all(word in message for word in [str(places.user_file), *words])


def test_a_missing_named_file_is_an_error(places: Places, tmp_path: Path) -> None:
    missing = tmp_path / "no.toml"
    with pytest.raises(ConfigError, match=r"no\.toml does not exist"):
        places.load(config_file=missing)


def test_a_file_that_is_not_utf_8_is_an_error_with_its_line(places: Places) -> None:
    places.user_file.write_bytes(b"model = 'a'\n# \xff\n")
    assert "line 2: the file is not UTF-8" in places.error()


def test_a_byte_order_mark_does_no_harm(places: Places) -> None:
    places.user_file.write_bytes(b"\xef\xbb\xbfmodel = 'a'\n")
    assert places.load().configuration.model == "a"


@pytest.mark.parametrize("key", ["a" + ".a" * 30_000, "x = {'a'" + ' . "a"' * 9_000])
def test_a_key_of_very_many_parts_is_refused_before_it_is_parsed(places: Places, key: str) -> None:
    places.write_user(f"{key} = 1")
    assert "more than 64 parts" in places.error()


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_folder_or_a_pipe_in_place_of_a_file_is_an_error(
    places: Places, make: Callable[[Path], None]
) -> None:
    make(places.user_file)
    assert "not a regular file" in places.error()


def test_a_link_to_itself_is_an_error(places: Places) -> None:
    places.user_file.symlink_to(places.user_file)
    assert "cannot be read" in places.error()


def test_a_huge_file_is_an_error(places: Places) -> None:
    places.write_user("#" * 70_000)
    assert "larger than 64 KiB" in places.error()


def test_a_provider_without_a_kind_is_an_error_that_says_where(places: Places) -> None:
    places.write_user("[providers.mine]\nmodel = 'x'")
    message = places.error()
    assert f"{places.user_file}:2" in message
    assert "providers.mine.kind" in message


HOOK = "[[hooks]]\nevent = 'PreAgentTurn'\ncommand = ['%s']\n"


def test_the_hooks_of_a_later_layer_stand_for_all_of_those_before_it(places: Places) -> None:
    def commands(*overrides: str, **more: object) -> list[str]:
        loaded = places.load(*overrides, **more)  # type: ignore[arg-type]
        return [entry.command[0] for entry in loaded.configuration.hooks]

    inline = "[{event = 'PreAgentTurn', command = ['%s']}]"
    places.write_user(HOOK % "one" + HOOK % "two")
    assert commands() == ["one", "two"]
    places.write_project(HOOK % "three")
    assert commands() == ["three"]
    assert places.load().origins["hooks"] == f"{places.project_file}:1"
    variable = {"HARN_TUI_HOOKS": inline % "four"}
    assert commands(environment=variable) == ["four"]
    assert commands("hooks=" + inline % "five", environment=variable) == ["five"]
    assert commands("hooks=[]") == []


TOML_LIKE = st.text(alphabet="modelp[]{}='\".\n 1-_,#", max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(TOML_LIKE)
def test_any_text_loads_or_is_refused_with_a_configuration_error(places: Places, text: str) -> None:
    places.write_user(text)
    refusal = ""
    try:
        places.load()
    except ConfigError as error:
        refusal = str(error)
    assert refusal.isprintable()
    assert not refusal or str(places.user_file) in refusal
    assert refusal or tomllib.loads(text).keys() <= SCHEMA.keys()
