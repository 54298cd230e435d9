"""A small MCP server of the older era over HTTP, in this process, that answers as it is told."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class HttpStandIn:
    """What the server does: ``text`` is the answer to every call.

    ``forget_sessions`` is how many of the next calls are answered as if their session were
    unknown. ``compresses`` has answers sent in a form that nobody asked for.
    """

    text: str = "hello"
    forget_sessions: int = 0
    compresses: bool = False
    url: str = ""
    headers: list[dict[str, str]] = field(default_factory=list)
    sessions: int = 0

    def answer(self, message: dict[str, Any]) -> tuple[int, dict[str, str], dict[str, Any] | None]:
        """Return status, headers and body for one message."""
        method, request_id = message.get("method"), message.get("id")
        if request_id is None:
            return 202, {}, None
        if method == "initialize":
            self.sessions += 1
            result: dict[str, Any] = {
                "protocolVersion": message["params"]["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "http-stand-in", "version": "1"},
            }
            return 200, {"Mcp-Session-Id": f"session-{self.sessions}"}, _reply(request_id, result)
        if method == "tools/list":
            tool = {"name": "say", "inputSchema": {"type": "object"}}
            return 200, {}, _reply(request_id, {"tools": [tool]})
        if method == "tools/call":
            if self.forget_sessions:
                self.forget_sessions -= 1
                return 404, {}, None
            content = [{"type": "text", "text": self.text}]
            return 200, {}, _reply(request_id, {"content": content})
        error = {"code": -32601, "message": f"no method {method}"}
        return 200, {}, {"jsonrpc": "2.0", "id": request_id, "error": error}


@contextmanager
def http_stand_in() -> Iterator[HttpStandIn]:
    """Run the server on a free port of this machine until the block ends."""
    stand_in = HttpStandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            stand_in.headers.append(dict(self.headers))
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, reply = stand_in.answer(json.loads(body))
            data = json.dumps(reply).encode() if reply is not None else b""
            self.send_response(status)
            if stand_in.compresses and data:
                data = gzip.compress(data)
                self.send_header("Content-Encoding", "gzip")
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self.send_response(405)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}/mcp"
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reply(request_id: Any, result: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "result": result}
