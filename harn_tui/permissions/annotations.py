"""What policies must know of a tool: its kind, its side effects, its paths, its capabilities."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from harn_tui.kinds import ToolKind


class SideEffectLevel(StrEnum):
    """How far a tool reaches, weakest first."""

    NONE = "none"
    READ_ONLY = "read_only"
    WORKSPACE_WRITE = "workspace_write"
    PROCESS_EXEC = "process_exec"
    NETWORK = "network"

    @property
    def rank(self) -> int:
        """The place in the order, from 0."""
        return list(SideEffectLevel).index(self)


_LEAST_LEVELS: Mapping[ToolKind, SideEffectLevel] = {
    ToolKind.READ: SideEffectLevel.READ_ONLY,
    ToolKind.SEARCH: SideEffectLevel.READ_ONLY,
    ToolKind.THINK: SideEffectLevel.NONE,
    ToolKind.FETCH: SideEffectLevel.NETWORK,
    ToolKind.EDIT: SideEffectLevel.WORKSPACE_WRITE,
    ToolKind.DELETE: SideEffectLevel.WORKSPACE_WRITE,
    ToolKind.MOVE: SideEffectLevel.WORKSPACE_WRITE,
    ToolKind.EXECUTE: SideEffectLevel.PROCESS_EXEC,
}


@dataclass(frozen=True, slots=True)
class CallAnnotations:
    """What a tool says of itself.

    ``capabilities`` are the operations that it performs, by capability. ``side_effect_level``
    ``NONE`` means that it says nothing; the kind then tells. ``is_of_runtime`` is said by the
    program alone: the tool is one of its own, without side effects, that nobody lists.
    ``reaches_any_address`` means that the model writes the address that a call goes to.
    """

    kind: ToolKind = ToolKind.OTHER
    side_effect_level: SideEffectLevel = SideEffectLevel.NONE
    path_params: tuple[str, ...] = ()
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_of_runtime: bool = False
    reaches_any_address: bool = False

    @property
    def runs_unasked(self) -> bool:
        """Whether a call runs that no rule names."""
        return self.kind.is_read_only and not self.reaches_any_address

    @property
    def reach(self) -> SideEffectLevel | None:
        """The level that counts, ``None`` when nothing is known of the tool."""
        if self.side_effect_level is not SideEffectLevel.NONE:
            return self.side_effect_level
        return _LEAST_LEVELS.get(self.kind)


@dataclass(frozen=True, slots=True)
class AnnotationOverrides:
    """What a policy says of a tool; ``None`` leaves what the tool says of itself."""

    kind: ToolKind | None = None
    side_effect_level: SideEffectLevel | None = None
    path_params: tuple[str, ...] | None = None
    capabilities: Mapping[str, tuple[str, ...]] | None = None

    def over(self, own: CallAnnotations) -> CallAnnotations:
        """Return what holds of a tool that says ``own`` of itself."""
        merged = own
        if self.kind is not None:
            merged = replace(merged, kind=self.kind)
        if self.side_effect_level is not None:
            merged = replace(merged, side_effect_level=self.side_effect_level)
        if self.path_params is not None:
            merged = replace(merged, path_params=self.path_params)
        if self.capabilities is not None:
            merged = replace(merged, capabilities=self.capabilities)
        return merged
