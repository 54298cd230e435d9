"""What authors of tools import: this module stays where it is.

``from harn_tui.tools.authoring import ToolContext, ToolResult, tool``
"""

from harn_tui.errors import ToolDefinitionError, ToolError
from harn_tui.kinds import OutputStream, SideEffectLevel, ToolErrorCategory, ToolKind
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.function_tool import FunctionTool, tool
from harn_tui.tools.workspace import resolve_path

__all__ = [
    "FunctionTool",
    "OutputStream",
    "SideEffectLevel",
    "Tool",
    "ToolAnnotations",
    "ToolContext",
    "ToolDefinitionError",
    "ToolError",
    "ToolErrorCategory",
    "ToolKind",
    "ToolResult",
    "resolve_path",
    "tool",
]
