"""A session as JSON Lines: what is known of it, its attached files, and its log."""

import json
from collections.abc import Iterator

from harn_tui.events.codec import encode_record
from harn_tui.session_export.exported import ExportedSession, blob_line
from harn_tui.store.export_format import EXPORT_FORMAT, EXPORT_VERSION


def json_lines(session: ExportedSession) -> Iterator[str]:
    """Yield the lines of the file, each with its line end."""
    header = {"format": EXPORT_FORMAT, "version": EXPORT_VERSION, "session": session.header()}
    yield json.dumps(header, ensure_ascii=False) + "\n"
    for sha256, data in session.blobs.items():
        yield json.dumps(blob_line(sha256, data)) + "\n"
    for record in session.records:
        yield encode_record(record) + "\n"
