"""The command `doctor`: what it says of the programs that the console runs."""

from pathlib import Path

import pytest

from harn_tui.cli.main import main
from harn_tui.paths import HOME_VARIABLE


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("VISUAL", "EDITOR", "HARN_TUI_CLIPBOARD", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return folder


def add(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["doctor"]) == 0
    return capsys.readouterr().out.splitlines()


def test_what_is_not_there_is_named_with_what_to_do(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(capsys)
    reason = "bubblewrap is not installed (docs/sandbox.md)"
    assert f"sandbox of commands: NONE, {reason}" in lines
    assert any(line.startswith("editor: NONE. The editor 'vi' is not there. Set") for line in lines)
    assert any(line.startswith("clipboard: the terminal alone (OSC 52)") for line in lines)


def test_what_works_is_named_with_its_place(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add(programs, "bwrap", "exit 0")
    add(programs, "pen", "exit 0")
    monkeypatch.setenv("EDITOR", "pen --wait")
    monkeypatch.setenv("HARN_TUI_CLIPBOARD", "clip -i")
    lines = said(capsys)
    assert f"sandbox of commands: bubblewrap, {programs / 'bwrap'}" in lines
    assert f"editor: {programs / 'pen'} --wait" in lines
    assert "clipboard: clip, and the terminal (OSC 52)" in lines
    add(programs, "bwrap", "echo no user namespaces >&2; exit 1")
    reason = "bubblewrap is installed but does not work here (no user namespaces)"
    assert f"sandbox of commands: NONE, {reason} (docs/sandbox.md)" in said(capsys)
