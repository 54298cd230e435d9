"""Find, jumps, selecting and copying in a real terminal, with the keys that terminals send."""

from base64 import b64encode
from pathlib import Path

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal, harn_tui, isolated_environment

REQUEST = "What is in this folder? " + "It is two rows on the screen and one line in a copy. " * 2
REQUEST = REQUEST.strip()
LINES = "".join(f"row {number}\n" for number in range(40))


def test_what_was_said_is_found_selected_and_copied(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text(LINES, encoding="utf-8")
    environment = isolated_environment(tmp_path / "home", HARN_TUI_CLIPBOARD="off")
    with Terminal(harn_tui("--provider", "demo"), env=environment, cwd=folder) as terminal:
        terminal.wait_for("What shall be done?")
        terminal.submit(REQUEST)
        terminal.wait_for("Allow write_file?")

        terminal.write(b"\x06")
        terminal.wait_for("Find")
        terminal.type("this FOLDER")
        terminal.wait_for("not found")
        terminal.write(b"\x1b")
        terminal.wait_until_gone("Find  /")

        terminal.write(b"\x02")
        terminal.wait_for("Browsing")
        terminal.type("[y")
        terminal.wait_for(f"Sent {len(REQUEST)} characters by OSC 52")
        wanted = b64encode(REQUEST.encode())
        terminal.wait_for_output(b"\x1b]52;c;" + wanted + b"\x07")

        terminal.write(b"\x1b")
        terminal.wait_until_gone("▌▌ What is")
        terminal.type("back at the prompt")
        terminal.wait_for("back at the prompt")


def test_a_drag_with_the_mouse_selects_and_ctrl_c_copies(tmp_path: Path) -> None:
    environment = isolated_environment(tmp_path / "home", HARN_TUI_CLIPBOARD="off")
    command = harn_tui("--provider", "demo")
    with Terminal(command, env=environment, cwd=tmp_path, columns=90, rows=44) as terminal:
        terminal.wait_for("What shall be done?")
        terminal.submit("What is in this folder?")
        terminal.wait_for("Allow write_file?")
        # The dock has pushed the text up once it is in the upper half.
        terminal.wait_for(lambda lines: any("is harmless" in line for line in lines[:32]))
        row = terminal.row_of("is harmless")
        column = terminal.lines()[row].index("harmless") + 1
        terminal.write(f"\x1b[<0;{column};{row + 1}M")
        terminal.write(f"\x1b[<32;{column + 8};{row + 1}M")
        terminal.write(f"\x1b[<0;{column + 8};{row + 1}m")
        terminal.wait_for("Ctrl+C copies")
        terminal.write(b"\x03")
        terminal.wait_for_output(b"\x1b]52;c;" + b64encode(b"harmless") + b"\x07")


def test_a_block_is_read_in_the_pager_while_the_session_goes_on(
    desk: Desk, server: StreamingServer
) -> None:
    pager = desk.folder / "pager.sh"
    pager.write_text('cat "$1"; echo "the end of $(stat -c %a "$1")"; read key; echo "key $key"\n')
    server.enqueue(
        Reply.text("first line\n\n## Heading\n\nlast line"),
        Reply.text("said while nobody looked").stalled_after(1),
    )
    console = desk.console(server, PAGER=f"sh {pager}")
    console.submit("hello")
    console.wait_for("last line")
    desk.wait_for_log("loop_end")
    console.submit("and then?")
    server.wait_for_chunks(2, 1)
    console.press("ctrl+b")
    console.wait_for("Browsing")
    console.type("g")
    console.type("jp")
    console.wait_for("the end of 600")
    was_full_screen = console.is_full_screen
    assert "## Heading" in console.output.decode()
    server.release()
    desk.wait_for_log("nobody looked")
    console.write("x\n")
    console.wait_for("said while nobody looked")
    assert (was_full_screen, console.is_full_screen) == (False, True)
    console.press("ctrl+q")
    assert console.wait_exit() == 0
