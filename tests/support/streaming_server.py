"""An OpenAI-compatible server on this machine whose every reply is scripted by the test.

It speaks ``POST /v1/chat/completions`` with ``stream: true`` as real servers do, and misbehaves on
request; at ``/v1/responses``, ``/v1/messages`` and ``/api/chat`` it speaks these APIs. Replies are
taken in the order in which they were enqueued, one a request; when none is left the last resort
answers. Every request is kept with its time of arrival.
"""

import json
import socket
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias

from tests.support.reply_dialects import is_in_lines, steps_for
from tests.support.reply_script import Chunk, Cut, Malformed, Pause, Reply, Stall

LAST_RESORT = Reply.text("There is nothing more to say.")
DEFAULT_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it arrived.

    ``arrived_at`` is ``time.monotonic()`` seconds. ``body`` is the decoded JSON, an empty object
    when there was none. Header names are lower-case.
    """

    index: int
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    arrived_at: float

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of the request, oldest first."""
        messages: list[dict[str, Any]] = self.body.get("messages", [])
        return messages

    def text(self) -> str:
        """Return all message contents as one text, for asserting on what the model was told."""
        return "\n".join(str(message.get("content")) for message in self.messages)


Scripted: TypeAlias = "Reply | Callable[[RecordedRequest], Reply]"


class StreamingServer:
    """A scripted model server; use it as a context manager.

    ``models`` is what ``GET /v1/models`` lists. Any number of requests may be open at once.
    """

    def __init__(self, replies: Iterable[Scripted] = (), *, models: tuple[str, ...] = ("mock",)):
        self.models = models
        self.last_resort: Scripted = LAST_RESORT
        self.problems: list[str] = []
        self._replies: deque[Scripted] = deque(replies)
        self._changed = threading.Condition()
        self._requests: list[RecordedRequest] = []
        self._chunks_sent: dict[int, int] = {}
        self._ended: dict[int, str] = {}
        self._released = threading.Event()
        self._closing = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve, name="streaming server")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        origin: TracebackType | None,
    ) -> None:
        self.close()
        if self.problems and error is None:
            raise AssertionError("the scripted server failed:\n" + "\n".join(self.problems))

    def close(self) -> None:
        """Break every open connection and stop listening."""
        self._closing.set()
        self._released.set()
        self._server.shutdown()
        self._server.break_connections()
        self._server.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        """What a client is given as its base URL, ``/v1`` included."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def enqueue(self, *replies: Scripted) -> None:
        """Add replies behind those that wait."""
        with self._changed:
            self._replies.extend(replies)

    def release(self) -> None:
        """Let every stalled reply go on, and later ones not stall at all."""
        self._released.set()

    @property
    def requests(self) -> list[RecordedRequest]:
        """The completion requests so far, in order of arrival."""
        with self._changed:
            return list(self._requests)

    def wait_for_request(
        self, number: int, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> RecordedRequest:
        """Return the ``number``-th completion request, counted from 1, once it has arrived."""
        self._wait(lambda: len(self._requests) >= number, timeout_s, f"request {number}")
        return self._requests[number - 1]

    def wait_for_chunks(
        self, number: int, chunks: int, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> None:
        """Return once ``chunks`` chunks of the reply to request ``number`` have gone out."""
        what = f"chunk {chunks} of reply {number}"
        self._wait(lambda: self._chunks_sent.get(number - 1, 0) >= chunks, timeout_s, what)

    def wait_for_end(self, number: int, timeout_s: float = DEFAULT_TIMEOUT_S) -> str:
        """Return how reply ``number`` ended: ``complete``, ``cut`` or ``client gone``."""
        self._wait(lambda: number - 1 in self._ended, timeout_s, f"the end of reply {number}")
        return self._ended[number - 1]

    # Called by the connection threads

    def take(self, request: RecordedRequest) -> Reply:
        """Return the reply for a request that has just been recorded."""
        with self._changed:
            scripted = self._replies.popleft() if self._replies else self.last_resort
        return scripted(request) if callable(scripted) else scripted

    def record(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> RecordedRequest:
        """Keep a request and tell those who wait for it."""
        with self._changed:
            request = RecordedRequest(len(self._requests), path, headers, body, time.monotonic())
            self._requests.append(request)
            self._changed.notify_all()
        return request

    def note_chunk(self, request: RecordedRequest) -> None:
        """Count one chunk of the reply to ``request``."""
        with self._changed:
            self._chunks_sent[request.index] = self._chunks_sent.get(request.index, 0) + 1
            self._changed.notify_all()

    def note_end(self, request: RecordedRequest, how: str) -> None:
        """Keep how the reply to ``request`` ended."""
        with self._changed:
            self._ended[request.index] = how
            self._changed.notify_all()

    def sleep_until(self, moment: float) -> None:
        """Sleep until ``time.monotonic()`` is ``moment``, or the server closes."""
        self._closing.wait(max(0.0, moment - time.monotonic()))

    def stall(self) -> None:
        """Wait until the test releases the reply or the server closes."""
        self._released.wait()

    @property
    def is_closing(self) -> bool:
        """Whether replies should stop."""
        return self._closing.is_set()

    def _wait(self, is_there: Callable[[], bool], timeout_s: float, what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(is_there, timeout_s):
                raise AssertionError(
                    f"{what} did not come within {timeout_s:g} s; "
                    f"{len(self._requests)} requests so far, ended: {self._ended}"
                )


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, owner: StreamingServer) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.owner = owner
        self._connections: list[socket.socket] = []

    def serve(self) -> None:
        self.serve_forever(poll_interval=0.05)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.append(request)
        super().process_request(request, client_address)

    def break_connections(self) -> None:
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed long ago

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what went wrong here; a client that goes away is part of the tests."""
        if not isinstance(sys.exception(), OSError):
            self.owner.problems.append(traceback.format_exc())


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Print nothing."""

    def do_GET(self) -> None:
        models = [{"id": name, "object": "model"} for name in self.server.owner.models]
        found = self.path.rstrip("/").endswith("/models")
        self._send_json(200 if found else 404, {"object": "list", "data": models} if found else {})

    def do_POST(self) -> None:
        owner = self.server.owner
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text) if text else {}
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = owner.record(self.path, headers, body)
        reply = owner.take(request)
        try:
            how = self._send(request, reply)
        except OSError:
            how = "client gone"
        if how != "complete":
            self.close_connection = True
        owner.note_end(request, how)

    def _send(self, request: RecordedRequest, reply: Reply) -> str:
        in_lines = is_in_lines(request.path)
        if reply.status != 200:
            members = {"error": reply.error} if in_lines else reply.error_body()
            self._send_json(reply.status, members, dict(reply.headers))
            return "complete"
        media_type = "application/x-ndjson" if in_lines else "text/event-stream; charset=utf-8"
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        return self._stream(request, reply)

    def _stream(self, request: RecordedRequest, reply: Reply) -> str:
        owner = self.server.owner
        due = time.monotonic()
        before, behind = (b"", b"\n") if is_in_lines(request.path) else (b"data: ", b"\n\n")
        model = str(request.body.get("model", "mock"))
        for step in steps_for(request.path, reply, model, request.index):
            if owner.is_closing:
                return "cut"
            match step:
                case Pause(seconds):
                    due += seconds
                    owner.sleep_until(due)
                case Stall():
                    owner.stall()
                    due = time.monotonic()
                case Cut():
                    return "cut"
                case Malformed(data):
                    self._write_chunk(data)
                case Chunk(data):
                    self._write_chunk(before + data + behind)
                    owner.note_chunk(request)
        self._write_chunk(b"")
        return "complete"

    def _write_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _send_json(
        self, status: int, members: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        data = json.dumps(members).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
