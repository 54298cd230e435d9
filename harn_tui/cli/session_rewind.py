"""``harn-tui sessions rewind``: conversation, files or both as they were at an event."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.session.rewinding import Rewinding, RewindPreview, RewindResult

_EXAMPLE = """\
examples:
  harn-tui sessions rewind 0199c0de                     the lines of yours to go back to
  harn-tui sessions rewind 0199c0de --at 120 --dry-run  what would be done
  harn-tui sessions rewind 0199c0de --at 120            files back; go on in a new session
  harn-tui sessions rewind 0199c0de --at 120 --files-only
  harn-tui sessions rewind 0199c0de --undo              undo the last one; again: redo it
"""


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to ``harn-tui sessions``."""
    rewind = actions.add_parser(
        "rewind",
        description="Bring back files and conversation as they were at an event. The session stays"
        " as it is: the conversation goes on in a fork. Files that you changed since are kept.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    rewind.add_argument("source", help="a session (id, title, last), its folder, or a log file")
    what = rewind.add_mutually_exclusive_group()
    what.add_argument("--at", metavar="INDEX", type=int, help="the event to go back to")
    what.add_argument("--undo", action="store_true", help="undo the last rewind of the files")
    rewind.add_argument("--files-only", action="store_true", help="leave the conversation alone")
    add_file_options(rewind)
    rewind.add_argument("--json", action="store_true", help="print one JSON object")
    rewind.set_defaults(run=run_rewind)


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of whatever brings files back."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, only")
    parser.add_argument(
        "--with-yours",
        action="store_true",
        help="bring back files that both the agent and you changed, too",
    )
    parser.add_argument(
        "--folder", metavar="DIR", type=Path, help="where the session's folder is now, if it moved"
    )


def run_rewind(options: argparse.Namespace) -> int:
    """Go back, or say what that would do; return the exit code."""
    if options.at is not None:
        return rewind_to(options, files_only=options.files_only)
    log, rewinding = _open(options)
    if not options.undo:
        return _list_points(rewinding, as_json=options.json)
    _warn(rewinding)
    if options.dry_run:
        return show_preview(rewinding.preview_undo(), as_json=options.json)
    return show_result(rewinding.undo(with_yours=options.with_yours), log, options)


def rewind_to(options: argparse.Namespace, *, files_only: bool) -> int:
    """Bring the files back to ``options.at``, and go on in a fork unless ``files_only``."""
    from harn_tui.session.rewind_scope import RewindScope

    if options.at < 0:
        raise UsageError(f"There is no event {options.at}.", hint="Events count from 0.")
    log, rewinding = _open(options)
    _warn(rewinding)
    if options.dry_run:
        return show_preview(rewinding.preview(options.at), as_json=options.json)
    scope = RewindScope.FILES if files_only else RewindScope.BOTH
    result = rewinding.rewind(options.at, scope, with_yours=options.with_yours)
    return show_result(result, log, options)


def rewinding_of(log: Path, folder: Path | None = None) -> "Rewinding":
    """Return what goes back in the session of ``log``, whose files were moved to ``folder``."""
    from harn_tui.wiring.open_session import load
    from harn_tui.wiring.rewinding import wire_rewinding
    from harn_tui.wiring.session_request import SessionRequest

    table = load(SessionRequest(cwd=Path.cwd())).configuration.snapshots
    return wire_rewinding(log, table, folder)


def _open(options: argparse.Namespace) -> "tuple[Path, Rewinding]":
    from harn_tui.paths import sessions_directory
    from harn_tui.store.session_names import find_log

    if options.folder is not None and not options.folder.is_dir():
        raise UsageError(f"There is no folder {options.folder}.", hint="Give another --folder.")
    log = find_log(options.source, sessions_directory())
    return log, rewinding_of(log, options.folder)


def _warn(rewinding: "Rewinding") -> None:
    """Say who may change files meanwhile."""
    for warning in rewinding.warnings():
        print(f"harn-tui: {warning}", file=sys.stderr)


def _list_points(rewinding: "Rewinding", *, as_json: bool) -> int:
    import json

    from harn_tui.cli.session_table import time_text

    for point, changes in rewinding.points():
        if as_json:
            row = {"at": point.index, "at_ms": point.at_ms, "text": point.text}
            row |= {"files": changes.files, "added": changes.added, "removed": changes.removed}
            print(json.dumps(row))
            continue
        when = time_text(point.at_ms)
        where = "    (start)" if point.index is None else f"--at {point.index:<6}"
        counts = f"+{changes.added} -{changes.removed} in {changes.files} files"
        print(f"{where}  {when}  {counts if changes.files else 'no files':<26}  {_row(point.text)}")
    return 0


def show_preview(preview: "RewindPreview", *, as_json: bool) -> int:
    """Print what would be done."""
    import json

    if as_json:
        files = [
            {"path": file.path, "becomes": file.becomes, "yours": file.is_yours}
            for file in preview.files
        ]
        print(json.dumps({"files": files}))
        return 0
    if not preview.files:
        print("The files are as they were: there is nothing to bring back.")
    for file in preview.restorable:
        print(f"{file.becomes:<8} {_row(file.path)}")
    for file in preview.yours:
        more = "" if file.is_yours_alone else ", the agent too; --with-yours brings it back"
        print(f"kept     {_row(file.path)} (you changed it since{more})")
    return 0


def show_result(result: "RewindResult", log: Path, options: argparse.Namespace) -> int:
    """Print what was done in the session of ``log``, and how to go on and to undo it."""
    import json

    from harn_tui.session.rewind_scope import OUTSIDE

    if options.json:
        kept = [{"path": path, "reason": reason} for path, reason in result.kept]
        row = {"session_id": result.fork_id, "restored": list(result.restored), "kept": kept}
        print(json.dumps(row))
        return 0
    for path in result.restored:
        print(f"brought back  {_row(path)}")
    for path, reason in result.kept:
        print(f"kept          {_row(path)} ({reason})")
    if not result.restored:
        print("No file was changed.")
    else:
        print(OUTSIDE)
        print(f"Undo it with: {_row(_undo_command(log, options.folder))}")
    if result.fork_id is not None:
        print(f"Forked as {result.fork_id}")
        print(f"Go on with: harn-tui --session {result.fork_id}")
    return 0


def _undo_command(log: Path, folder: Path | None) -> str:
    """Return the command; the words that a person typed may mean another session by then."""
    import shlex

    from harn_tui.paths import sessions_directory
    from harn_tui.store.session_folder import SessionFolder

    home = log.parent
    is_stored = home.parent.resolve() == sessions_directory().resolve()
    is_stored = is_stored and log == SessionFolder(home.name, home).event_log
    source = home.name if is_stored else str(log.absolute())
    where = [] if folder is None else ["--folder", str(folder.absolute())]
    return shlex.join(["harn-tui", "sessions", "rewind", source, "--undo", *where])


def _row(text: str) -> str:
    from harn_tui.tools.readable import one_line

    return one_line(text.encode(errors="surrogateescape").decode(errors="replace"))
