"""The tables of policies: their shapes, and what an untrusted folder may do with them."""

import tomllib

import pytest

from harn_tui.config.describe import describe, describe_schema
from harn_tui.config.policy_shapes import RISK_LABELS, SHELL_MODES, SIDE_EFFECT_LEVELS
from tests.unit.config.conftest import Places

EVERYTHING = """
[policy]
tools = ["read*"]
workspace_roots = ["."]
side_effect_level = "workspace_write"
recursion_limit = 2

[policy.capabilities]
workspace = ["read_text"]
process = []

[[policy.tool_arg_constraints]]
tool = "run*"
arg_patterns = ["cargo *"]
arg_key = "command"

[policy.tool_annotations.mcp]
kind = "edit"
side_effect_level = "network"
path_params = ["file"]
capabilities = { workspace = ["write_text"] }

[approval]
auto_approve = ["a"]
auto_deny = []
require_approval = ["b*"]
write_path_allowlist = ["src/**"]

[command_policy]
tools = ["run_command"]
workspace_roots = ["."]
default_shell_mode = "argv_only"
deny_patterns = ["*deploy*"]
require_approval = ["sudo", "write_intent"]
allow_recursive = false
"""


def test_every_key_is_read_as_written(places: Places) -> None:
    places.write_user(EVERYTHING)
    assert dict(places.load().configuration.policies) == tomllib.loads(EVERYTHING)


def test_tables_that_are_not_set_are_not_there(places: Places) -> None:
    assert dict(places.load().configuration.policies) == {}
    places.write_user("[approval]")
    assert dict(places.load().configuration.policies) == {"approval": {}}


@pytest.mark.parametrize(
    ("text", "key", "wanted"),
    [
        ("policy = 3", "policy", "tools, capabilities"),
        ("[policy]\ntols = []", "policy.tols", "policy.tools"),
        ("[policy]\ntools = 'x'", "policy.tools", "a list of texts"),
        ("[policy]\ntools = ['']", "policy.tools", "a list of texts"),
        ("[policy]\ncapabilities = []", "policy.capabilities", "a table"),
        ("[policy.capabilities]\na = 'b'", "policy.capabilities.a", "a list of texts"),
        ("[policy]\nside_effect_level = 'all'", "policy.side_effect_level", '"read_only"'),
        ("[policy]\nrecursion_limit = -1", "policy.recursion_limit", "at least 0"),
        ("[policy]\ntool_arg_constraints = {}", "policy.tool_arg_constraints", "a list of tables"),
        ("[[policy.tool_arg_constraints]]\ntool = 'a'", "tool_arg_constraints.1", "arg_patterns"),
        (
            "[[policy.tool_arg_constraints]]\ntool = 'a'\narg_patterns = []",
            "tool_arg_constraints.1.arg_patterns",
            "at least one",
        ),
        ("[policy.tool_annotations.a]\nkind = 'x'", "tool_annotations.a.kind", '"read"'),
        ("[policy.tool_annotations.a]\nx = 1", "policy.tool_annotations.a.x", "path_params"),
        ("[approval]\nauto_aprove = []", "approval.auto_aprove", "approval.auto_approve"),
        ("[approval]\nauto_deny = true", "approval.auto_deny", "a list of texts"),
        ("[command_policy]\npre = 'x'", "command_policy.pre", "deny_patterns"),
        ("[command_policy]\ndefault_shell_mode = 'sh'", "default_shell_mode", '"shell"'),
        ("[command_policy]\nrequire_approval = ['sud']", "require_approval.1", '"sudo"'),
        ("[command_policy]\nallow_recursive = 1", "allow_recursive", "true or false"),
    ],
)
def test_tools_odd_17_and_29_a_wrong_key_or_value_is_refused_with_its_place(
    places: Places, text: str, key: str, wanted: str
) -> None:
    places.write_user(text)
    message = places.error()
    assert f"In {places.user_file}" in message
    assert key in message
    assert wanted in message


def test_later_layers_replace_key_by_key(places: Places) -> None:
    places.write_user(
        "[policy]\ntools = ['a']\nrecursion_limit = 3\n[policy.capabilities]\nx = ['y']"
    )
    places.write_project("[policy]\ntools = ['b']\n[policy.capabilities]\nz = []")
    loaded = places.load(
        "policy.side_effect_level=network", environment={"HARN_TUI_APPROVAL__AUTO_DENY": "['c']"}
    )
    assert dict(loaded.configuration.policies) == {
        "policy": {
            "tools": ["b"],
            "recursion_limit": 3,
            "capabilities": {"x": ["y"], "z": []},
            "side_effect_level": "network",
        },
        "approval": {"auto_deny": ["c"]},
    }
    assert loaded.origins["policy.capabilities.z"] == f"{places.project_file}:4"


def test_what_is_shown_is_toml_that_loads_to_the_same(places: Places) -> None:
    places.write_user(EVERYTHING)
    loaded = places.load()
    lines = describe(loaded)
    assert f'policy.tools = ["read*"]  # {places.user_file}:3' in lines
    assert f'policy.capabilities.workspace = ["read_text"]  # {places.user_file}:9' in lines
    places.write_user("\n".join(lines))
    assert dict(places.load().configuration.policies) == dict(loaded.configuration.policies)


def test_an_empty_table_which_switches_a_policy_on_is_shown(places: Places) -> None:
    places.write_user("[command_policy]")
    places.write_user("\n".join(describe(places.load())))
    assert dict(places.load().configuration.policies) == {"command_policy": {}}


def test_every_key_is_in_the_schema_with_what_it_must_be() -> None:
    lines = describe_schema()
    for table, keys in tomllib.loads(EVERYTHING).items():
        for key in keys:
            assert any(line.startswith(f"{table}.{key}: ") for line in lines)


NARROWING = [
    ("[policy]\ntools = ['read*']", None),
    ("[policy]\ntools = []", None),
    ("[policy.capabilities]\nworkspace = ['read_text']", None),
    ("[policy]\nside_effect_level = 'read_only'", None),
    ("[policy]\nrecursion_limit = 0", None),
    ("[[policy.tool_arg_constraints]]\ntool = '*'\narg_patterns = ['x']", None),
    ("[approval]\nauto_deny = ['x']", None),
    ("[approval]\nrequire_approval = ['x']", None),
    ("[approval]\nwrite_path_allowlist = ['src/**']", None),
    ("[command_policy]\ndeny_patterns = ['x']", None),
    ("[command_policy]\ndefault_shell_mode = 'argv_only'", None),
    ("[approval]\nauto_approve = ['*']", "approval.auto_approve"),
    ("[policy.tool_annotations.run_command]\nkind = 'read'", "policy.tool_annotations"),
    ("[command_policy]\ntools = ['x']", "command_policy.tools"),
    ("[command_policy]\nworkspace_roots = ['/']", "command_policy.workspace_roots"),
    ("[command_policy]\nrequire_approval = []", "command_policy.require_approval"),
    ("[command_policy]\nallow_recursive = true", "command_policy.allow_recursive"),
    ("[command_policy]\ndefault_shell_mode = 'shell'", "command_policy.default_shell_mode"),
]


@pytest.mark.parametrize(("text", "ignored"), NARROWING)
def test_an_untrusted_folder_may_only_narrow(
    places: Places, text: str, ignored: str | None
) -> None:
    places.write_project(text)
    loaded = places.load(is_folder_trusted=False)
    if ignored is None:
        assert dict(loaded.configuration.policies) == tomllib.loads(text)
        assert loaded.warnings == ()
    else:
        assert dict(loaded.configuration.policies) == {}
        assert f"{ignored} is ignored" in loaded.warnings[0]


@pytest.mark.parametrize(
    ("key", "user", "project", "expected"),
    [
        ("policy.side_effect_level", "'read_only'", "'network'", "read_only"),
        ("policy.side_effect_level", "'network'", "'none'", "none"),
        ("policy.recursion_limit", "1", "5", 1),
        ("policy.recursion_limit", "5", "1", 1),
        ("approval.auto_deny", "['a']", "['b', 'a']", ["a", "b"]),
        ("approval.auto_deny", "['a']", "[]", ["a"]),
        ("command_policy.deny_patterns", "['a']", "['b']", ["a", "b"]),
        ("command_policy.default_shell_mode", "'argv_only'", "'shell'", "argv_only"),
        ("policy.tools", "['a']", "['a', 'b']", ["a"]),
        ("policy.workspace_roots", "['a']", "['/']", ["a"]),
        ("approval.write_path_allowlist", "[]", "['*']", []),
    ],
)
def test_an_untrusted_folder_lifts_no_limit_of_the_person(
    places: Places, key: str, user: str, project: str, expected: object
) -> None:
    places.write_user(f"{key} = {user}")
    places.write_project(f"{key} = {project}")
    loaded = places.load(is_folder_trusted=False)
    (table,) = loaded.configuration.policies.values()
    assert list(table.values()) == [expected]
    is_narrower = expected not in tomllib.loads(f"a = {user}").values()
    is_list_of_more = "auto_deny" in key
    assert bool(loaded.warnings) is not (is_narrower or is_list_of_more)


def test_a_kept_value_keeps_its_origin(places: Places) -> None:
    places.write_user("policy.recursion_limit = 1")
    places.write_project("policy.recursion_limit = 5")
    loaded = places.load(is_folder_trusted=False)
    assert loaded.origins["policy.recursion_limit"] == f"{places.user_file}:1"


def test_a_person_may_overrule_a_folder_on_the_command_line(places: Places) -> None:
    places.write_project("[policy]\ntools = []")
    loaded = places.load("policy.tools=['read_file']", is_folder_trusted=False)
    assert loaded.configuration.policies["policy"]["tools"] == ["read_file"]


def test_words_are_those_of_the_policies() -> None:
    assert len(SIDE_EFFECT_LEVELS) == len(set(SIDE_EFFECT_LEVELS)) == 5
    assert len(RISK_LABELS) == 10
    assert SHELL_MODES == ("argv_only", "shell")
