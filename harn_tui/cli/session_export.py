"""``harn-tui sessions export``: a session becomes a file for people or programs."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.errors import StoreError, UsageError

if TYPE_CHECKING:
    from harn_tui.session_export.exported import ExportedSession

_SUFFIXES = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".jsonl": "json",
    ".cast": "cast",
    ".svg": "svg",
}
_FORMATS = ("markdown", "html", "json", "cast", "svg", "test")
_SMALLEST, _LARGEST = (20, 8), (400, 200)
_DEFAULT_SIZE = "100x30"

_EXAMPLE = """\
examples:
  harn-tui sessions export ID --to session.html
  harn-tui sessions export ID --format markdown
  harn-tui sessions export sessions/real-model-turn.jsonl --to demo.cast --size 100x30
  harn-tui sessions export ID --to view.svg --at 40 --theme harn-light
  harn-tui sessions export ID --format test --to tests/recorded/beds

Secrets that are found (keys of known shapes, values of variables such as
OPENAI_API_KEY) are replaced by [redacted]. Look through what you share all the same.
"""


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to ``harn-tui sessions``."""
    parser = actions.add_parser(
        "export",
        description="Write a session, without its secrets, as a file. The session is not changed.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("session", help="a session id, its start, a log file or a folder")
    parser.add_argument(
        "--to", metavar="FILE", help="where to; its ending tells the format. Without it: stdout"
    )
    parser.add_argument("--format", choices=_FORMATS, help="the format; test writes a folder")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    parser.add_argument(
        "--at", type=int, metavar="INDEX", help="svg: the view as of this event; default: the last"
    )
    parser.add_argument(
        "--size",
        default=_DEFAULT_SIZE,
        metavar="COLUMNSxROWS",
        help=f"cast and svg: the size of the screen, {_DEFAULT_SIZE} unless given",
    )
    parser.add_argument("--theme", default="harn-dark", help="cast and svg: a theme's name")
    parser.set_defaults(run=run_export)


def run_export(options: argparse.Namespace) -> int:
    """Write the session in the format that was asked for."""
    from harn_tui.paths import sessions_directory
    from harn_tui.session_export.exported import load_exported

    target = Path(options.to).expanduser() if options.to else None
    chosen = _format(options.format, target)
    size = _size(options.size)
    if options.at is not None and chosen != "svg":
        raise UsageError("--at is the place of a picture.", hint="Add --format svg.")
    if target is not None and target.exists() and not options.force and chosen != "test":
        raise UsageError(f"{target} is there already.", hint="Add --force to replace it.")
    session = load_exported(options.session, sessions_directory())
    if chosen == "test":
        return _save_test(session, target)
    if chosen in {"cast", "svg"}:
        pieces: Iterable[str] = _pictures(session, chosen, size, options)
    else:
        pieces = _document(session, chosen)
    _write(pieces, target)
    if target is not None:
        _report(session, target)
    return 0


def _format(named: str | None, target: Path | None) -> str:
    if named is not None:
        return named
    found = _SUFFIXES.get(target.suffix.lower()) if target is not None else None
    if found is None:
        raise UsageError("No format is named.", hint=f"Add --format: {', '.join(_FORMATS)}.")
    return found


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.lower().partition("x")
    if columns.isascii() and columns.isdigit() and rows.isascii() and rows.isdigit():
        size = (int(columns[:6]), int(rows[:6]))
        if all(low <= n <= high for low, n, high in zip(_SMALLEST, size, _LARGEST, strict=True)):
            return size
    raise UsageError(
        f"{text!r} is no size of a screen.",
        hint="Write COLUMNSxROWS, from 20x8 to 400x200, such as 100x30.",
    )


def _document(session: "ExportedSession", chosen: str) -> Iterable[str]:
    if chosen == "markdown":
        from harn_tui.session_export.markdown import markdown

        return [markdown(session)]
    if chosen == "html":
        from harn_tui.session_export.html_page import html_page

        return [html_page(session)]
    from harn_tui.session_export.json_lines import json_lines

    return json_lines(session)


def _pictures(
    session: "ExportedSession", chosen: str, size: tuple[int, int], options: argparse.Namespace
) -> list[str]:
    import asyncio
    import os

    from harn_tui.console.environment import prepare_environment

    prepare_environment(os.environ)
    take: Callable[..., object] = _take_svg if chosen == "svg" else _take_cast
    return asyncio.run(take(session, size, options))  # type: ignore[arg-type]


async def _take_svg(
    session: "ExportedSession", size: tuple[int, int], options: argparse.Namespace
) -> list[str]:
    from harn_tui.console.replay_camera import open_camera

    records, title = session.records, session.title
    position = len(records)
    if options.at is not None:
        places = [place for place, record in enumerate(records) if record.index == options.at]
        if not places:
            raise UsageError(
                f"There is no event {options.at}.",
                hint=f"The session has events {records[0].index} to {records[-1].index}.",
            )
        position = places[0] + 1
    async with open_camera(records, title=title, size=size, theme=options.theme) as camera:
        await camera.go(position)
        return [camera.svg(title)]


async def _take_cast(
    session: "ExportedSession", size: tuple[int, int], options: argparse.Namespace
) -> list[str]:
    from harn_tui.console.cast_recording import cast_lines

    lines = cast_lines(session.records, title=session.title, size=size, theme=options.theme)
    return [line async for line in lines]


def _save_test(session: "ExportedSession", target: Path | None) -> int:
    from harn_tui.session_export.saved_test import write_saved_test

    if target is None:
        raise UsageError("A test is a folder.", hint="Name a new one with --to.")
    for path in write_saved_test(session, target):
        print(path)
    return 0


def _write(pieces: Iterable[str], target: Path | None) -> None:
    """Write to the file, which is there whole or not at all, or to standard output."""
    if target is None:
        for piece in pieces:
            print(piece, end="")
        return
    draft = target.with_name(f".{target.name}.new")
    try:
        with draft.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(pieces)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StoreError(
            f"{target} cannot be written: {error.strerror or error}.",
            hint="Name a place that you may write to with --to.",
        ) from error


def _report(session: "ExportedSession", target: Path) -> None:
    print(f"{target}: {len(session.records):,} events; secrets that were found are redacted.")
    for sha256, reason in session.blobs_left_out.items():
        print(f"  attached file {sha256[:16]} is left out: {reason}")
