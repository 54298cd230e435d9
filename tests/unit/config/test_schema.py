"""What configuration may hold, and that it agrees with the parts it configures."""

import types
import typing
from dataclasses import fields

import pytest

from harn_tui.config.checking import rule_at
from harn_tui.config.loop_options import LOOP_OPTIONS, LoopOptions, TurnPolicy, loop_options
from harn_tui.config.loop_profiles import PROFILED_OPTIONS
from harn_tui.config.permission_shape import permission_section
from harn_tui.config.provider_choice import ProviderChoice
from harn_tui.config.provider_kinds import PROVIDER_KINDS
from harn_tui.errors import ConfigError, LoopConfigError
from harn_tui.json_types import JsonValue
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import ProviderSettings
from harn_tui.providers.factory import PROVIDER_DEFAULTS
from tests.unit.config.conftest import Places

SAMPLES: tuple[JsonValue, ...] = (
    True, False, -1, 0, 1, 7, 0.0, 0.5, -0.5, "native", "allow", "json", "llm",
    "verifier", "", " ", [], ["a"], ["a", 1], {}, None,
)  # fmt: skip


@pytest.mark.parametrize("name", LOOP_OPTIONS)
def test_a_loop_option_takes_the_type_that_it_declares(name: str) -> None:
    declared = typing.get_type_hints(LoopOptions)[name]
    union = typing.get_args(declared) if isinstance(declared, types.UnionType) else (declared,)
    accepted = [value for value in SAMPLES if LOOP_OPTIONS[name].rule.find_fault(value) is None]
    assert accepted, "the samples hold a good value for every option"
    for value in accepted:
        stored = getattr(loop_options({name: value}), name)
        if isinstance(stored, tuple):
            assert tuple[str, ...] in union
        elif float in union:
            assert type(stored) in {int, float}
        elif isinstance(stored, dict):
            assert any(typing.get_origin(part) is dict for part in union)
        else:
            assert type(stored) in union


@pytest.mark.parametrize("name", LOOP_OPTIONS)
def test_loop_10_35_what_the_table_refuses_a_program_cannot_set_either(name: str) -> None:
    for value in SAMPLES:
        if value is None:
            continue
        if LOOP_OPTIONS[name].rule.find_fault(value) is None:
            loop_options({name: value})
        else:
            with pytest.raises(LoopConfigError, match=f"`{name}`"):
                loop_options({name: value})


@pytest.mark.parametrize("name", LOOP_OPTIONS)
def test_loop_10_34_none_is_unset(name: str) -> None:
    assert getattr(loop_options({name: None}), name) == getattr(LoopOptions(), name)


def test_loop_10_37_the_defaults_that_every_way_in_shares() -> None:
    options = LoopOptions()
    assert (options.max_iterations, options.max_nudges, options.llm_retries) == (50, 8, 4)
    assert loop_options({}) == options


@pytest.mark.parametrize(
    ("profile", "values"),
    [
        ("tool_using", (50, 8, 0, 2, 0)),
        ("researcher", (30, 4, 0, 2, 0)),
        ("verifier", (5, 0, 0, 2, 3)),
        ("completer", (1, 0, 0, 2, 0)),
    ],
)
def test_loop_appendix_b_a_profile_sets_defaults(profile: str, values: tuple[int, ...]) -> None:
    options = LoopOptions(profile=profile)
    assert tuple(getattr(options, name) for name in PROFILED_OPTIONS) == values


def test_loop_appendix_b_a_key_that_is_given_wins_over_the_profile() -> None:
    options = LoopOptions(profile="verifier", max_iterations=50)
    assert (options.max_iterations, options.max_nudges) == (50, 0)


def test_loop_appendix_b_an_unknown_profile_names_the_four() -> None:
    with pytest.raises(LoopConfigError, match="tool_using.*researcher.*verifier.*completer"):
        LoopOptions(profile="writer")


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(LoopConfigError, match="Did you mean `max_nudges`"):
        loop_options({"max_nudge": 2})


def test_a_fault_inside_a_table_names_the_key_in_it() -> None:
    with pytest.raises(LoopConfigError, match=r"`turn_policy\.max_prose_chars`.*at least 1"):
        loop_options({"turn_policy": {"max_prose_chars": 0}})


def test_a_partial_turn_policy_keeps_the_other_defaults() -> None:
    policy = loop_options({"turn_policy": {"max_prose_chars": 120}}).turn_policy
    assert policy == TurnPolicy(max_prose_chars=120, allow_done_sentinel=True)


def test_the_kinds_and_their_defaults_are_those_of_the_providers() -> None:
    ours = {name: (kind.model, kind.api_key_env) for name, kind in PROVIDER_KINDS.items()}
    theirs = {name: (kind.model, kind.api_key_env) for name, kind in PROVIDER_DEFAULTS.items()}
    assert ours == theirs


def test_a_choice_has_the_fields_and_defaults_of_provider_settings() -> None:
    def shape(kind: type) -> list[tuple[str, object, object, bool]]:
        return [(item.name, item.type, item.default, item.repr) for item in fields(kind)]

    assert shape(ProviderChoice) == shape(ProviderSettings)


@pytest.mark.parametrize(
    "section",
    [
        [],
        ["run", "write_*"],
        [""],
        ["run", 1],
        "run",
        3,
        {},
        {"run": True},
        {"run": False},
        {"run": "rm*"},
        {"run": ["rm*", "curl*"]},
        {"run": ""},
        {"run": []},
        {"run": [""]},
        {"run": 3},
        {"": True},
        {"run": {"arg_key": "command", "patterns": ["rm*"]}},
        {"run": {"key": "command", "allow": "rm*"}},
        {"run": {"arg_key": "command", "key": "command", "patterns": "x"}},
        {"run": {"arg_key": "command"}},
        {"run": {"patterns": ["x"]}},
        {"run": {"arg_key": "", "patterns": ["x"]}},
        {"run": {"arg_key": "command", "patterns": []}},
        {"run": {"arg_key": "command", "patterns": "x", "more": 1}},
    ],
)
def test_tools_4_5_a_section_is_accepted_exactly_when_rules_can_be_built_from_it(
    section: JsonValue,
) -> None:
    is_accepted = permission_section().find_fault(section) is None
    try:
        PermissionRules.parse({"deny": section})
    except ConfigError:
        assert not is_accepted
    else:
        assert is_accepted


HOOKS = "[[hooks]]\nevent = 'PreAgentTurn'\ncommand = ['x']\n[[hooks]]\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("modle = 'x'", ["line 1", "`modle`", "`model`"]),
        ("\n[loop]\nmax_nudge = 2", ["line 3", "`loop.max_nudge`", "`loop.max_nudges`"]),
        ("max_nudges = 2", ["line 1", "`max_nudges`", "`loop.max_nudges`"]),
        ("[loop]\nmax_nudges = -1", ["line 2", "cannot be -1", "at least 0"]),
        ("[loop]\nmax_iterations = 0", ["line 2", "cannot be 0", "at least 1"]),
        ("[loop]\nmax_nudges = true", ["cannot be true", "a whole number"]),
        ("[loop]\nmax_nudges = 2.0", ["cannot be 2.0", "a whole number"]),
        ("[loop]\ntemperature = nan", ["cannot be nan", "a number of at least 0"]),
        ("[loop]\nnudge = 1979-05-27", ["cannot be 1979-05-27", "text"]),
        ("[loop]\ntool_format = 'xml'", ['cannot be "xml"', '"native", "text"']),
        ("[loop]\nskills = ['a', 1]", ["has a wrong value", "a list of texts"]),
        ("loop = 3", ["line 1", "`loop` must be a table", "max_nudges"]),
        ("[providers]\nlocal = 3", ["line 2", "`providers.local` must be a table", "base_url"]),
        ("providers = 3", ["`providers` must be a table", "NAME.kind"]),
        ("[providers.'a b']\nkind='demo'", ['`providers."a b"` is not a usable name']),
        ("[providers.x]\nkind = 'antropic'", ["line 2", '"anthropic", "ollama"', "Did you mean"]),
        ("[providers.x]\nkind = 'demo'\ntimeout_s = 0", ["line 3", "greater than 0"]),
        ("[providers.x]\nkind = 'demo'\nbase_url = 'ftp://h'", ["http or https"]),
        ("[permissions]\nalow = []", ["`permissions.alow`", "`permissions.allow`"]),
        ("[permissions]\ndeny = { run = 3 }", ["line 2", "`permissions.deny.run`", "a glob"]),
        ("[permissions.ask]\n\nrun = { arg_key = 'a' }", ["line 3", "arg_key and patterns"]),
        ("[permissions]\nworkspace_roots = ['']", ["`permissions.workspace_roots`"]),
        ("[tools]\nenabled = 'run'", ["`tools.enabled`", 'cannot be "run"', "a list of texts"]),
        ("[ui]\nshow_timestamps = 1", ["`ui.show_timestamps`", "true or false"]),
        ("[sandbox]\ncommands = 'atuo'", ['cannot be "atuo"', '"require", "off"', '"auto"']),
        ("[sandbox]\nnetwork = 'yes'", ["`sandbox.network`", "true or false"]),
        ("[sandbox]\nkeep_env = ['a b']", ["`sandbox.keep_env`", "names of environment"]),
        ("[fetch]\nprivate_hosts = 'x'", ["`fetch.private_hosts`", "a list of texts"]),
        ("[Loop]\nmax_nudges = 2", ["`Loop`", "`loop`"]),
        (HOOKS + "\nevnt = 'PreAgentTurn'", ["line 6", "`hooks.2.evnt`", "`hooks.2.event`"]),
        (HOOKS + "\ncommand = ['x']", ["line 4", "`hooks.2` has no `event`", '"PostAgentTurn"']),
        (HOOKS + "\nevent = 'PreAgentTurn'", ["line 4", "`hooks.2` has no `command`", "a list"]),
        (HOOKS + "\nevent = 'WorkerDone'", ["line 6", 'cannot be "WorkerDone"', '"PreToolUse"']),
        (HOOKS + "\nevent = 'PostAgentTrun'", ['Did you mean "PostAgentTurn"?']),
        (HOOKS + "\ncommand = 'notify done'", ["line 6", "`hooks.2.command`", "a list of the"]),
        (HOOKS + "\ncommand = []", ["`hooks.2.command`", "a list of the program"]),
        (HOOKS + "\ncommand = ['', 'x']", ["`hooks.2.command`", "a list of the program"]),
        (HOOKS + "\ncommand = ['x', 1]", ["`hooks.2.command`", "a list of the program"]),
        (HOOKS + '\ncommand = ["x", "\\u0000"]', ["`hooks.2.command`", "a list of the program"]),
        (HOOKS + "\npattern = ''", ["`hooks.2.pattern`", "text that is not blank"]),
        ("[hooks]\nevent = 'PreAgentTurn'", ["line 1", "`hooks` must be a list", "[[hooks]]"]),
        ("hooks = [3]", ["line 1", "`hooks.1` must be a table", "event, pattern, command"]),
    ],
)
def test_a_mistake_is_named_with_file_line_key_and_what_is_accepted(
    places: Places, text: str, words: list[str]
) -> None:
    places.write_user(text)
    message = places.error()
    for word in [str(places.user_file), *words]:
        assert word in message


@pytest.mark.parametrize(
    "text",
    [
        "[providers.x]\nkind = 'openai'\napi_key_env = 'sk-live-1234'",
        "[providers.x]\nkind = 'openai'\napi_key_env = 'gsk_live1234'",
        "[providers.x]\nkind = 'openai'\napi_key = 'sk-live-1234'",
        "[providers.x]\nbase_url = 'http:/u:live1234@h'",
        "[[hooks]]\nevent = 'PreAgentTurn'\ncommand = 'notify --token live1234'",
        "[sandbox]\nkeep_env = ['sk-live-1234']",
    ],
)
def test_a_secret_in_a_wrong_place_is_refused_and_not_repeated(places: Places, text: str) -> None:
    places.write_user(text)
    message = places.error()
    assert "1234" not in message
    assert "line" in message


def test_a_key_in_plain_text_is_told_of_the_variable(places: Places) -> None:
    places.write_user("[providers.x]\napi_key = 'sk'")
    assert "Did you mean `providers.x.api_key_env`?" in places.error()


def test_control_characters_of_a_file_do_not_reach_a_message(places: Places) -> None:
    places.write_user('"\\u001b[31m" = 1')
    message = places.error()
    assert message.isprintable()
    assert "U0000001B" in message


def test_a_huge_number_is_refused_without_being_written_out(places: Places) -> None:
    places.write_user(f"[loop]\nmax_nudges = -{'9' * 4000}")
    assert len(places.error()) < 400
    places.write_user(f"[loop]\nmax_nudges = {'9' * 5000}")
    assert "not valid TOML" in places.error()


def test_no_rule_covers_a_whole_table_or_a_key_that_is_not_there() -> None:
    assert rule_at(("loop",)) is None
    assert rule_at(("loop", "nope")) is None
    assert rule_at(("a", "b", "c", "d")) is None
