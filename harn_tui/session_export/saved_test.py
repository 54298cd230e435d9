"""A session as a test: its log, the model's side as a script, and what both must come to."""

import json
from pathlib import Path

from harn_tui.errors import StoreError
from harn_tui.events.codec import encode_record
from harn_tui.session_export.exported import ExportedSession
from harn_tui.session_export.model_script import model_script
from harn_tui.view.text import view_text

LOG, SCRIPT, EXPECTED, TEST = "event_log.jsonl", "script.jsonl", "expected.txt", "test_session.py"

_TEST_SOURCE = '''\
"""Replays a recorded session (`harn-tui sessions export --format test`).

`expected.txt` is what the session showed; write it anew, after looking at it, with

    harn-tui replay --headless event_log.jsonl > expected.txt

`harn-tui --script script.jsonl` plays the model's side of it against the tools of today.
"""

import asyncio
from pathlib import Path

from harn_tui.session_export.model_script import played_replies, recorded_replies
from harn_tui.store.log_reader import read_records
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView
from harn_tui.view.text import view_text

HERE = Path(__file__).parent
LOG = HERE / "event_log.jsonl"


def test_replayed_session_shows_what_it_showed() -> None:
    view = SessionView()
    apply_all(view, read_records(LOG))
    assert view_text(view) + "\\n" == (HERE / "expected.txt").read_text(encoding="utf-8")
'''
_SCRIPT_TEST = """\


def test_script_plays_the_replies_of_the_session() -> None:
    played = asyncio.run(played_replies(HERE / "script.jsonl"))
    assert played == recorded_replies(read_records(LOG))
"""


def write_saved_test(session: ExportedSession, folder: Path) -> list[Path]:
    """Write the test into a new folder and return its files.

    A session in which model calls failed has a script with errors in it, which is not compared.
    Raises StoreError when the folder is there already or cannot be written.
    """
    script = model_script(session.records)
    source = _TEST_SOURCE
    if script and not any("error" in entry for entry in script):
        source += _SCRIPT_TEST
    else:
        source = source.replace("import asyncio\n", "").replace(
            "from harn_tui.session_export.model_script import played_replies, recorded_replies\n",
            "",
        )
    contents = {
        LOG: "".join(encode_record(record) + "\n" for record in session.records),
        SCRIPT: "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in script),
        EXPECTED: view_text(session.view) + "\n",
        TEST: source,
    }
    try:
        folder.mkdir(parents=True)
        for name, text in contents.items():
            (folder / name).write_bytes(text.encode("utf-8", "replace"))
        for sha256, data in session.blobs.items():
            (folder / "blobs").mkdir(exist_ok=True)
            (folder / "blobs" / sha256).write_bytes(data)
    except FileExistsError as error:
        raise StoreError(
            f"{folder} is there already.", hint="Name a new folder with --to."
        ) from error
    except OSError as error:
        raise StoreError(
            f"The test cannot be written to {folder}: {error.strerror or error}.",
            hint="Name a folder that you may write to with --to.",
        ) from error
    return [folder / name for name in contents]
