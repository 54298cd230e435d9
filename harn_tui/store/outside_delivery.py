"""Brings a line to a session from another process: to its owner, else into its journal.

The line is minted here, with its id, and the id is what makes it one line: an owner that took it
and died before it answered has journalled it, so it is not kept a second time; and an owner that
takes it late takes the line that was kept.
"""

import fcntl
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harn_tui.errors import HarnError, SessionLockedError, StoreError, UsageError
from harn_tui.feedback.item import USER_KIND, FeedbackItem
from harn_tui.kinds import FeedbackState
from harn_tui.store.feedback_journal import FeedbackJournal, journal_line
from harn_tui.store.listing import summarize_session
from harn_tui.store.lock import SessionLock
from harn_tui.store.outside_request import (
    OutsideLine,
    OutsideReply,
    OutsideRequest,
    OutsideRequestError,
    OutsideTitle,
    Place,
    decode_reply,
    encode_request,
)
from harn_tui.store.renaming import rename_session, title_line
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.session_socket import connect_to_session
from harn_tui.store.state_file import load_state

ANSWER_S = 10.0
"""How long an owner may take for each step of its answer."""

_LONGEST_REPLY = 65_536


class Kept(StrEnum):
    """Why a line is in the journal alone."""

    CLOSED = "closed"
    """Nobody has the session open."""
    UNHEARD = "unheard"
    """A process has it open and did not take the line: the next opening delivers it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a line went: taken by the owner at a ``place``, or ``kept`` for the next run."""

    place: Place | None = None
    kept: Kept | None = None


def bring_line(folder: SessionFolder, line: OutsideLine) -> Delivery:
    """Queue ``line`` in the session, as if it had been typed there. Blocks.

    Raises UsageError for a line that is too long, HarnError when the owner refuses it, and
    StoreError when it cannot be kept; it is then nowhere.
    """
    reply = ask_owner(folder, line)
    if reply is not None and reply.place is not None:
        return Delivery(place=reply.place)
    if reply is not None and not reply.may_keep:
        raise HarnError(reply.problem or "The process that has the session open refused the line.")
    if line.agent is not None:
        raise HarnError(
            f"Nobody who runs the session {folder.session_id} could be reached, and an agent is"
            " at work only while its session runs.",
            hint="Leave out --agent to keep the line for the session.",
        )
    if _has(folder.feedback_journal, line.feedback_id):
        return Delivery(place=Place.KNOWN)  # its owner took it and did not come to say so
    return Delivery(kept=_keep(folder, line))


def rename_anywhere(folder: SessionFolder, title: str) -> str:
    """Give the session another title, or have its owner do it; return the title as it is kept.

    Raises StoreError for a blank title, SessionLockedError when the owner does not listen, and
    HarnError when it refuses.
    """
    try:
        return rename_session(folder, title)
    except SessionLockedError:
        line = title_line(title)
        reply = ask_owner(folder, OutsideTitle(line))
        if reply is None:
            raise
        if reply.problem is not None:
            raise HarnError(reply.problem) from None
        return line


def ask_owner(folder: SessionFolder, request: OutsideRequest) -> OutsideReply | None:
    """Return the answer of the process that has the session open; ``None`` when none came.

    Raises UsageError when the request is too long.
    """
    try:
        data = encode_request(request)
    except OutsideRequestError as error:
        raise UsageError(
            f"The line {error}.", hint="Put it into a file and name the file with @."
        ) from error
    try:
        with connect_to_session(folder.path, ANSWER_S) as connection:
            with suppress(ConnectionError):  # one who refuses us may have said so and gone
                connection.sendall(data)
            with connection.makefile("rb") as answer:
                return decode_reply(answer.readline(_LONGEST_REPLY))
    except (OSError, OutsideRequestError):
        return None


def _keep(folder: SessionFolder, line: OutsideLine) -> Kept:
    if load_state(folder.state_file)[0].is_newer:
        raise StoreError(
            f"The session {folder.session_id} was written by a newer program; its files stay as"
            " they are.",
            hint="Use the newer program for this session.",
        )
    item = FeedbackItem(
        line.feedback_id,
        summarize_session(folder).session_id,
        USER_KIND,
        line.content,
        line.boundary,
        FeedbackState.QUEUED,
        time.time_ns() // 1_000_000,
    )
    try:
        with SessionLock(folder.lock_file):
            journal = FeedbackJournal(folder.feedback_journal)
            journal.append(item)
            journal.close()
        return Kept.CLOSED
    except SessionLockedError:
        _append_beside_owner(folder.feedback_journal, item)
        return Kept.UNHEARD


def _append_beside_owner(path: Path, item: FeedbackItem) -> None:
    """Add a whole line to a journal that another process has open for appending.

    A line of its own that it has torn is left to it. Raises StoreError.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # not while its owner removes it, unused
            size = os.fstat(descriptor).st_size
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            data = (b"\n" if is_torn else b"") + journal_line(item).encode("utf-8", "replace")
            written = os.write(descriptor, data + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _not_kept(path, error.strerror or str(error)) from error
    # The session may have been removed, or its journal repaired, in this very moment.
    if written <= len(data) or not _has(path, item.feedback_id):
        raise _not_kept(path, "it was changed by its owner meanwhile")


def _has(path: Path, feedback_id: str) -> bool:
    with suppress(OSError):
        return feedback_id.encode() in path.read_bytes()
    return False


def _not_kept(path: Path, reason: str) -> StoreError:
    return StoreError(
        f"The line was not kept in {path}: {reason}.", hint="Send it again in a moment."
    )
