"""Listens for what other processes of the same user say to an open session.

``harn-tui feedback`` talks to it. A talk is one request and one reply, each a line of JSON
(``store.outside_request``). Whoever stays silent, sends garbage or never reads costs a place for
a few seconds and nothing else.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from pathlib import Path

from harn_tui.loop.cancellation import to_its_end
from harn_tui.store.outside_request import (
    LONGEST_REQUEST,
    OutsideReply,
    OutsideRequest,
    OutsideRequestError,
    decode_request,
    encode_reply,
)
from harn_tui.store.session_socket import (
    bind_session_socket,
    is_confined,
    is_same_user,
    remove_session_socket,
)

log = logging.getLogger(__name__)

CLIENT_S = 5.0
"""How long one talk may take once it is listened to."""

PLACES = 16
"""How many are listened to at a time; the others wait for a place."""

MOST_TALKS = 256
"""How many may wait; one more is sent away, and keeps its line in the journal."""

_BUSY = OutsideReply(problem="Too many talk to this session at once.", may_keep=True)


class OutsideServer:
    """The one owner of a session's socket, for as long as the session is open.

    ``take`` is called on the event loop with every request, must not wait, and raises nothing.
    Where there can be no socket nobody listens, and a line is kept in the journal by who sends it.
    """

    def __init__(
        self,
        folder: Path,
        take: Callable[[OutsideRequest], OutsideReply],
        *,
        client_s: float = CLIENT_S,
    ) -> None:
        self._folder = folder
        self._take = take
        self._client_s = client_s
        self._task: asyncio.Task[None] | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(PLACES)
        self.is_listening = asyncio.Event()
        """Set while others can connect."""

    def start(self) -> None:
        """Begin to listen; nothing is waited for."""
        self._task = asyncio.create_task(self._serve(), name="lines from other processes")

    async def stop(self) -> None:
        """Hear nobody any more; talks that are under way are cut off. The socket is gone then."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _serve(self) -> None:
        binding = asyncio.to_thread(bind_session_socket, self._folder)
        try:
            bound, cancellation = await to_its_end(binding, "bind the session's socket")
        except OSError as error:
            log.warning("nobody is heard: no socket folder=%s error=%s", self._folder, error)
            return
        try:
            if cancellation is not None:
                raise cancellation
            await self._listen(bound)
        finally:
            bound.close()
            removing = asyncio.to_thread(remove_session_socket, self._folder)
            await to_its_end(removing, "remove the session's socket")

    async def _listen(self, bound: socket.socket) -> None:
        server = await asyncio.start_unix_server(
            self._talk, sock=bound, limit=LONGEST_REQUEST, backlog=128
        )
        self.is_listening.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_listening.clear()
            server.close()
            for talk in tuple(self._talks):
                talk.cancel()
            if self._talks:
                await asyncio.wait(self._talks)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        transport = writer.transport
        assert task is not None
        assert isinstance(transport, asyncio.Transport)  # reads as well
        self._talks.add(task)
        try:
            transport.pause_reading()
            if len(self._talks) > MOST_TALKS:
                writer.write(encode_reply(_BUSY))
                return
            async with self._places, asyncio.timeout(self._client_s):
                transport.resume_reading()
                reply = await self._answer(reader, writer.get_extra_info("socket"))
                writer.write(encode_reply(reply))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (TimeoutError, OSError) as error:
            log.info("a talk was cut off folder=%s error=%r", self._folder, error)
        finally:
            transport.abort()
            self._talks.discard(task)

    async def _answer(
        self, reader: asyncio.StreamReader, connection: socket.socket
    ) -> OutsideReply:
        if not is_same_user(connection):
            log.warning("another user's process was refused folder=%s", self._folder)
            return OutsideReply(problem="This session belongs to another user.")
        if is_confined(connection):
            log.warning("a sandboxed process was refused folder=%s", self._folder)
            return OutsideReply(problem="A command in a sandbox cannot speak for the person.")
        try:
            line = await reader.readuntil(b"\n")
            request = decode_request(line)
        except asyncio.LimitOverrunError:
            return OutsideReply(problem=f"The request is longer than {LONGEST_REQUEST:,} bytes.")
        except asyncio.IncompleteReadError:
            return OutsideReply(problem="The request was cut off.")
        except OutsideRequestError as error:
            return OutsideReply(problem=f"The request {error}.")
        return self._take(request)
