"""A small MCP server of the older era, run as a script, that also does what servers should not.

Standard library only, so that it starts at once. Each tool is a behaviour; see ``TOOLS``. The
options say how it starts, lists and ends.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TOOLS = {
    "echo": "answers with its arguments",
    "fail": "answers that it failed",
    "refuse": "answers with a protocol error",
    "nonsense": "answers with what is no result",
    "die": "ends the server in the middle of the call",
    "hang": "never answers",
    "freeze": "stops the server: it reads, writes and ends no more",
    "meet": "answers when two calls of it are under way",
    "progress": "tells its progress, then answers",
    "big": "answers with `bytes` bytes of text",
    "small_parts": "answers with `count` parts",
    "garbage": "prints what is no message, then answers",
    "flood": "writes `bytes` to its standard error and as much garbage to its output, then answers",
    "spawn": "leaves a process behind and answers with its id",
    "env": "answers with its environment",
    "grow": "answers after adding a tool to its list",
    "cancelled": "answers with the ids of calls that were cancelled",
}


class StandIn:
    """The server. ``serve`` returns when its input ends."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.tools = json.loads(options.tools) if options.tools else list(TOOLS)
        self.cancelled: list[Any] = []
        self.meeting: list[Any] = []

    def serve(self) -> None:
        for line in sys.stdin:
            message = json.loads(line)
            method = message.get("method")
            if method == "notifications/cancelled":
                self.cancelled.append(message["params"]["requestId"])
            elif method == "tools/call":
                self.call(message["id"], message["params"])
            elif "id" in message:
                self.answer(message["id"], method, message.get("params") or {})

    def answer(self, request_id: Any, method: str, params: dict[str, Any]) -> None:
        if method == "initialize":
            version = params["protocolVersion"]
            capabilities: dict[str, Any] = {"tools": {"listChanged": True}}
            if self.options.extras:
                capabilities |= {"resources": {}, "prompts": {}}
            info = {"name": "stand-in", "version": "1"}
            self.send(
                id=request_id,
                result={
                    "protocolVersion": version,
                    "capabilities": capabilities,
                    "serverInfo": info,
                },
            )
        elif method == "tools/list":
            self.send(id=request_id, result=self.page(params.get("cursor")))
            if self.options.restless:
                self.send(method="notifications/tools/list_changed")
        elif method == "resources/list":
            self.send(
                id=request_id, result={"resources": [{"name": "Read me", "uri": "note://readme"}]}
            )
        elif method == "resources/read":
            text = "x" * 10_000_000 if self.options.extras == "10 MB" else self.options.extras
            contents = [{"uri": params["uri"], "text": text}]
            self.send(id=request_id, result={"contents": contents})
        elif method == "prompts/list":
            arguments = [{"name": "who", "description": "whom to greet", "required": True}]
            self.send(
                id=request_id, result={"prompts": [{"name": "greet", "arguments": arguments}]}
            )
        elif method == "prompts/get":
            text = {"type": "text", "text": f"Greet {params['arguments']['who']}."}
            self.send(id=request_id, result={"messages": [{"role": "user", "content": text}]})
        else:
            self.send(id=request_id, error={"code": -32601, "message": f"no method {method}"})

    def page(self, cursor: str | None) -> dict[str, Any]:
        size = self.options.page_size or len(self.tools)
        start = int(cursor or 0)
        end = start + size
        result: dict[str, Any] = {"tools": [tool(name) for name in self.tools[start:end]]}
        if self.options.endless:
            result["nextCursor"] = "0"
        elif end < len(self.tools):
            result["nextCursor"] = str(end)
        return result

    def call(self, request_id: Any, params: dict[str, Any]) -> None:
        arguments = params.get("arguments") or {}
        behave = getattr(self, f"do_{params['name']}", self.do_echo)
        text = behave(request_id, arguments, params)
        if text is not None:
            self.text(request_id, text)

    def do_echo(self, _id: Any, arguments: dict[str, Any], _params: Any) -> str:
        return json.dumps(arguments)

    def do_fail(self, request_id: Any, _arguments: Any, _params: Any) -> None:
        self.text(request_id, "it did not work", is_error=True)

    def do_refuse(self, request_id: Any, _arguments: Any, _params: Any) -> None:
        self.send(id=request_id, error={"code": -32602, "message": "not like that"})

    def do_nonsense(self, request_id: Any, _arguments: Any, _params: Any) -> None:
        self.send(id=request_id, result={"content": 3})

    def do_die(self, _id: Any, _arguments: Any, _params: Any) -> None:
        sys.stderr.write("going down\n")
        sys.stderr.flush()
        os._exit(3)

    def do_hang(self, _id: Any, _arguments: Any, _params: Any) -> None:
        pass

    def do_freeze(self, _id: Any, _arguments: Any, _params: Any) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def do_meet(self, request_id: Any, _arguments: Any, _params: Any) -> None:
        self.meeting.append(request_id)
        for waiting in self.meeting if len(self.meeting) == 2 else ():
            self.text(waiting, "met")

    def do_progress(self, _id: Any, _arguments: Any, params: dict[str, Any]) -> str:
        token = params["_meta"]["progressToken"]
        progress = {"progressToken": token, "progress": 1, "total": 2, "message": "halfway"}
        self.send(method="notifications/progress", params=progress)
        return "done"

    def do_big(self, _id: Any, arguments: dict[str, Any], _params: Any) -> str:
        return "x" * int(arguments["bytes"])

    def do_small_parts(self, request_id: Any, arguments: dict[str, Any], _params: Any) -> None:
        parts = [{"type": "text", "text": "part"}] * arguments["count"]
        self.send(id=request_id, result={"content": parts})

    def do_garbage(self, _id: Any, arguments: dict[str, Any], _params: Any) -> str:
        self.litter(arguments.get("bytes", 100))
        return "still here"

    do_flood = do_garbage

    def do_spawn(self, _id: Any, _arguments: Any, _params: Any) -> str:
        return str(subprocess.Popen(["sleep", "600"]).pid)

    def do_env(self, _id: Any, _arguments: Any, _params: Any) -> str:
        return json.dumps(dict(os.environ))

    def do_grow(self, _id: Any, arguments: dict[str, Any], _params: Any) -> str:
        self.tools.append(arguments["name"])
        self.send(method="notifications/tools/list_changed")
        return "grown"

    def do_cancelled(self, _id: Any, _arguments: Any, _params: Any) -> str:
        return json.dumps(self.cancelled)

    def litter(self, size: int) -> None:
        line = "no message at all " * 50 + "\n"
        for _ in range(size // len(line) + 1):
            sys.stderr.write(line)
            sys.stdout.write(line)
        sys.stdout.write('{"jsonrpc": "2.0"}\n[]\n"text"\n\n')

    def text(self, request_id: Any, text: str, *, is_error: bool = False) -> None:
        result = {"content": [{"type": "text", "text": text}], "isError": is_error}
        self.send(id=request_id, result=result)

    def send(self, **message: Any) -> None:
        # Like the servers of npm: what was asked for first, its id last.
        request_id = message.pop("id", None)
        message["jsonrpc"] = "2.0"
        if request_id is not None:
            message["id"] = request_id
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def tool(name: str) -> dict[str, Any]:
    """Describe one tool; `echo` says that it only reads, `die` that it destroys."""
    entry: dict[str, Any] = {
        "name": name,
        "description": TOOLS.get(name, ""),
        "inputSchema": {"type": "object", "properties": {"note": {"type": "string"}}},
    }
    if name == "echo":
        entry["annotations"] = {"readOnlyHint": True, "openWorldHint": False}
    if name == "die":
        entry["annotations"] = {"destructiveHint": True}
    return entry


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", help="a JSON list of names instead of all behaviours")
    parser.add_argument("--page-size", type=int, default=0)
    parser.add_argument("--endless", action="store_true", help="never the last page")
    parser.add_argument("--restless", action="store_true", help="each listing changes the list")
    parser.add_argument(
        "--extras", default="", help="has a resource with this text (or of `10 MB`) and a prompt"
    )
    parser.add_argument("--wait-for", help="does nothing before this file exists")
    parser.add_argument("--die-at-start", action="store_true")
    parser.add_argument("--stubborn", action="store_true", help="ends only when it is killed")
    parser.add_argument("--pid-file")
    options = parser.parse_args()
    if options.stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if options.pid_file:
        written = Path(f"{options.pid_file}.new")  # whoever finds the file finds all of it
        written.write_text(str(os.getpid()))
        written.rename(options.pid_file)
    if options.die_at_start:
        sys.exit("no good reason")
    while options.wait_for and not Path(options.wait_for).exists():
        time.sleep(0.01)
    StandIn(options).serve()
    while options.stubborn:
        time.sleep(1)


if __name__ == "__main__":
    main()
