from textual.app import App, ComposeResult

from harn_tui.console.harmless_box import HarmlessBox, harmless


class BoxApp(App[None]):
    def compose(self) -> ComposeResult:
        yield HarmlessBox()


def test_each_character_stays_one() -> None:
    text = "a\x1b[31m\x00\x7f\x9b\u2028\ud800\tb\n漢e\u0301"
    assert len(harmless(text)) == len(text)
    assert harmless(text) == "a␛[31m␀␡�␤�\tb\n漢e\u0301"


async def test_a_change_of_direction_stays_in_the_text_and_is_not_drawn() -> None:
    app = BoxApp()
    async with app.run_test() as pilot:
        box = app.query_one(HarmlessBox)
        box.insert("a\u202eb\x1bc")
        await pilot.pause()
        assert box.text == "a\u202eb␛c"
        drawn = app.screen._compositor.render_strips()
        assert not any("\u202e" in strip.text for strip in drawn)
        box.load_text("x\x1by")
        assert box.text == "x␛y"
