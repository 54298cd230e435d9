"""Annotations of tools: tools 1.3 and 9.2, with ODD-7 and ODD-29."""

import json
from dataclasses import replace

import pytest

from harn_tui.errors import ToolDefinitionError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import MutationClass, SideEffectLevel, ToolKind
from harn_tui.tools.annotations import lay_over, read_annotations
from harn_tui.tools.base import UNANNOTATED, ToolAnnotations
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.registry import ToolRegistry
from tests.conformance.loop_driver import Reply, make_tool, run_loop


@pytest.mark.parametrize(
    "word", ["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "other"]
)
def test_tools_9_2_kinds_are_their_lower_case_names(word: str) -> None:
    kind = ToolKind(word)
    assert json.loads(json.dumps(kind)) == word
    assert read_annotations("x", {"kind": word}).kind is kind


def test_tools_9_2_only_four_kinds_are_read_only() -> None:
    read_only = {kind for kind in ToolKind if kind.is_read_only}
    assert read_only == {ToolKind.READ, ToolKind.SEARCH, ToolKind.THINK, ToolKind.FETCH}


@pytest.mark.parametrize(
    ("kind", "mutation"),
    [
        (ToolKind.READ, MutationClass.READ_ONLY),
        (ToolKind.SEARCH, MutationClass.READ_ONLY),
        (ToolKind.THINK, MutationClass.READ_ONLY),
        (ToolKind.FETCH, MutationClass.READ_ONLY),
        (ToolKind.EDIT, MutationClass.WORKSPACE_WRITE),
        (ToolKind.DELETE, MutationClass.DESTRUCTIVE),
        (ToolKind.MOVE, MutationClass.DESTRUCTIVE),
        (ToolKind.EXECUTE, MutationClass.AMBIENT_SIDE_EFFECT),
        (ToolKind.OTHER, MutationClass.OTHER),
        (UNANNOTATED.kind, MutationClass.OTHER),
    ],
)
def test_tools_9_2_the_kind_tells_what_is_changed(kind: ToolKind, mutation: MutationClass) -> None:
    assert kind.mutation_class is mutation


def test_tools_9_2_levels_are_in_order_and_go_through_json() -> None:
    words = ["none", "read_only", "workspace_write", "process_exec", "network"]
    assert [level.value for level in sorted(SideEffectLevel, key=lambda each: each.rank)] == words
    for word in words:
        assert read_annotations("x", {"side_effect_level": word}).level == word


def test_tools_9_2_nothing_said_is_nothing_assumed() -> None:
    said = read_annotations("x", {})
    assert said == UNANNOTATED
    assert (said.kind, said.level) == (ToolKind.OTHER, SideEffectLevel.NONE)
    assert (said.path_params, said.arg_aliases, said.required) == ((), {}, ())
    assert (said.emits_artifacts, said.result_readers, said.inline_result) == (False, (), False)


@pytest.mark.parametrize("level", ["", "Network", "unknown", "5"])
def test_tools_odd_29_an_unknown_level_is_refused_wherever_it_is_said(level: str) -> None:
    accepted = "none, read_only, workspace_write, process_exec, network"
    with pytest.raises(ToolDefinitionError, match=accepted):
        read_annotations("x", {"side_effect_level": level})
    with pytest.raises(ToolDefinitionError, match=accepted):
        ToolAnnotations(side_effect_level=level)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "must be a table"),
        ({"colour": "red"}, "x.colour is not known"),
        ({"kind": "reed"}, "x.kind must be one of read, edit"),
        ({"kind": None}, "x.kind must be one of"),
        ({"emits_artifacts": "yes"}, "x.emits_artifacts must be true or false"),
        ({"result_readers": "cat"}, "x.result_readers must be a list"),
        ({"result_readers": [3]}, "x.result_readers must be text"),
        ({"arg_schema": {"path": []}}, "x.arg_schema.path is not known"),
        ({"arg_schema": {"arg_aliases": {"a": 3}}}, "x.arg_schema.arg_aliases.a must be text"),
        ({"capabilities": {"fs": "read"}}, "x.capabilities.fs must be a list"),
    ],
)
def test_malformed_annotations_are_refused_by_their_key(data: JsonValue, words: str) -> None:
    with pytest.raises(ToolDefinitionError) as caught:
        read_annotations("x", data)
    assert words in str(caught.value)


def test_tools_odd_7_a_policy_replaces_what_it_says_and_leaves_the_rest() -> None:
    own = read_annotations(
        "x",
        {
            "kind": "edit",
            "side_effect_level": "workspace_write",
            "arg_schema": {"path_params": ["path"], "arg_aliases": {"file": "path"}},
        },
    )
    merged = lay_over(own, "x", {"kind": "read", "arg_schema": {"path_params": ["target"]}})
    assert merged == replace(own, kind=ToolKind.READ, path_params=("target",))
    assert merged == lay_over(own, "x", {"kind": "read", "path_params": ["target"]})
    assert lay_over(own, "x", None) == own


def test_tools_odd_7_a_registry_takes_what_a_policy_says_of_its_tools() -> None:
    registry = ToolRegistry(builtin_tools())
    said = registry.with_annotations({"run_command": {"kind": "read"}, "gone": {"kind": "edit"}})
    assert said.require("run_command").annotations.kind is ToolKind.READ
    assert said.require("run_command").annotations.level is SideEffectLevel.PROCESS_EXEC
    assert said.names == registry.names
    assert said.require("read_file") is registry.require("read_file")
    with pytest.raises(ToolDefinitionError, match=r"run_command\.kind"):
        registry.with_annotations({"run_command": {"kind": "harmless"}})


async def test_tools_odd_7_annotations_of_the_tool_itself_decide_on_its_calls() -> None:
    reading = make_tool("peek", kind=ToolKind.READ)
    run = await run_loop(
        Reply("", calls=(("peek", {}), ("peek", {"n": "1"}))), Reply("ok"), tools=(reading,)
    )
    assert [call.kind for call in run.of("tool_call")] == ["read", "read"]
    assert not run.of("permission_request")
