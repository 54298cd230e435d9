"""``harn-tui sessions search``: where something was said, in all sessions."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.store.index.search import SearchHit


def run_search(options: argparse.Namespace) -> int:
    """Print the hits, those of one session together."""
    from datetime import datetime

    from harn_tui.paths import session_index_file, sessions_directory
    from harn_tui.store.index.query import parse_query
    from harn_tui.store.index.session_index import SessionIndex

    if options.limit < 1:
        raise UsageError(f"--limit is the most hits to print, not {options.limit}.")
    now = datetime.now().astimezone()
    query = parse_query(" ".join(options.query), now=now, cwd=Path.cwd())
    index = SessionIndex(sessions_directory(), session_index_file())
    result = index.search(query, limit=options.limit, on_progress=tell_progress)
    for problem in result.problems:
        print(f"harn-tui: {problem}", file=sys.stderr)
    if options.json:
        for hit in result.hits:
            print(_as_json(hit))
    else:
        _print_hits(result.hits)
    return 0


def tell_progress(done: int, total: int) -> None:
    """Say on standard error how many logs are still to be read, when a person looks on."""
    if total > 1 and sys.stderr.isatty():
        end = "\r" if done < total else "\r\x1b[K"
        print(f"reading logs: {done} of {total}", end=end, file=sys.stderr, flush=True)


def _print_hits(hits: "list[SearchHit]") -> None:
    from harn_tui.cli.session_table import time_text
    from harn_tui.view.plain import one_line

    shown: str | None = None
    for hit in hits:
        session = hit.session
        if session.session_id != shown:
            shown = session.session_id
            title = one_line(session.title or "(no request yet)", 70)
            print(f"{one_line(shown, 80)}  {time_text(session.updated_at_ms)}  {title}")
        if hit.event_index is not None:
            place = f"event {hit.event_index}, turn {hit.turn}"
            print(f"  {place:<22} {one_line(hit.excerpt, 200)}")
    if not hits:
        print("Nothing was found.")
    elif (first := next((hit for hit in hits if hit.event_index is not None), None)) is not None:
        place = f"{one_line(first.session.session_id, 80)} --at {first.event_index}"
        print(f"\nTo see the first: harn-tui replay {place}")


def _as_json(hit: "SearchHit") -> str:
    import json

    members = {
        "session_id": hit.session.session_id,
        "title": hit.session.title,
        "cwd": hit.session.cwd,
        "event_index": hit.event_index,
        "turn": hit.turn,
        "time_ms": hit.time_ms,
        "excerpt": hit.excerpt,
    }
    return json.dumps(members, ensure_ascii=False)
