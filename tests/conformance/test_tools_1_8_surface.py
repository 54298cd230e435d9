"""The diagnostics of a tool surface: tools 1.8 and 9.3, with ODD-7 and ODD-37."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ToolDefinitionError
from harn_tui.permissions.globs import glob_matches
from harn_tui.tools.base import UNANNOTATED
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.prompt_references import prompt_references
from harn_tui.tools.surface_data import surface_of
from harn_tui.tools.surface_diagnostics import (
    Severity,
    SurfaceCode,
    SurfaceDiagnostic,
    ToolSurface,
    surface_report,
)
from harn_tui.tools.surface_tool import SurfacePolicy, surface_tool
from tests.conformance.loop_driver import make_tool

READ: dict[str, Any] = {
    "name": "read_file",
    "handler": len,
    "parameters": {"path": "string"},
    "annotations": {"kind": "read", "side_effect_level": "read_only"},
}
RUN: dict[str, Any] = {
    "name": "run_command",
    "handler": len,
    "parameters": {"command": "string"},
    "annotations": {
        "kind": "execute",
        "side_effect_level": "process_exec",
        "emits_artifacts": True,
        "inline_result": True,
    },
}


def findings(*tools: dict[str, Any], **data: Any) -> list[SurfaceDiagnostic]:
    surface = surface_of({"tools": list(tools), **data}, glob_matches)
    return list(surface_report(surface).diagnostics)


def only(*tools: dict[str, Any], **data: Any) -> SurfaceDiagnostic:
    (found,) = findings(*tools, **data)
    return found


def entry(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return ``base`` with other keys; ``None`` takes one away."""
    changed = {**base, **changes}
    return {key: value for key, value in changed.items() if value is not None}


def annotated(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return entry(base, annotations=entry(base["annotations"], **changes))


def test_tools_1_8_a_surface_without_faults_is_valid() -> None:
    report = surface_report(surface_of({"tools": [READ, RUN]}, glob_matches))
    assert report.as_json() == {"valid": True, "diagnostics": []}
    assert report.first_error is None


def test_tools_1_8_row_1_a_tool_without_parameters() -> None:
    found = only(entry(READ, parameters=None))
    assert (found.code, found.tool, found.field) == (
        "TOOL_SURFACE_MISSING_SCHEMA",
        "read_file",
        "parameters",
    )
    assert found.code.severity is Severity.WARNING


def test_tools_1_8_row_2_a_tool_that_says_nothing_of_itself() -> None:
    found = only(entry(READ, annotations=None))
    assert (found.code, found.field) == ("TOOL_SURFACE_MISSING_ANNOTATIONS", "annotations")
    assert found.code.severity is Severity.WARNING


def test_tools_1_8_row_2_annotations_that_cannot_be_read_are_none() -> None:
    assert only(entry(READ, annotations={"kind": "reed"})).code is SurfaceCode.MISSING_ANNOTATIONS


def test_tools_1_8_row_3_a_tool_without_a_level_of_side_effects() -> None:
    found = only(annotated(READ, side_effect_level=None))
    assert (found.code, found.field) == (
        "TOOL_SURFACE_MISSING_SIDE_EFFECT_LEVEL",
        "side_effect_level",
    )
    assert found.code.severity is Severity.WARNING


def test_tools_1_8_row_4_a_tool_that_nobody_runs() -> None:
    found = only(entry(READ, handler=None))
    assert (found.code, found.field) == ("TOOL_SURFACE_MISSING_EXECUTOR", "executor")
    assert found.code.severity is Severity.WARNING
    assert not findings(entry(READ, handler=None, executor="host_bridge"))
    assert not findings(entry(READ, handler=None, _mcp_server="linear"))


def test_tools_1_8_row_4_native_entries_need_no_executor() -> None:
    native = entry(READ, handler=None, parameters=None, input_schema={"type": "object"})
    assert not findings(native_tools=[native])


ARTIFACTS = {"emits_artifacts": True, "inline_result": None}


def test_tools_1_8_row_5_results_that_nobody_can_read_are_an_error() -> None:
    found = only(annotated(RUN, **ARTIFACTS))
    assert (found.code, found.tool, found.field) == (
        "TOOL_SURFACE_MISSING_RESULT_READER",
        "run_command",
        "result_readers",
    )
    assert found.code.severity is Severity.ERROR


@pytest.mark.parametrize(
    "other",
    [
        READ,
        annotated(READ, kind="search"),
        entry(annotated(READ, kind="other"), name="read_command_output"),
        entry(annotated(READ, kind="other"), name="show"),
    ],
)
def test_tools_1_8_row_5_an_active_reader_is_enough(other: dict[str, Any]) -> None:
    run = annotated(RUN, **ARTIFACTS, result_readers=["show"])
    codes = {found.code for found in findings(run, other)}
    assert SurfaceCode.MISSING_RESULT_READER not in codes
    assert SurfaceCode.MISSING_RESULT_READER in {
        found.code for found in findings(run, other, policy={"tools": ["run_*"]})
    }


def test_tools_1_8_row_6_a_reader_that_is_not_active_is_named_each() -> None:
    run = annotated(RUN, **ARTIFACTS, result_readers=["read_file", "show", "tail"])
    first, second = findings(run, READ)
    assert first.code is second.code is SurfaceCode.UNKNOWN_RESULT_READER
    assert (first.field, first.code.severity) == ("result_readers", Severity.WARNING)
    assert "show" in first.message
    assert "tail" in second.message


def constraint(**keys: str) -> dict[str, Any]:
    return {"policy": {"tool_arg_constraints": [{"arg_patterns": ["*"], **keys}]}}


def test_tools_1_8_row_7_a_constraint_of_no_tool() -> None:
    found = only(READ, **constraint(tool="reed_file"))
    assert (found.code, found.field) == (
        "TOOL_SURFACE_UNKNOWN_ARG_CONSTRAINT_TOOL",
        "tool_arg_constraints.tool",
    )
    assert found.code.severity is Severity.WARNING
    assert not findings(READ, **constraint(tool="reed_*"))


def test_tools_1_8_row_8_a_constraint_of_no_argument() -> None:
    found = only(READ, **constraint(tool="read_*", arg_key="missing"))
    assert (found.code, found.tool, found.field) == (
        "TOOL_SURFACE_UNKNOWN_ARG_CONSTRAINT_KEY",
        "read_file",
        "tool_arg_constraints.missing",
    )
    assert found.code.severity is Severity.WARNING


@pytest.mark.parametrize("key", ["path", "from", "need", "old", "new"])
def test_tools_1_8_row_8_every_name_of_an_argument_counts(key: str) -> None:
    schema = {"path_params": ["from"], "required": ["need"], "arg_aliases": {"old": "new"}}
    tool = annotated(READ, arg_schema=schema)
    assert not findings(tool, **constraint(tool="read_file", arg_key=key))


@pytest.mark.parametrize("key", ["auto_approve", "auto_deny", "require_approval"])
def test_tools_1_8_row_9_an_approval_pattern_of_no_tool(key: str) -> None:
    found = only(READ, approval_policy={key: ["reed_file", "reed_*", "read_*", "read_file"]})
    assert (found.code, found.tool, found.field) == (
        "TOOL_SURFACE_APPROVAL_PATTERN_NO_MATCH",
        None,
        f"approval_policy.{key}",
    )
    assert found.code.severity is Severity.WARNING


@pytest.mark.parametrize("name", ["write_file", "toolbox", "runner"])
def test_tools_1_8_row_10_a_prompt_that_speaks_of_no_tool(name: str) -> None:
    found = only(READ, system=f"Call {name}(path) or read_file(path).")
    assert (found.code, found.tool, found.field) == (
        "TOOL_SURFACE_UNKNOWN_PROMPT_TOOL",
        name,
        "prompt",
    )
    assert found.code.severity is Severity.WARNING


def test_tools_1_8_row_10_a_word_that_looks_like_no_tool_is_none() -> None:
    assert not findings(READ, system="Use caution (always) and sum(1, 2).")


def test_tools_1_8_row_11_a_prompt_that_speaks_of_a_tool_out_of_bounds() -> None:
    found = only(READ, RUN, policy={"tools": ["read_file"]}, prompt="Use run_command(ls).")
    assert (found.code, found.tool, found.field) == (
        "TOOL_SURFACE_PROMPT_TOOL_NOT_IN_POLICY",
        "run_command",
        "prompt",
    )
    assert found.code.severity is Severity.WARNING


def test_tools_1_8_row_12_a_prompt_that_speaks_of_a_deferred_tool() -> None:
    deferred = entry(READ, defer_loading=True)
    found = only(deferred, prompts=["<tool_call>\nread_file"])
    assert (found.code, found.field) == (
        "TOOL_SURFACE_DEFERRED_TOOL_PROMPT_REFERENCE",
        "prompt",
    )
    assert found.code.severity is Severity.WARNING
    assert not findings(deferred, prompts=["<tool_call>read_file"], tool_search=True)


def test_tools_1_8_row_13_a_prompt_that_says_an_old_name_of_an_argument() -> None:
    tool = annotated(READ, arg_schema={"arg_aliases": {"file": "path"}})
    found = only(tool, system="Give the file, not the files.")
    assert (found.code, found.field) == (
        "TOOL_SURFACE_DEPRECATED_ARG_ALIAS",
        "arg_schema.arg_aliases.file",
    )
    assert found.code.severity is Severity.WARNING
    assert not findings(tool, system="Give the files.")


def test_tools_1_8_row_14_a_tool_above_the_ceiling_is_an_error() -> None:
    found = only(READ, RUN, policy={"side_effect_level": "workspace_write"})
    assert (found.code, found.tool, found.field) == (
        "TOOL_SURFACE_SIDE_EFFECT_CEILING_EXCEEDED",
        "run_command",
        "side_effect_level",
    )
    assert found.code.severity is Severity.ERROR


def test_tools_1_8_what_the_policy_leaves_out_is_no_part_of_the_surface() -> None:
    broken = entry(RUN, annotations=None, parameters=None, handler=None)
    policy = {"tools": ["read_*"], "side_effect_level": "read_only"}
    assert not findings(READ, broken, policy=policy)


def test_tools_1_8_findings_come_in_the_order_of_the_table() -> None:
    found = findings(
        entry(READ, parameters=None, annotations=None, handler=None),
        annotated(RUN, **ARTIFACTS, result_readers=["show"], side_effect_level=None,
                  arg_schema={"arg_aliases": {"cmd": "command"}}),
        entry(annotated(READ, side_effect_level="network"), name="fetch_it", defer_loading=True),
        system="Use cmd with no_such(1), run_command(2) and fetch_it(3).",
        policy={"tools": ["read_file", "run_command", "fetch_it"],
                "side_effect_level": "read_only",
                "tool_annotations": {"fetch_it": {"kind": "fetch"}},
                "tool_arg_constraints": [{"tool": "gone"},
                                         {"tool": "run_command", "arg_key": "x"}]},
        approval_policy={"auto_deny": ["gone"]},
    )  # fmt: skip
    order = list(SurfaceCode)
    codes = [each.code for each in found]
    assert set(order) - set(codes) == {SurfaceCode.PROMPT_TOOL_NOT_IN_POLICY}
    assert [code for code in codes if code in order[6:]] == [
        code for code in order[6:] if code is not SurfaceCode.PROMPT_TOOL_NOT_IN_POLICY
    ]


def test_tools_9_3_annotations_of_native_entries_are_read() -> None:
    native = {
        "type": "function",
        "function": {"name": "run", "parameters": {}, "annotations": RUN["annotations"]},
    }
    assert not findings(native_tools=[native])


def test_tools_9_3_annotations_of_the_policy_count() -> None:
    run = entry(RUN, annotations=None)
    said = {"kind": "execute", "side_effect_level": "process_exec", "emits_artifacts": True}
    assert only(run, policy={"tool_annotations": {"run_command": said}}).code is (
        SurfaceCode.MISSING_RESULT_READER
    )
    said["inline_result"] = True
    assert not findings(run, policy={"tool_annotations": {"run_command": said}})


def test_tools_odd_7_annotations_of_the_policy_lie_over_those_of_the_tool() -> None:
    policy = {"tool_annotations": {"run_command": {"inline_result": False}}}
    assert only(RUN, policy=policy).code is SurfaceCode.MISSING_RESULT_READER


def test_tools_odd_37_native_tools_made_from_the_registry_are_told_of_once() -> None:
    native = {"name": "read_file", "input_schema": {"type": "object"}}
    found = findings(entry(READ, annotations=None), native_tools=[native, native])
    assert [each.code for each in found] == [SurfaceCode.MISSING_ANNOTATIONS]


@pytest.mark.parametrize("name", ["tool_search", "tool_search_tool_bm25"])
def test_tools_1_8_a_providers_own_search_is_no_tool(name: str) -> None:
    assert not findings(native_tools=[{"type": "x", "name": name}])


def test_tools_9_3_examples_and_exempt_lines_are_ignored() -> None:
    prompt = """
```
fenced_call(1)
```
~~~python
fenced_too(1)
~~~
<!-- harn-tool-surface: ignore-next-line -->
next_line(1)
this_line(1)  <!-- harn-tool-surface: ignore-line -->
short_mark(1)  # tool-surface-ignore
<!-- harn-tool-surface: ignore-start -->
in_between(1)
<!-- harn-tool-surface: ignore-end -->
seen_call(1)
"""
    assert prompt_references(prompt) == ("seen_call",)


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("Für Überprüfungen: run_command(x)", ("run_command",)),
        ("é run_command (x)", ("run_command",)),
        ("<tool_call>read_file", ("read_file",)),
        ("if (a) return fn(b) print(c) render_prompt(d)", ()),
        ("a_b(1) then a_b(2)", ("a_b",)),
        ("3x_y(1)", ()),
    ],
)
def test_tools_9_3_references_are_found_in_any_text(prompt: str, names: tuple[str, ...]) -> None:
    assert prompt_references(prompt) == names


@given(st.text(max_size=200))
def test_references_are_names_of_the_text(prompt: str) -> None:
    for name in prompt_references(prompt):
        assert name in prompt
        assert name.isascii()


def test_a_registry_stands_for_itself_and_options_fill_in() -> None:
    registry = {"_type": "tool_registry", "tools": [READ]}
    surface = surface_of(registry, glob_matches, {"system": "no_such(1)"})
    assert [each.code for each in surface_report(surface).diagnostics] == [
        SurfaceCode.UNKNOWN_PROMPT_TOOL
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"policy": []},
        {"policy": {"side_effect_level": "most"}},
        {"policy": {"tools": "read_*"}},
        {"policy": {"tool_annotations": {"read_file": {"kind": "reed"}}}},
        {"approval_policy": {"auto_deny": [3]}},
        {"tools": "read_file"},
    ],
)
def test_a_malformed_policy_is_an_error_and_no_licence(data: dict[str, Any]) -> None:
    with pytest.raises(ToolDefinitionError):
        surface_of({"tools": [READ], **data}, glob_matches)


def test_the_built_in_tools_have_no_findings() -> None:
    policy = SurfacePolicy()
    tools = tuple(surface_tool(tool, policy) for tool in builtin_tools())
    surface = ToolSurface(tools, glob_matches, policy, ("Use read_file(path) and ledger(…).",),
                          further_names=frozenset({"ledger"}))  # fmt: skip
    assert surface_report(surface).diagnostics == ()


def test_a_tool_of_a_program_that_says_nothing_is_told_of() -> None:
    tool = replace(make_tool("quiet"), annotations=UNANNOTATED)
    surface = ToolSurface((surface_tool(tool, SurfacePolicy()),), glob_matches)
    report = surface_report(surface)
    assert report.as_json() == {
        "valid": True,
        "diagnostics": [
            {
                "code": "TOOL_SURFACE_MISSING_ANNOTATIONS",
                "severity": "warning",
                "message": "quiet says nothing of its kind and side effects, so policies fear the "
                "worst of it",
                "tool": "quiet",
                "field": "annotations",
            }
        ],
    }
