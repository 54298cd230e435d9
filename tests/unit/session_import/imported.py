"""Imports the small files of tests/data/imports and gives what they became."""

from dataclasses import dataclass
from pathlib import Path

from harn_tui.events.record import Record
from harn_tui.json_types import JsonObject
from harn_tui.session_import.import_session import ImportReport, import_session
from harn_tui.session_import.source_kind import SourceKind
from harn_tui.store.history import fold_history
from harn_tui.store.log_reader import read_records
from harn_tui.store.session_folder import SessionFolder, open_session_folder
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView

SOURCES = Path(__file__).parents[2] / "data" / "imports"


@dataclass(frozen=True, slots=True)
class Imported:
    """One imported session, read back from the store."""

    report: ImportReport
    folder: SessionFolder
    records: list[Record]

    @property
    def messages(self) -> list[JsonObject]:
        """What a resumed session would send."""
        return fold_history(self.records).messages

    @property
    def view(self) -> SessionView:
        """What a replay ends with."""
        view = SessionView()
        apply_all(view, self.records)
        return view

    def of_type(self, *types: type) -> list[object]:
        """The events of these types, in order."""
        return [r.event for r in self.records if isinstance(r.event, types)]


def imported(name: str, store: Path, kind: SourceKind | None = None) -> Imported:
    """Import one of the files by its name."""
    return imported_from(SOURCES / name, store, kind)


def imported_from(path: Path, store: Path, kind: SourceKind | None = None) -> Imported:
    """Import any file."""
    report = import_session(path, store, kind=kind)
    folder = open_session_folder(store, report.session_id)
    return Imported(report, folder, list(read_records(folder.event_log)))
