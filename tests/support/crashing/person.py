"""A person at a session, played from a seeded generator: approvals, lines, edits, second thoughts.

Whatever a call has promised is written down elsewhere as soon as the call has returned, and that a
line is about to change before it does.
"""

import asyncio
import json
import os
import threading
from random import Random

from harn_tui.events.host import FeedbackStateChanged, PermissionRequest
from harn_tui.events.record import Record
from harn_tui.ids import new_feedback_id
from harn_tui.kinds import Boundary, Decision, DecisionScope, FeedbackState
from harn_tui.session.handle import SessionHandle
from harn_tui.store.outside_delivery import bring_line
from harn_tui.store.outside_request import OutsideLine
from harn_tui.store.session_folder import SessionFolder

_BOUNDARIES = (
    *(Boundary.NEXT_PREFLIGHT, Boundary.NEXT_PREFLIGHT),
    *(Boundary.AFTER_RUN, Boundary.NOW),
)
_MOST_LINES = 6


class Person:
    """Acts on what it sees of ``session``; ``promises`` is the descriptor that it notes on."""

    def __init__(self, session: SessionHandle, random: Random, promises: int) -> None:
        self._session = session
        self._random = random
        self._promises = promises
        self._said = 0
        self._queued: list[str] = []
        self._texts: dict[str, str] = {}
        self._is_outside_heard = False
        self._loop = asyncio.get_running_loop()
        self.errands: list[threading.Thread] = []

    def take(self, record: Record) -> None:
        """Look at a record, and now and then do something about it, a little later."""
        event = record.event
        if isinstance(event, PermissionRequest):
            self._loop.call_soon(self._answer, event.request_id)
        elif isinstance(event, FeedbackStateChanged):
            if event.state is not FeedbackState.QUEUED and event.feedback_id in self._queued:
                self._queued.remove(event.feedback_id)
        elif self._random.random() < 0.06:
            self._loop.call_soon(self._act)

    def say(self, text: str, boundary: Boundary = Boundary.NEXT_PREFLIGHT) -> None:
        """Type a line and send it."""
        feedback_id = self._session.submit(text, boundary)
        self._queued.append(feedback_id)
        self._texts[feedback_id] = text
        self._promise("said", feedback_id, text)

    def _answer(self, request_id: str) -> None:
        random = self._random
        decision = random.choice((Decision.ALLOW, Decision.ALLOW, Decision.DENY))
        scope = random.choice((DecisionScope.ONCE, DecisionScope.SESSION))
        note = random.choice((None, None, "a note on it"))
        self._session.answer(request_id, decision, scope, note)

    def _act(self) -> None:
        if self._session.is_paused:
            self._session.resume_queue()
        act = self._random.choice((self._say_more, self._say_more, self._rethink, self._send_out))
        act()

    def _say_more(self) -> None:
        if self._said < _MOST_LINES:
            self._said += 1
            self.say(f"line {self._said} of mine", self._random.choice(_BOUNDARIES))

    def _rethink(self) -> None:
        """Take a line back, send it at once, or edit it."""
        if not self._queued:
            return
        feedback_id = self._random.choice(self._queued)
        self._promise("changing", feedback_id)
        match self._random.randrange(3):
            case 0:
                if self._session.withdraw(feedback_id):
                    self._promise("withdrawn", feedback_id)
                    return
            case 1:
                self._session.send_now(feedback_id)
            case _:
                if self._session.hold(feedback_id):
                    text = f"edited {feedback_id}"
                    if self._session.release(feedback_id, text):
                        self._texts[feedback_id] = text

        self._promise("said", feedback_id, self._texts[feedback_id])

    def _send_out(self) -> None:
        """Have somebody else say something down the session's socket."""
        folder = self._session.folder
        if self._is_outside_heard or folder is None:
            return
        self._is_outside_heard = True
        line = OutsideLine(new_feedback_id(), "from elsewhere", self._random.choice(_BOUNDARIES))

        def bring() -> None:
            bring_line(SessionFolder(self._session.session_id, folder), line)
            self._promise("said", line.feedback_id, line.content)

        thread = threading.Thread(target=bring, daemon=True)
        self.errands.append(thread)
        thread.start()

    def _promise(self, kind: str, feedback_id: str, text: str = "") -> None:
        note = json.dumps({"kind": kind, "id": feedback_id, "text": text})
        os.write(self._promises, note.encode() + b"\n")
