"""Read a choice of tools in whatever server's form a person wrote it."""

from dataclasses import dataclass
from typing import Final, Literal

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.wire_json import object_of, text_of

ToolChoiceMode = Literal["auto", "required", "none", "named"]

_MODES: Final[dict[str, ToolChoiceMode]] = {
    "auto": "auto",
    "required": "required",
    "any": "required",
    "none": "none",
}
_TYPES_WITH_NAMES: Final = frozenset({"function", "tool", "custom"})


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """A choice. ``name`` is the tool's in the mode ``named``, else empty."""

    mode: ToolChoiceMode
    name: str = ""

    @property
    def is_forced(self) -> bool:
        """Whether the model must call a tool."""
        return self.mode in {"required", "named"}


def read_tool_choice(value: str | JsonObject) -> ToolChoice:
    """Return the choice in ``value``.

    Text is a mode (``any`` is Anthropic's word for ``required``) or a tool's name. Objects are
    ``{"type": "any"}`` and the like, ``{"type": "function", "function": {"name"}}``,
    ``{"type": "function", "name"}`` and ``{"type": "tool", "name"}``. Raises ProviderError
    (invalid_request) for anything else.
    """
    if isinstance(value, str):
        return ToolChoice(_MODES[value]) if value in _MODES else ToolChoice("named", value)
    kind = text_of(value.get("type"))
    if kind in _MODES:
        return ToolChoice(_MODES[kind])
    name = text_of(object_of(value.get("function")).get("name")) or text_of(value.get("name"))
    if kind in _TYPES_WITH_NAMES and name:
        return ToolChoice("named", name)
    raise ProviderError(
        "The tool choice is an object that no provider takes.",
        category=ProviderErrorCategory.INVALID_REQUEST,
        hint='Write loop.tool_choice as "auto", "required", "none" or a tool\'s name.',
    )
