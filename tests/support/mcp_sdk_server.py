"""An MCP server of the newer era made with the SDK's own server side, run as a script.

``stdio`` as its argument, or ``http PORT [TOKEN]``. Over HTTP ``/health`` answers as well, and
with a TOKEN every other request needs it as its bearer token.
"""

import sys

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

server = MCPServer("sdk-server")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def repeat(text: str, times: int) -> str:
    """Repeat a text."""
    return text * times


@server.tool()
async def grow(name: str, context: Context) -> str:
    """Offer one more tool, and tell."""
    server.add_tool(add, name=name)
    await context.notify_tools_changed()
    return "grown"


async def health(_request: Request) -> Response:
    """Tell that the server is up."""
    return PlainTextResponse("up")


class BearerOnly:
    """Refuses what does not carry the token."""

    def __init__(self, inner: ASGIApp, token: str) -> None:
        self._inner = inner
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/health":
            sent = dict(scope["headers"]).get(b"authorization", b"").decode()
            if sent != f"Bearer {self._token}":
                await PlainTextResponse("no", status_code=401)(scope, receive, send)
                return
        await self._inner(scope, receive, send)


def main() -> None:
    if sys.argv[1] == "stdio":
        server.run(transport="stdio")
        return
    server.custom_route("/health", methods=["GET"])(health)
    app: Starlette = server.streamable_http_app()
    served: ASGIApp = BearerOnly(app, sys.argv[3]) if len(sys.argv) > 3 else app
    uvicorn.run(
        served,
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="warning",
        timeout_graceful_shutdown=0,
    )


if __name__ == "__main__":
    main()
