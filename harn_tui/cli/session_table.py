"""``harn-tui sessions list`` and ``show``: rows and facts of stored sessions."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.store.listing import SessionSummary

_FOLDER_CELLS = 16
_COLUMNS_FOR_FOLDERS = 110


def run_list(options: argparse.Namespace) -> int:
    """Print one line a session, once or as the list changes."""
    if options.watch:
        from harn_tui.cli.session_watch import watch

        return watch(
            lambda: {s.folder.session_id: _row(options, s) for s in _find(options)[0]},
            lambda name: _gone(options, name),
        )
    summaries, notice = _find(options)
    if notice is not None:
        print(f"harn-tui: {notice}", file=sys.stderr)
    for summary in summaries:
        print(_row(options, summary))
    if not summaries and not options.json:
        print("No sessions are here." if options.trash or options.here else
              "No sessions are stored yet. Start one with: harn-tui")  # fmt: skip
    return 0


def _find(options: argparse.Namespace) -> "tuple[list[SessionSummary], str | None]":
    """Return the sessions to list, and a sentence on why the index was not used."""
    from harn_tui.paths import session_index_file, sessions_directory, trash_directory

    notice = None
    if options.trash:
        from harn_tui.store.trash import trashed_sessions

        summaries = trashed_sessions(trash_directory())
    else:
        from harn_tui.store.index.session_rows import list_with_index

        found = list_with_index(sessions_directory(), session_index_file())
        summaries, notice = found.summaries, found.notice
    if options.here:
        here = str(Path.cwd().resolve())
        summaries = [summary for summary in summaries if summary.cwd == here]
    return summaries, notice


def _row(options: argparse.Namespace, summary: "SessionSummary") -> str:
    if options.json:
        return as_json(summary)
    return as_text(summary, names_folder=not options.here and _has_room_for_folders())


def _has_room_for_folders() -> bool:
    """Whether a title still has room beside a folder; a pipe has room for all."""
    import shutil

    return not sys.stdout.isatty() or shutil.get_terminal_size().columns >= _COLUMNS_FOR_FOLDERS


def _gone(options: argparse.Namespace, session_id: str) -> str:
    import json

    from harn_tui.view.plain import printable

    if options.json:
        return json.dumps({"session_id": session_id, "gone": True}, ensure_ascii=False)
    return f"{printable(session_id)}  is gone"


def run_show(options: argparse.Namespace) -> int:
    """Print what is known of one session."""
    from harn_tui.paths import session_index_file, sessions_directory
    from harn_tui.store.index.session_rows import list_with_index
    from harn_tui.store.session_names import find_named_session

    path = find_named_session(sessions_directory(), options.session).path
    found = list_with_index(sessions_directory(), session_index_file()).summaries
    summary = next(summary for summary in found if summary.folder.path == path)
    if options.json:
        print(as_json(summary))
        return 0
    from harn_tui.view.plain import printable

    for name, value in (*_facts(summary), *_waiting(summary)):
        print(f"{name:<10} {printable(value)}")
    return 0


def as_json(summary: "SessionSummary") -> str:
    """Return the session as a JSON object on one line."""
    import json

    members = {
        "session_id": summary.session_id,
        "title": summary.title,
        "cwd": summary.cwd,
        "model": summary.model,
        "updated_at_ms": summary.updated_at_ms,
        "parent_session_id": summary.parent_session_id,
        "forked_at_index": summary.forked_at_index,
        "worker_name": summary.worker_name,
        "events": summary.record_count,
        "turns": summary.turns,
        "cost_usd": summary.cost_usd,
        "size_bytes": summary.size_bytes,
        "last_status": summary.last_status,
        "waits_for": summary.waits_for,
        "open_in_process": summary.owner_pid,
        "problems": list(summary.problems),
    }
    return json.dumps(members, ensure_ascii=False)


def time_text(time_ms: int) -> str:
    """Return local date and time; nothing is too early or too late to be written somehow."""
    import time

    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(time_ms / 1000))
    except (OverflowError, ValueError, OSError):
        return "at no known time"


def as_text(summary: "SessionSummary", *, names_folder: bool = False) -> str:
    """Return one line about a session, with the last name of its folder where that is asked."""
    from harn_tui.view.plain import one_line, printable

    state = "open" if summary.owner_pid else (summary.last_status or "-")
    if summary.waits_for is not None:
        state = "approval"
    title = printable(summary.title or "(no request yet)").replace("\n", " ")
    agent = "" if summary.worker_name is None else "(agent) "
    when = time_text(summary.updated_at_ms)
    place = ""
    if names_folder:
        name = (summary.cwd or "-").rstrip("/").rsplit("/", 1)[-1] or "/"
        place = f"{one_line(name, _FOLDER_CELLS):<{_FOLDER_CELLS}}  "
    return f"{printable(summary.session_id)}  {when}  {state:<9}  {place}{agent}{title[:80]}"


def _waiting(summary: "SessionSummary") -> list[tuple[str, str]]:
    """Return how many lines the model has not got yet, by the journal; nothing when none wait."""
    from harn_tui.errors import StoreError
    from harn_tui.store.feedback_journal import load_pending_feedback

    try:
        count = len(load_pending_feedback(summary.folder.feedback_journal).items)
    except StoreError as error:
        return [("problem", str(error))]
    return [("waiting", f"{count} lines, for the next run")] if count else []


def _status(summary: "SessionSummary") -> str:
    if summary.waits_for is not None:
        return f"waits for an approval: {summary.waits_for}"
    return str(summary.last_status or "not ended")


def _facts(summary: "SessionSummary") -> list[tuple[str, str]]:
    facts = [
        ("session", summary.session_id),
        ("title", summary.title or "(no request yet)"),
        ("folder", summary.cwd or "not known"),
        ("model", f"{summary.model or '?'} on {summary.provider or '?'}"),
        ("last event", time_text(summary.updated_at_ms)),
        ("status", _status(summary)),
        ("events", str(summary.record_count or 0)),
        ("size", f"{summary.size_bytes:,} bytes"),
        ("files", str(summary.folder.path)),
    ]
    if summary.turns is not None:
        facts.insert(7, ("turns", str(summary.turns)))
    if summary.cost_usd is not None:
        facts.insert(8, ("cost", f"${summary.cost_usd:.4f}"))
    if summary.created_at_ms is not None:
        facts.insert(4, ("begun", time_text(summary.created_at_ms)))
    if summary.parent_session_id is not None:
        facts.append(("parent", summary.parent_session_id))
    if summary.forked_at_index is not None:
        facts.append(("forked at", f"event {summary.forked_at_index}"))
    if summary.owner_pid is not None:
        facts.append(("open in", f"process {summary.owner_pid}"))
    return facts + [("problem", problem) for problem in summary.problems]
