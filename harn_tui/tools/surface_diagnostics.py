"""Finds what is wrong with the tools, policies and prompts of a loop taken together.

Nothing is changed and nothing read but what is given: the loop decides what becomes of the
findings. docs/tools.md 1.8 has the table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from harn_tui.json_types import JsonObject
from harn_tui.kinds import SideEffectLevel, ToolKind
from harn_tui.tools.prompt_references import looks_like_tool, prompt_references, prompt_tokens
from harn_tui.tools.surface_tool import SurfacePolicy, SurfaceTool, surface_entry

_COMMAND_READER: Final = "read_command_output"
_READING_KINDS: Final = frozenset({ToolKind.READ, ToolKind.SEARCH})
_SEARCH_NAMES: Final = ("tool_search",)
_SEARCH_PREFIX: Final = "tool_search_tool_"


class Severity(StrEnum):
    """Whether a finding keeps a loop from starting."""

    WARNING = "warning"
    ERROR = "error"


class SurfaceCode(StrEnum):
    """What a finding is about."""

    MISSING_SCHEMA = "TOOL_SURFACE_MISSING_SCHEMA"
    MISSING_ANNOTATIONS = "TOOL_SURFACE_MISSING_ANNOTATIONS"
    MISSING_SIDE_EFFECT_LEVEL = "TOOL_SURFACE_MISSING_SIDE_EFFECT_LEVEL"
    MISSING_EXECUTOR = "TOOL_SURFACE_MISSING_EXECUTOR"
    MISSING_RESULT_READER = "TOOL_SURFACE_MISSING_RESULT_READER"
    UNKNOWN_RESULT_READER = "TOOL_SURFACE_UNKNOWN_RESULT_READER"
    UNKNOWN_ARG_CONSTRAINT_TOOL = "TOOL_SURFACE_UNKNOWN_ARG_CONSTRAINT_TOOL"
    UNKNOWN_ARG_CONSTRAINT_KEY = "TOOL_SURFACE_UNKNOWN_ARG_CONSTRAINT_KEY"
    APPROVAL_PATTERN_NO_MATCH = "TOOL_SURFACE_APPROVAL_PATTERN_NO_MATCH"
    UNKNOWN_PROMPT_TOOL = "TOOL_SURFACE_UNKNOWN_PROMPT_TOOL"
    PROMPT_TOOL_NOT_IN_POLICY = "TOOL_SURFACE_PROMPT_TOOL_NOT_IN_POLICY"
    DEFERRED_TOOL_PROMPT_REFERENCE = "TOOL_SURFACE_DEFERRED_TOOL_PROMPT_REFERENCE"
    DEPRECATED_ARG_ALIAS = "TOOL_SURFACE_DEPRECATED_ARG_ALIAS"
    SIDE_EFFECT_CEILING_EXCEEDED = "TOOL_SURFACE_SIDE_EFFECT_CEILING_EXCEEDED"

    @property
    def severity(self) -> Severity:
        """How bad findings of this code are."""
        return Severity.ERROR if self in _ERRORS else Severity.WARNING


_ERRORS: Final = frozenset(
    {SurfaceCode.MISSING_RESULT_READER, SurfaceCode.SIDE_EFFECT_CEILING_EXCEEDED}
)


@dataclass(frozen=True, slots=True)
class SurfaceDiagnostic:
    """One finding. ``tool`` and ``field`` are ``None`` where it is about no one tool or field."""

    code: SurfaceCode
    message: str
    tool: str | None = None
    field: str | None = None

    def as_json(self) -> JsonObject:
        """Return the finding as plain data; what is not known is left out."""
        said: JsonObject = {
            "code": self.code.value,
            "severity": self.code.severity.value,
            "message": self.message,
        }
        return said | {
            key: value for key, value in (("tool", self.tool), ("field", self.field)) if value
        }


@dataclass(frozen=True, slots=True)
class SurfaceReport:
    """All findings, in the order of docs/tools.md 1.8."""

    diagnostics: tuple[SurfaceDiagnostic, ...]

    @property
    def first_error(self) -> SurfaceDiagnostic | None:
        """The finding that keeps the loop from starting, ``None`` when none does."""
        found = (each for each in self.diagnostics if each.code.severity is Severity.ERROR)
        return next(found, None)

    def as_json(self) -> JsonObject:
        """Return ``{valid, diagnostics}``."""
        return {
            "valid": self.first_error is None,
            "diagnostics": [each.as_json() for each in self.diagnostics],
        }


@dataclass(frozen=True, slots=True)
class ToolSurface:
    """What a model is given: tools, the policies about them, and the prompts that speak of them.

    ``matches`` compares a glob of a policy with a name. ``further_names`` can be called although
    they are no tools of the registry, such as the ledger.
    """

    tools: tuple[SurfaceTool, ...]
    matches: Callable[[str, str], bool]
    policy: SurfacePolicy = SurfacePolicy()
    prompts: tuple[str, ...] = ()
    has_tool_search: bool = False
    further_names: frozenset[str] = frozenset()


def surface_report(surface: ToolSurface) -> SurfaceReport:
    """Return what is wrong with ``surface``."""
    active = [tool for tool in surface.tools if surface.policy.is_active(tool.name)]
    found: list[SurfaceDiagnostic] = []
    for tool in active:
        found += _entry_findings(tool)
        found += _reader_findings(tool, active)
    found += _constraint_findings(surface, active)
    found += _approval_findings(surface, active)
    for prompt in surface.prompts:
        found += _reference_findings(surface, prompt)
        found += _alias_findings(active, prompt)
    found += _ceiling_findings(surface.policy.ceiling, active)
    return SurfaceReport(tuple(found))


def with_native(
    tools: Sequence[SurfaceTool], native: Iterable[Mapping[str, Any]], policy: SurfacePolicy
) -> tuple[SurfaceTool, ...]:
    """Return ``tools`` and the native entries of other names (tools oddity 37).

    Those of a provider's own tool search do not count.
    """
    known = {tool.name for tool in tools}
    added = []
    for entry in native:
        tool = surface_entry(entry, policy, is_native=True)
        if tool is None or tool.name in known or _is_search(tool.name):
            continue
        known.add(tool.name)
        added.append(tool)
    return (*tools, *added)


def _is_search(name: str) -> bool:
    return name in _SEARCH_NAMES or name.startswith(_SEARCH_PREFIX)


def _entry_findings(tool: SurfaceTool) -> Iterator[SurfaceDiagnostic]:
    name, said = tool.name, tool.annotations
    if not tool.has_schema:
        text = f"{name} has no parameters: a model cannot know how to call it"
        yield SurfaceDiagnostic(SurfaceCode.MISSING_SCHEMA, text, name, "parameters")
    if said is None:
        text = f"{name} says nothing of its kind and side effects, so policies fear the worst of it"
        yield SurfaceDiagnostic(SurfaceCode.MISSING_ANNOTATIONS, text, name, "annotations")
    elif said.level is SideEffectLevel.NONE:
        code = SurfaceCode.MISSING_SIDE_EFFECT_LEVEL
        text = f"{name} does not say how far its side effects reach"
        yield SurfaceDiagnostic(code, text, name, "side_effect_level")
    if not tool.has_executor:
        text = f"{name} does not say who runs it"
        yield SurfaceDiagnostic(SurfaceCode.MISSING_EXECUTOR, text, name, "executor")


def _reader_findings(
    tool: SurfaceTool, active: Sequence[SurfaceTool]
) -> Iterator[SurfaceDiagnostic]:
    said = tool.annotations
    if said is None or said.kind is not ToolKind.EXECUTE:
        return
    if not said.emits_artifacts or said.inline_result:
        return
    names = {each.name for each in active}
    can_read = any(each.annotations and each.annotations.kind in _READING_KINDS for each in active)
    if not can_read and names.isdisjoint({*said.result_readers, _COMMAND_READER}):
        code = SurfaceCode.MISSING_RESULT_READER
        text = f"{tool.name} leaves results behind that no tool of this loop can read"
        yield SurfaceDiagnostic(code, text, tool.name, "result_readers")
    for reader in said.result_readers:
        if reader not in names:
            code = SurfaceCode.UNKNOWN_RESULT_READER
            text = f"{tool.name} names {reader} as a reader of its results, which is not active"
            yield SurfaceDiagnostic(code, text, tool.name, "result_readers")


def _constraint_findings(
    surface: ToolSurface, active: Sequence[SurfaceTool]
) -> Iterator[SurfaceDiagnostic]:
    for glob, key in surface.policy.constraints:
        meant = [tool for tool in active if surface.matches(glob, tool.name)]
        if not meant and "*" not in glob:
            code = SurfaceCode.UNKNOWN_ARG_CONSTRAINT_TOOL
            text = f"a constraint is about {glob}, and no active tool is called that"
            yield SurfaceDiagnostic(code, text, glob, "tool_arg_constraints.tool")
        for tool in meant:
            if key is not None and key not in tool.argument_names:
                code = SurfaceCode.UNKNOWN_ARG_CONSTRAINT_KEY
                text = f"a constraint is about the argument {key}, which {tool.name} does not have"
                yield SurfaceDiagnostic(code, text, tool.name, f"tool_arg_constraints.{key}")


def _approval_findings(
    surface: ToolSurface, active: Sequence[SurfaceTool]
) -> Iterator[SurfaceDiagnostic]:
    policy = surface.policy
    for key, globs in (
        ("auto_approve", policy.auto_approve),
        ("auto_deny", policy.auto_deny),
        ("require_approval", policy.require_approval),
    ):
        for glob in globs:
            if "*" not in glob and not any(surface.matches(glob, tool.name) for tool in active):
                code = SurfaceCode.APPROVAL_PATTERN_NO_MATCH
                text = f"{key} names {glob}, and no active tool is called that"
                yield SurfaceDiagnostic(code, text, field=f"approval_policy.{key}")


def _reference_findings(surface: ToolSurface, prompt: str) -> Iterator[SurfaceDiagnostic]:
    tools = {tool.name: tool for tool in surface.tools}
    for name in prompt_references(prompt):
        tool = tools.get(name)
        if tool is None:
            if name not in surface.further_names and looks_like_tool(name):
                code = SurfaceCode.UNKNOWN_PROMPT_TOOL
                text = f"a prompt speaks of {name}, and there is no such tool"
                yield SurfaceDiagnostic(code, text, name, "prompt")
        elif not surface.policy.is_active(name):
            code = SurfaceCode.PROMPT_TOOL_NOT_IN_POLICY
            text = f"a prompt speaks of {name}, which the policy does not let a model call"
            yield SurfaceDiagnostic(code, text, name, "prompt")
        if tool is not None and tool.is_deferred and not surface.has_tool_search:
            code = SurfaceCode.DEFERRED_TOOL_PROMPT_REFERENCE
            text = f"a prompt speaks of {name}, which is deferred, and nothing can search for tools"
            yield SurfaceDiagnostic(code, text, name, "prompt")


def _alias_findings(active: Sequence[SurfaceTool], prompt: str) -> Iterator[SurfaceDiagnostic]:
    tokens = prompt_tokens(prompt)
    for tool in active:
        aliases = tool.annotations.arg_aliases if tool.annotations else {}
        for alias, own in aliases.items():
            if alias in tokens:
                code = SurfaceCode.DEPRECATED_ARG_ALIAS
                text = f"a prompt says {alias}; the argument of {tool.name} is called {own}"
                yield SurfaceDiagnostic(code, text, tool.name, f"arg_schema.arg_aliases.{alias}")


def _ceiling_findings(
    ceiling: SideEffectLevel | None, active: Sequence[SurfaceTool]
) -> Iterator[SurfaceDiagnostic]:
    for tool in active:
        level = tool.annotations.level if tool.annotations else SideEffectLevel.NONE
        if ceiling is not None and level.rank > ceiling.rank:
            code = SurfaceCode.SIDE_EFFECT_CEILING_EXCEEDED
            text = f"{tool.name} reaches as far as {level.value}, allowed is {ceiling.value}"
            yield SurfaceDiagnostic(code, text, tool.name, "side_effect_level")
