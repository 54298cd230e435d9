"""Images in the prompt: how they get there, what stands for them, and what is sent."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from harn_tui.console.prompt.dropped_paths import dropped_images, written_path
from harn_tui.console.prompt.image_tokens import ImageTokens
from harn_tui.console.startup import load_parts
from harn_tui.console.transcript.transcript import Transcript
from harn_tui.events.host import FeedbackStateChanged, MessageRecorded
from harn_tui.feedback.item import AttachedImage
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.view.shown_image import ShownImage, images_of
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, FakeSession

IMAGE = AttachedImage("ab" * 32, "image/png", "shot.png", 640, 480, 12_345)
TOKEN = "[image #1, 640×480 PNG]"


class Pictures:
    """A folder with pictures that a session takes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shot = folder / "my shot.png"
        self.shot.touch()

    def offer(self, session: FakeSession) -> None:
        session.cwd = self.folder
        for path in (str(self.shot), "my shot.png", "gone.png"):
            session.prompt_sources.images.files[path] = IMAGE
        session.prompt_sources.paths = ("my shot.png", "notes.txt")


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(tmp_path)


async def paste(console: Console, text: str) -> None:
    console.prompt.post_message(events.Paste(text))
    await console.until(lambda: bool(console.prompt.text))


@pytest.mark.parametrize("written", ["{}", "'{}'", '"{}"', "{}\n", "{escaped}", "file://{url}"])
async def test_a_dropped_image_is_a_token_that_is_passed_deleted_and_sent_whole(
    open_console: OpenConsole, pictures: Pictures, written: str
) -> None:
    path = str(pictures.shot)
    dropped = written.format(path, escaped=path.replace(" ", "\\ "), url=path.replace(" ", "%20"))
    async with open_console(prepare=pictures.offer) as console:
        await console.type("see ")
        await paste(console, dropped)
        await console.until(lambda: TOKEN in console.prompt.text)
        await console.type(" now")
        await console.press("home", *["right"] * 4)
        assert console.prompt.cursor_location == (0, 4)
        await console.press("right")
        assert console.prompt.cursor_location == (0, 4 + len(TOKEN))
        await console.press("backspace", "alt+z", "enter")
        ((text, _, *images),) = console.session.asked("submit")
        assert str(text).split() == ["see", *TOKEN.split(), "now"]
        assert images == [IMAGE]


@pytest.mark.parametrize("text", ["/nowhere/x.png", "look at my shot.png", "notes.txt"])
async def test_a_paste_that_is_no_image_that_is_there_stays_text(
    open_console: OpenConsole, pictures: Pictures, text: str
) -> None:
    async with open_console(prepare=pictures.offer) as console:
        await paste(console, text)
        await console.settle()
        assert console.prompt.text == text
        assert not console.app._notifications


async def test_what_cannot_be_attached_stays_as_it_was_and_is_told(
    open_console: OpenConsole, pictures: Pictures
) -> None:
    async with open_console(prepare=pictures.offer) as console:
        console.session.prompt_sources.images.refuses = "The model demo-1 takes no images."
        await paste(console, str(pictures.shot))
        await console.until(lambda: bool(console.app._notifications))
        assert "takes no images" in next(iter(console.app._notifications)).message
        assert console.prompt.text == str(pictures.shot)


async def test_an_image_is_chosen_behind_the_at_sign(
    open_console: OpenConsole, pictures: Pictures
) -> None:
    async with open_console(prepare=pictures.offer) as console:
        await console.press(*"see @shot")
        await console.until(lambda: console.prompt.is_completing)
        await console.press("tab")
        await console.until(lambda: TOKEN in console.prompt.text)
        assert console.prompt.text == f"see {TOKEN} "


async def test_the_command_attaches_and_says_what_is_wrong(
    open_console: OpenConsole, pictures: Pictures
) -> None:
    async with open_console(prepare=pictures.offer) as console:
        await console.type('/image "my shot.png"')
        await console.press("enter")
        await console.until(lambda: console.prompt.text == f"{TOKEN} ")
        await console.press("ctrl+c")
        await console.type("/image nowhere.png")
        await console.press("enter")
        await console.until(lambda: bool(console.app._notifications))
        assert "cannot be read" in next(iter(console.app._notifications)).message
        assert console.prompt.text == "/image nowhere.png"
        assert console.session.asked("submit") == []


async def test_a_draft_with_an_image_is_kept_as_a_mention_and_becomes_a_token_again(
    open_console: OpenConsole, pictures: Pictures
) -> None:
    async with open_console(prepare=pictures.offer) as console:
        await paste(console, str(pictures.shot))
        await console.until(lambda: TOKEN in console.prompt.text)
    draft = console.session.draft
    assert draft == f'@"{pictures.shot}"'

    def again(session: FakeSession) -> None:
        pictures.offer(session)
        session.draft = draft

    async with open_console(prepare=again) as console:
        await console.until(lambda: console.prompt.text == TOKEN)


async def test_a_line_with_an_image_is_brought_back_at_the_next_start(
    open_console: OpenConsole, pictures: Pictures
) -> None:
    async with open_console(prepare=pictures.offer) as console:
        await paste(console, str(pictures.shot))
        await console.until(lambda: TOKEN in console.prompt.text)
        await console.press("enter")
    async with open_console(prepare=pictures.offer) as console:
        await console.until(lambda: bool(console.prompt.past.entries))
        await console.press("up")
        await console.until(lambda: console.prompt.text == TOKEN)
        await console.press("enter")
        assert console.session.asked("submit") == [(TOKEN, Boundary.NEXT_PREFLIGHT, IMAGE)]


async def test_an_edited_line_loses_the_image_whose_token_was_deleted(
    open_console: OpenConsole, pictures: Pictures
) -> None:
    async with open_console(prepare=pictures.offer) as console:
        await console.type("see ")
        await paste(console, str(pictures.shot))
        await console.until(lambda: TOKEN in console.prompt.text)
        await console.press("enter", "alt+up")
        assert console.prompt.text == f"see {TOKEN}"
        await console.press("backspace", "x", "enter")
        assert console.session.asked("release") == [("feedback-1", "see x", ())]


async def test_the_transcript_names_the_images_of_a_line_live_and_replayed(
    open_console: OpenConsole,
) -> None:
    image = IMAGE.as_json()
    queued = FeedbackStateChanged(
        SESSION_ID,
        "f1",
        FeedbackState.QUEUED,
        Boundary.NEXT_PREFLIGHT,
        content="see this",
        images=[image],
    )
    entered = [queued, scenes.claimed("f1"), *scenes.run_start("see this")[1:2]]
    message = {"role": "user", "content": "see this", "feedback_id": "f1"}
    second = {**image, "name": "found [b]\x1b.png"}
    recorded = MessageRecorded(SESSION_ID, {**message, "images": [image, second]})
    for past, live in ([], [*entered, recorded]), ([*entered, recorded], []):
        async with open_console(*past, load=load_parts, size=(80, 30)) as console:
            await console.emit(*live)
            rows = "\n".join(console.get(Transcript).render_line(y).text for y in range(8))
            assert "▣ shot.png · 640×480 PNG · 12 KB" in rows
            assert "▣ found [b]␛.png · 640×480 PNG · 12 KB" in rows


def test_images_of_a_log_are_read_whatever_it_holds() -> None:
    assert images_of(None) == images_of("x") == images_of([1, "y", None]) == ()
    assert images_of([{"width": -1, "height": True, "bytes": "9"}]) == (ShownImage("", ""),)
    assert images_of([{}])[0].words == "image · image"


@given(st.text())
def test_no_paste_raises_and_only_names_of_images_are_found(text: str) -> None:
    assert all("." in path for path in dropped_images(text))
    written_path(text)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("/a/b.png", ["/a/b.png"]),
        ("'/a/b c.PNG' /d.jpeg", ["/a/b c.PNG", "/d.jpeg"]),
        ("/a/b c.png", ["/a/b c.png"]),
        ("/it's.png", ["/it's.png"]),
        ("file:///a/b%20c.webp", ["/a/b c.webp"]),
        ("/a/b.png and more", []),
        ("two\nlines.png", ["two\nlines.png"][:0]),
        ("", []),
    ],
)
def test_paths_are_read_as_terminals_write_them(text: str, paths: list[str]) -> None:
    assert dropped_images(text) == paths


def test_tokens_count_on_from_the_images_of_the_session() -> None:
    tokens = ImageTokens()
    tokens.begin_at(4)
    text = f"{tokens.add(IMAGE, 'a.png')} {tokens.add(AttachedImage('x', 'image/gif', 'b'), 'b c')}"
    assert text == "[image #4, 640×480 PNG] [image #5, GIF]"
    assert tokens.as_mentions(f"{text} [image #9, PNG]") == '@a.png @"b c" [image #9, PNG]'
