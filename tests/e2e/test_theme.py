import re

from tests.e2e.conftest import Desk
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until_blocking


def test_theme_of_the_configuration_is_used(desk: Desk, server: StreamingServer) -> None:
    dark = desk.console(server)
    light = desk.console(server, "--set", "ui.theme=harn-light")
    background = dark.cell(0, 0).bg
    light.wait_for(lambda lines: light.cell(0, 0).bg != background)
    assert sum(int(light.cell(0, 0).bg[at : at + 2], 16) for at in (0, 2, 4)) > 600


def _is_light(console: Terminal) -> bool:
    return sum(int(console.cell(0, 0).bg[at : at + 2], 16) for at in (0, 2, 4)) > 600


def test_a_light_terminal_has_the_light_theme_unless_one_is_chosen(
    desk: Desk, server: StreamingServer
) -> None:
    console = desk.console(server, is_light=True)
    console.wait_for(lambda _: _is_light(console))
    console.type("typed meanwhile")
    console.wait_for("typed meanwhile")
    wait_until_blocking(
        lambda: (desk.home / "harn-tui" / "last_theme").read_text() == "harn-light\n", 20.0
    )
    console.press("ctrl+q")
    console.wait_exit()
    again = desk.console(server, is_light=True)
    again.wait_for(lambda _: _is_light(again))
    chosen = desk.console(server, "--set", "ui.theme=harn-dark", is_light=True)
    chosen.wait_for(lambda _: not _is_light(chosen))


def test_unknown_theme_is_told(desk: Desk, server: StreamingServer) -> None:
    console = desk.console(server, "--set", "ui.theme=mauve")
    console.wait_for("There is no theme 'mauve'")


COLOURS = re.compile(rb"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m")


def test_no_color_leaves_all_colours_out(desk: Desk, server: StreamingServer) -> None:
    console = desk.console(server, NO_COLOR="1")
    console.press("f2")
    console.wait_for("NO_COLOR is set")
    console.press("escape")
    console.wait_until_gone("NO_COLOR is set")
    console.type("?")
    console.wait_for("Esc closes")
    assert COLOURS.findall(console.output) == []
    # The cursor can still be seen.
    assert re.search(rb"\x1b\[(?:[\d;]*;)?7(?:;[\d;]*)?m", console.output)


def test_an_empty_no_color_says_nothing(desk: Desk, server: StreamingServer) -> None:
    console = desk.console(server, NO_COLOR="")
    assert COLOURS.search(console.output)


def test_the_terminals_own_colours_are_all_that_ansi_16_sends(
    desk: Desk, server: StreamingServer
) -> None:
    (desk.home / "harn-tui").mkdir(parents=True, exist_ok=True)
    (desk.home / "harn-tui" / "last_theme").write_text("ansi-16\n")
    console = desk.console(server, "--set", "ui.theme=ansi-16")
    console.press("f1")
    console.wait_for("Esc closes")
    console.press("escape", "f2")
    console.wait_for("own 16 colours")
    assert re.findall(rb"[34]8;[25];[\d;]*", console.output) == []
    assert COLOURS.search(console.output)


def test_a_dumb_terminal_is_refused_with_the_way_on(desk: Desk) -> None:
    terminal = desk.open(TERM="dumb")
    assert terminal.wait_exit() == 2
    assert "TERM is dumb" in terminal.printed()
    assert "harn-tui run" in terminal.printed()


def test_a_theme_of_ones_own_is_chosen_kept_and_shown_anew_when_it_changes(
    desk: Desk, server: StreamingServer
) -> None:
    folder = desk.home / "harn-tui" / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('primary = "#112233"\nbackground = "#010203"\n')
    console = desk.console(server)
    console.press("f2")
    console.wait_for("Enter keeps")
    console.press("end")
    console.wait_for("No description.")
    console.press("enter")
    console.wait_for(lambda lines: console.cell(0, 0).bg == "010203")
    wait_until_blocking((desk.home / "harn-tui" / "config.toml").is_file, 20.0)
    (folder / "mine.toml").write_text('primary = "#112233"\nbackground = "#0a0b0c0"\n')
    console.wait_for("`background` is not a colour")
    (folder / "mine.toml").write_text('primary = "#112233"\nbackground = "#0a0b0c"\n')
    console.wait_for(lambda lines: console.cell(0, 0).bg == "0a0b0c")
    again = desk.console(server)
    again.wait_for(lambda lines: again.cell(0, 0).bg == "0a0b0c")


def test_the_first_frame_has_the_theme_of_the_last_start(
    desk: Desk, server: StreamingServer
) -> None:
    desk.console(server, "--set", "ui.theme=high-contrast-light")
    kept = desk.home / "harn-tui" / "last_theme"
    wait_until_blocking(lambda: kept.is_file() and "high" in kept.read_text(), 20.0)
    again = desk.console(server, "--set", "ui.theme=high-contrast-light")
    # Nothing of the default theme was ever drawn: neither its background nor its surface.
    assert b"48;2;21;23;28" not in again.output
