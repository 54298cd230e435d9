"""The first seconds of a console in a real terminal."""

from pathlib import Path

import pytest

from tests.support.terminal import Terminal, harn_tui, isolated_environment


def start(tmp_path: Path, *arguments: str, columns: int = 80, rows: int = 24) -> Terminal:
    return Terminal(
        harn_tui("--provider", "demo", *arguments),
        env=isolated_environment(tmp_path / "home"),
        cwd=tmp_path,
        columns=columns,
        rows=rows,
    )


def test_keys_typed_before_the_first_frame_are_kept(tmp_path: Path) -> None:
    with start(tmp_path) as console:
        console.wait_for_output(b"\x1b[?1049h")
        console.type("typed early")
        console.wait_for("│ typed early")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 48), (40, 10)])
def test_the_console_fits_terminals_of_every_size(tmp_path: Path, columns: int, rows: int) -> None:
    with start(tmp_path, columns=columns, rows=rows) as console:
        console.wait_for("What shall be done?")
        console.wait_for("demo")
        assert len(console.lines()) == rows
        console.press("ctrl+q")
        assert console.wait_exit() == 0
        assert not console.is_full_screen


def test_quitting_gives_the_terminal_back_as_it_was(tmp_path: Path) -> None:
    with start(tmp_path) as console:
        console.wait_for("What shall be done?")
        console.press("ctrl+q")
        assert console.wait_exit() == 0
        ending = console.output.rpartition(b"\x1b[?1049l")
        assert ending[1], "the alternate screen was never left"
        assert b"\x1b[?25h" in ending[2], "the cursor was left hidden"
        assert b"\x1b[?1000l" in console.output
