from tests.e2e.conftest import Desk
from tests.support.streaming_server import StreamingServer


def test_theme_of_the_configuration_is_used(desk: Desk, server: StreamingServer) -> None:
    dark = desk.console(server)
    light = desk.console(server, "--set", "ui.theme=harn-light")
    background = dark.cell(0, 0).bg
    light.wait_for(lambda lines: light.cell(0, 0).bg != background)
    assert sum(int(light.cell(0, 0).bg[at : at + 2], 16) for at in (0, 2, 4)) > 600


def test_unknown_theme_is_told(desk: Desk, server: StreamingServer) -> None:
    console = desk.console(server, "--set", "ui.theme=mauve")
    console.wait_for("There is no theme 'mauve'")
