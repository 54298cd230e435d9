import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harn_tui.errors import HarnError, SessionImportError
from harn_tui.session_import.import_session import import_session
from harn_tui.session_import.source_file import SourceFile
from harn_tui.session_import.source_kind import SourceKind
from harn_tui.store.history import fold_history
from harn_tui.store.listing import list_sessions
from harn_tui.store.log_reader import read_records
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView
from tests.unit.session_import.imported import SOURCES, imported_from

FILES = sorted(SOURCES.iterdir())
VALUES: list[object] = [
    None,
    True,
    -1,
    1e300,
    10**400,
    "",
    "x\u0000\ud800",
    [],
    {},
    [[]],
    {"type": []},
]


def _import_or_refuse(data: bytes, folder: Path, kind: SourceKind | None) -> None:
    """Import ``data``: a session that folds, or an error for a person and nothing stored."""
    store = folder / "store"
    source = folder / "source"
    source.write_bytes(data)
    before = len(list_sessions(store))
    try:
        report = import_session(source, store, kind=kind)
    except HarnError:
        assert len(list_sessions(store)) == before
        assert not list(store.glob(".*"))
        return
    records = list(read_records(store / report.session_id / "event_log.jsonl"))
    assert len(records) == report.events
    apply_all(SessionView(), records)
    fold_history(records)


def _changed(value: object, place: int, new: object) -> object:
    """Return the JSON value with its member number ``place``, counted depth first, replaced."""
    counter = iter(range(10**9))

    def walk(item: object) -> object:
        if next(counter) == place:
            return new
        if isinstance(item, dict):
            return {key: walk(member) for key, member in item.items()}
        if isinstance(item, list):
            return [walk(member) for member in item]
        return item

    return walk(value)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_changed_values_never_raise_anything_but_our_errors(
    data: st.DataObject, tmp_path: Path
) -> None:
    path = data.draw(st.sampled_from(FILES))
    text = path.read_text(encoding="utf-8")
    new = data.draw(st.sampled_from(VALUES))
    place = data.draw(st.integers(0, 60))
    if path.suffix == ".jsonl":
        lines = text.splitlines()
        number = data.draw(st.integers(0, len(lines) - 1))
        lines[number] = json.dumps(_changed(json.loads(lines[number]), place, new))
        text = "\n".join(lines)
    else:
        text = json.dumps(_changed(json.loads(text), place, new))
    kind = data.draw(st.sampled_from([None, *SourceKind]))
    _import_or_refuse(text.encode("utf-8", "surrogatepass"), tmp_path, kind)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_cut_and_overwritten_files_never_raise_anything_but_our_errors(
    data: st.DataObject, tmp_path: Path
) -> None:
    content = bytearray(data.draw(st.sampled_from(FILES)).read_bytes())
    end = data.draw(st.integers(0, len(content)))
    del content[end:]
    for place in data.draw(st.lists(st.integers(0, max(0, end - 1)), max_size=5)) if end else []:
        content[place] = data.draw(st.integers(0, 255))
    _import_or_refuse(bytes(content), tmp_path, data.draw(st.sampled_from([None, *SourceKind])))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300), kind=st.sampled_from([None, *SourceKind]))
def test_any_bytes_are_imported_or_refused(
    content: bytes, kind: SourceKind | None, tmp_path: Path
) -> None:
    _import_or_refuse(content, tmp_path, kind)


@pytest.mark.parametrize("kind", [None, SourceKind.CLAUDE_CODE, SourceKind.SWE_AGENT])
def test_too_long_a_line_is_refused_and_nothing_is_stored(
    kind: SourceKind | None, tmp_path: Path
) -> None:
    path = tmp_path / "long.jsonl"
    lines = (SOURCES / "claude_code.jsonl").read_bytes()
    path.write_bytes(lines + b'{"type":"user","message":"' + b"x" * 20_000 + b'"}\n')
    source = SourceFile(path, longest_line_bytes=20_000)
    with pytest.raises(SessionImportError, match="bytes or more"):
        import_session(path, tmp_path / "store", kind=kind, source=source)
    assert list_sessions(tmp_path / "store") == []


def test_a_line_is_refused_from_fifty_megabytes_on() -> None:
    assert SourceFile(Path("any")).longest_line_bytes == 50_000_000


def test_deep_nesting_is_kept_as_an_unreadable_line(tmp_path: Path) -> None:
    deep = '{"type":"user","uuid":"u","message":{"content":' + "[" * 300 + "]" * 300 + "}}"
    path = tmp_path / "deep.jsonl"
    path.write_text(
        (SOURCES / "claude_code.jsonl").read_text(encoding="utf-8") + deep, encoding="utf-8"
    )
    assert imported_from(path, tmp_path / "store").report.generic["unreadable_line"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\n \n", "is empty"), (b"hello", "no format"), (b"{}", "no format")],
)
def test_what_is_no_session_is_refused_in_words(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(SessionImportError, match=words):
        import_session(tmp_path / "file", tmp_path / "store")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SessionImportError, match="There is no file"):
        import_session(tmp_path / "none.jsonl", tmp_path / "store")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    plain = SOURCES / "codex.jsonl"
    changed = tmp_path / "windows.jsonl"
    changed.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes().replace(b"\n", b"\r\n"))
    messages = imported_from(changed, tmp_path / "store").messages
    assert messages == imported_from(plain, tmp_path / "store").messages


def test_original_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "copy.jsonl"
    path.write_bytes((SOURCES / "codex.jsonl").read_bytes())
    imported_from(path, tmp_path / "store")
    assert path.read_bytes() == (SOURCES / "codex.jsonl").read_bytes()


def test_session_of_a_folder_takes_its_attached_files_along(tmp_path: Path) -> None:
    first = imported_from(SOURCES / "codex.jsonl", tmp_path / "store")
    first.folder.blobs.mkdir()
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    (first.folder.blobs / digest).write_bytes(b"hello")
    (first.folder.blobs / "abc").write_bytes(b"no file of a session's")
    again = imported_from(first.folder.path, tmp_path / "other")
    assert (again.folder.blobs / digest).read_bytes() == b"hello"
    assert [path.name for path in again.folder.blobs.iterdir()] == [digest]


def test_files_beside_a_log_that_lies_by_itself_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / ("a" * 64)).write_bytes(b"somebody else's")
    log = tmp_path / "reference_log.jsonl"
    log.write_bytes((SOURCES / "reference_log.jsonl").read_bytes())
    assert not imported_from(log, tmp_path / "store").folder.blobs.exists()
