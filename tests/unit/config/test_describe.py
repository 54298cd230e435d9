"""Configuration written out for people."""

import tomllib

from harn_tui.config.describe import describe, describe_schema
from harn_tui.config.loop_options import LOOP_OPTIONS
from tests.unit.config.conftest import Places


def test_each_value_is_shown_with_its_origin(places: Places) -> None:
    places.write_user("model = 'm'\n[permissions]\nallow = ['a', 'b']\ndeny = {run = ['rm*']}")
    lines = describe(
        places.load("loop.persistent=true", environment={"HARN_TUI_LOOP__MAX_NUDGES": "2"})
    )
    assert f'model = "m"  # {places.user_file}:1' in lines
    assert "loop.persistent = true  # --set" in lines
    assert "loop.max_nudges = 2  # HARN_TUI_LOOP__MAX_NUDGES" in lines
    assert "loop.llm_retries = 4  # default" in lines
    assert f'permissions.allow = ["a", "b"]  # {places.user_file}:3' in lines
    assert f'permissions.deny.run = ["rm*"]  # {places.user_file}:4' in lines
    assert "ui.show_timestamps = false  # default" in lines


def test_what_is_shown_is_toml_that_loads_to_the_same(places: Places) -> None:
    places.write_user(
        'system = "a # b\\n\\u001b \\u202e \\"q\\""\ntools.enabled = []\n'
        "[providers.'a.b']\nkind = 'openai'\ntimeout_s = 1.5\n"
        "[permissions]\nask = {run = {arg_key = 'x', patterns = ['y']}}\nworkspace_roots = ['.']\n"
        "[[hooks]]\nevent = 'PreAgentTurn'\ncommand = ['x', 'a \"b\" \\']\n"
        "[[hooks]]\nevent = 'PostAgentTurn'\npattern = 'turn.failed'\ncommand = ['y']\n"
        "[sandbox]\ncommands = 'off'\nwritable = ['~/x']\nkeep_env = ['A_TOKEN']\n"
        "[fetch]\nprivate_hosts = ['localhost']\n"
        "[ui]\ntheme = 'light'"
    )
    loaded = places.load()
    text = "\n".join(describe(loaded))
    assert all(line.isprintable() for line in text.split("\n"))
    tomllib.loads(text)
    places.write_user(text)
    again = places.load().configuration
    assert dict(again.loop).items() >= {"max_nudges": 8}.items()
    names = (
        "system",
        "tools_enabled",
        "providers",
        "permissions",
        "workspace_roots",
        "hooks",
        "sandbox",
        "private_hosts",
        "ui",
    )
    for name in names:
        assert getattr(again, name) == getattr(loaded.configuration, name)


def test_no_secret_is_shown(places: Places) -> None:
    places.write_user(
        "[providers.x]\nkind = 'openai'\napi_key_env = 'X_KEY'\n"
        "base_url = 'https://user:hunter2@host:8/v1?key=hunter2#hunter2'\n"
        "[[hooks]]\nevent = 'PreAgentTurn'\ncommand = ['curl', '-H', 'Authorization: hunter2']"
    )
    lines = describe(places.load())
    assert f'providers.x.api_key_env = "X_KEY"  # {places.user_file}:3' in lines
    assert f'providers.x.base_url = "https://…@host:8/v1?…#…"  # {places.user_file}:4' in lines
    assert not any("hunter2" in line for line in lines)


def test_every_key_is_in_the_schema_with_what_it_must_be() -> None:
    lines = describe_schema()
    assert "loop.max_nudges: a whole number of at least 0" in lines
    assert any(line.startswith("providers.NAME.kind: one of ") for line in lines)
    assert "model: text that is not blank" in lines
    events = '"PreAgentTurn", "PostAgentTurn", "PreToolUse", "PostToolUse"'
    assert f"hooks.N.event: one of {events}" in lines
    assert sum(line.startswith("loop.") for line in lines) == len(LOOP_OPTIONS)
