"""What went wrong with an MCP server, as a tool call reports it."""

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory


class McpServerError(ToolError):
    """A server that could not be reached, ended, or did not keep to the protocol.

    ``may_repeat`` tells that the request surely did not reach the server, so that sending it
    again to a server started anew does nothing twice.
    """

    def __init__(
        self,
        message: str,
        *,
        category: ToolErrorCategory = ToolErrorCategory.MCP_SERVER_ERROR,
        may_repeat: bool = False,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, category=category, hint=hint)
        self.may_repeat = may_repeat
