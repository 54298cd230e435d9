"""The command `sessions rewind`: what it says beside what is done, which is tested elsewhere."""

import shlex
from pathlib import Path

import pytest

from harn_tui.cli import session_rewind
from harn_tui.cli.main import main
from harn_tui.session.rewind_scope import OUTSIDE
from harn_tui.session.rewinding import PointChanges, RewindPreview
from harn_tui.store.renaming import rename_session
from harn_tui.store.rewind_points import RewindPoint
from tests.unit.cli.test_sessions_command import add, home, run
from tests.unit.console.test_rewind import FILES, FakeRewinding

__all__ = ["home"]
WARNING = "harn-tui: Another session is open in process 7 and may change files now.\n"


class Rewinding(FakeRewinding):
    """Knows an undo's options, too, and the folders that it was made for."""

    def __init__(self) -> None:
        super().__init__()
        self.made_for: list[tuple[Path, Path | None]] = []
        self.at_ms = 1_000

    def make(self, log: Path, folder: Path | None = None) -> "Rewinding":
        self.made_for.append((log, folder))
        return self

    def points(self) -> list[tuple[RewindPoint, PointChanges]]:
        return [(RewindPoint(3, 4, None, self.at_ms, "add a parser"), PointChanges())]

    def preview_undo(self) -> RewindPreview:
        return RewindPreview(FILES, "")

    def undo(self, *, with_yours: bool = False) -> object:  # type: ignore[override]
        return super().undo()


@pytest.fixture
def rewinding(monkeypatch: pytest.MonkeyPatch) -> Rewinding:
    made = Rewinding()
    monkeypatch.setattr(session_rewind, "rewinding_of", made.make)
    return made


def undo_words(out: str) -> list[str]:
    """Return what the command that undoes says after ``sessions``, as a shell splits it."""
    (line,) = [line for line in out.splitlines() if line.startswith("Undo it with: ")]
    words = shlex.split(line.removeprefix("Undo it with: "))
    assert words[:2] == ["harn-tui", "sessions"]
    return words[2:]


@pytest.mark.parametrize(
    "words", [("--at", "3"), ("--at", "3", "--dry-run"), ("--undo",), ("--undo", "--dry-run")]
)
def test_who_may_change_files_is_said_before_anything_is_done(
    home: Path, rewinding: Rewinding, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    add(home, "origin")
    code, out, err = run(capsys, "rewind", "origin", *words)
    assert (code, err) == (0, WARNING)
    assert "src/parser.py" in out
    assert (OUTSIDE in out) == ("--dry-run" not in words)


def test_the_command_that_undoes_names_the_session_whatever_was_typed(
    home: Path, rewinding: Rewinding, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = add(home, "origin")
    rename_session(folder, "my; title")
    for typed in ("origin", "orig", "last", "my; title", str(folder.path)):
        _, out, _ = run(capsys, "rewind", typed, "--at", "3")
        assert undo_words(out) == ["rewind", "origin", "--undo"]


def test_the_command_that_undoes_reaches_a_log_of_its_own_and_a_moved_folder(
    home: Path, rewinding: Rewinding, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    log = home / "a copy's log.jsonl"
    log.write_bytes(add(home, "origin").event_log.read_bytes())
    (home / "moved to").mkdir()
    monkeypatch.chdir(home)
    _, out, _ = run(capsys, "rewind", log.name, "--at", "3", "--folder", "moved to")
    words = undo_words(out)
    monkeypatch.chdir("/")
    assert main(["sessions", *words]) == 0
    assert rewinding.made_for[-1] == (log, home / "moved to")


def test_a_time_that_no_calendar_holds_is_no_reason_to_fail(
    home: Path, rewinding: Rewinding, capsys: pytest.CaptureFixture[str]
) -> None:
    add(home, "origin")
    rewinding.at_ms = 10**30
    code, out, err = run(capsys, "rewind", "origin")
    assert (code, err) == (0, "")
    assert "at no known time" in out
