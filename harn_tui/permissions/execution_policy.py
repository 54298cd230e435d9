"""The execution policy: which tools may run at all, how far they may reach, and with what.

A limit that is not set limits nothing; one that is set to an empty list allows nothing. Merging
only ever narrows (docs/tools.md, 4.4).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.kinds import PermissionVerdict
from harn_tui.permissions.annotations import AnnotationOverrides, CallAnnotations, SideEffectLevel
from harn_tui.permissions.argument_constraint import ArgumentConstraint
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.glob_scope import EVERYTHING, GlobScope
from harn_tui.permissions.rules import Verdict

_ALLOWED = Verdict(PermissionVerdict.ALLOW, "within the execution policy", None)


@dataclass(frozen=True, slots=True)
class ExecutionPolicy:
    """The limits of one loop; ``None`` and a scope without globs mean that a limit is not set.

    ``capabilities`` are the operations allowed of each capability; one that is not in it is not
    allowed. ``workspace_roots`` are resolved folders. ``annotations`` say what tools are, over
    what they say of themselves.
    """

    tools: GlobScope = EVERYTHING
    capabilities: Mapping[str, GlobScope] | None = None
    workspace_roots: tuple[Path, ...] | None = None
    side_effect_level: SideEffectLevel | None = None
    recursion_limit: int | None = None
    argument_constraints: tuple[ArgumentConstraint, ...] = ()
    annotations: Mapping[str, AnnotationOverrides] = field(default_factory=dict)

    def annotated(self, tool_name: str, own: CallAnnotations) -> CallAnnotations:
        """Return what holds of a tool that says ``own`` of itself."""
        overrides = self.annotations.get(tool_name)
        return own if overrides is None else overrides.over(own)

    def check(self, call: PermissionCall, own: CallAnnotations) -> Verdict:
        """Return ALLOW, or DENY with the name of the limit that the call breaks as ``rule``.

        Resolves links of paths on the disk.
        """
        annotations = self.annotated(call.tool_name, own)
        call = call.with_paths(annotations.path_params)
        for limit, fault in (
            ("policy.tools", self._tool_fault(call, annotations)),
            ("policy.capabilities", self._capability_fault(call, annotations)),
            ("policy.side_effect_level", self._side_effect_fault(call, annotations)),
            ("policy.workspace_roots", self._root_fault(call, annotations)),
        ):
            if fault is not None:
                return Verdict(PermissionVerdict.DENY, fault, limit)
        for constraint in self.argument_constraints:
            fault = constraint.fault(call, annotations.path_params)
            if fault is not None:
                return Verdict(PermissionVerdict.DENY, fault, "policy.tool_arg_constraints")
        return _ALLOWED

    def allows_depth(self, depth: int) -> bool:
        """Whether a loop may run at ``depth``; the outermost has depth 0."""
        return self.recursion_limit is None or depth <= self.recursion_limit

    def _tool_fault(self, call: PermissionCall, annotations: CallAnnotations) -> str | None:
        if annotations.is_of_runtime or self.tools.has(call.tool_name):
            return None
        return f"{call.tool_name} exceeds tool ceiling: allowed are {_listed(self.tools.globs)}"

    def _capability_fault(self, call: PermissionCall, annotations: CallAnnotations) -> str | None:
        for capability, operations in annotations.capabilities.items():
            for operation in operations:
                if not self.allows_operation(capability, operation):
                    return f"{call.tool_name} exceeds capability ceiling: {capability}.{operation}"
        return None

    def allows_operation(self, capability: str, operation: str) -> bool:
        """Whether one operation of a capability is allowed."""
        if self.capabilities is None:
            return True
        scope = self.capabilities.get(capability)
        return scope is not None and scope.has(operation)

    def _side_effect_fault(self, call: PermissionCall, annotations: CallAnnotations) -> str | None:
        ceiling = self.side_effect_level
        if ceiling is None or ceiling is SideEffectLevel.NETWORK:
            return None
        reach = annotations.reach
        if reach is not None and reach.rank <= ceiling.rank:
            return None
        said = "says nothing of its side effects" if reach is None else f"has the level {reach}"
        return (
            f"{call.tool_name} exceeds side-effect ceiling: it {said}, allowed is up to {ceiling}"
        )

    def _root_fault(self, call: PermissionCall, annotations: CallAnnotations) -> str | None:
        roots = self.workspace_roots
        if roots is None:
            return None
        try:
            paths = call.resolved_paths()
        except ValueError:
            return f"{call.tool_name} has a path that no file can have"
        starts_somewhere = bool(annotations.path_params) and not paths
        if starts_somewhere or annotations.reach in {None, SideEffectLevel.PROCESS_EXEC}:
            paths.append(Path(call.cwd or Path()).resolve())
        for path in paths:
            if not any(path.is_relative_to(root) for root in roots):
                folders = _listed(str(root) for root in roots)
                return f"sandbox violation: {path} is outside the workspace roots ({folders})"
        return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
