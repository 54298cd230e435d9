"""The list above the prompt: what it offers, and what its keys do."""

import asyncio

import pytest

from harn_tui.console.completion.candidate import MAX_CANDIDATES, Offer
from harn_tui.console.completion.file_index import MAX_AT_ONCE, STALE_MS
from harn_tui.console.completion.list_widget import MAX_ROWS, SHORT_MAX_ROWS, CompletionList
from harn_tui.console.completion.recent import recent_paths
from harn_tui.errors import HarnError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, ToolCallStatus, ToolKind
from harn_tui.view.model import Block, ToolBlock, UserBlock
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import (
    FakeAgent,
    FakeArgument,
    FakeListing,
    FakePrompt,
    FakeResource,
    FakeSession,
)

PATHS = ("README.md", "docs/prompt.md", "src/app.py", "src/two words.py", "src/deep/inner.py")
REVIEW = FakePrompt(
    "git:review",
    "Review a change",
    (FakeArgument("topic", "what to look at", is_required=True), FakeArgument("depth")),
)


def offering(session: FakeSession) -> None:
    session.prompt_sources.paths = PATHS
    session.prompt_sources.offered_resources = (
        FakeResource("git:file:///log.txt", "The log", "of the repository"),
    )
    session.prompt_sources.offered_prompts = (REVIEW, FakePrompt("git:hello", "Say hello"))


def offer(console: Console) -> Offer | None:
    state = console.screen._lines.completing._completer.state
    return None if state is None else state.offer


def labels(console: Console) -> list[str]:
    shown = offer(console)
    return [] if shown is None else [candidate.label for candidate in shown.candidates]


def rows(console: Console) -> list[str]:
    return [row.rstrip() for row in console.get(CompletionList).render().plain.split("\n")]


async def typed(console: Console, text: str) -> None:
    """Type ``text`` and wait until the list has all that fits."""
    for letter in text:
        key = {" ": "space", "/": "slash", "@": "at", '"': "quotation_mark", ".": "full_stop",
               "\n": "ctrl+j", ":": "colon", "=": "equals_sign", "-": "minus"}  # fmt: skip
        await console.pilot.press(key.get(letter, letter))
    await console.app.workers.wait_for_complete()
    await console.settle()


async def test_slash_lists_what_can_be_done_now_with_key_and_sentence(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering, size=(100, 40)) as console:
        await typed(console, "/")
        found = labels(console)
        assert {"help", "side-panel", "git:review", "git:hello"} <= set(found)
        assert "interrupt" not in found
        assert "cancel-an-agent" not in found
        assert "send-now" not in found
        assert not any(name.startswith("allow") for name in found)
        assert any("help" in r and "F1" in r and "Show every key" in r for r in rows(console))


async def test_commands_are_offered_while_a_run_is_busy(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        console.session.is_running = True
        console.session.agents.running = [FakeAgent("w1", "ann")]
        await typed(console, "/int")
        assert labels(console)[0] == "interrupt"
        await console.press("enter", "enter")
        assert console.session.asked("interrupt") == [()]
        assert console.prompt.text == ""


@pytest.mark.parametrize("key", ["tab", "enter"])
async def test_key_completes_and_enter_on_the_whole_command_runs_it(
    open_console: OpenConsole, key: str
) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "/hel")
        await console.press(key)
        assert console.prompt.text == "/help"
        assert console.app.screen is console.screen
        await console.press("enter")
        assert console.app.screen is not console.screen
        assert console.prompt.text == ""
        assert console.session.asked("submit") == []


async def test_arrows_move_and_go_round(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "@")
        first, second = labels(console)[:2]
        await console.press("down", "down", "up", "tab")
        assert second in console.prompt.text
        await console.press("ctrl+c")
        await typed(console, "@")
        await console.press("up")
        last = labels(console)[-1]
        await console.press("tab")
        assert last.split(" ")[0] in console.prompt.text
        assert first != last


async def test_escape_closes_the_list_and_nothing_else(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        console.session.is_running = True
        await typed(console, "see @re")
        assert labels(console)
        await console.press("escape")
        assert labels(console) == []
        assert console.prompt.text == "see @re"
        assert console.session.asked("interrupt") == []
        await typed(console, "a")
        assert labels(console) == []
        await typed(console, " @do")
        assert labels(console) == ["docs/", "docs/prompt.md"]


async def test_older_line_opens_no_list(open_console: OpenConsole) -> None:
    async with open_console(*scenes.run_start("/help"), prepare=offering) as console:
        await console.press("up")
        assert console.prompt.text == "/help"
        assert labels(console) == []
        await console.press("down")
        assert console.prompt.text == ""


async def test_list_follows_the_cursor_and_closes_behind_the_word(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "see @re")
        await console.press("home")
        assert labels(console) == []
        await console.press("end")
        assert labels(console) == []
        await typed(console, "a")
        assert labels(console) == ["README.md"]


async def test_mention_is_completed_within_a_line(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await console.type("see  now")
        await console.press("home", *["right"] * 4)
        await typed(console, "@app")
        await console.press("tab")
        assert console.prompt.text == "see @src/app.py now"
        await console.press("enter")
        assert console.session.asked("submit") == [("see @src/app.py now", Boundary.NEXT_PREFLIGHT)]


async def test_name_with_spaces_is_quoted(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "@two")
        await console.press("enter")
        assert console.prompt.text == '@"src/two words.py" '
        await console.press("ctrl+c")
        await typed(console, '@"src/two w')
        await console.press("enter")
        assert console.prompt.text == '@"src/two words.py" '


async def test_folder_goes_on_to_what_is_in_it(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "@src")
        assert labels(console)[0] == "src/"
        await console.press("tab")
        assert console.prompt.text == "@src/"
        await console.until(lambda: "src/app.py" in labels(console))
        await console.press("enter")
        assert console.session.asked("submit") == [("@src/", Boundary.NEXT_PREFLIGHT)]


async def test_whole_mention_is_sent_by_one_enter(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "@README.md")
        await console.press("enter")
        assert console.session.asked("submit") == [("@README.md", Boundary.NEXT_PREFLIGHT)]


async def test_range_and_words_with_an_at_sign_stay_as_typed(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "@src/app.py:3-9")
        assert labels(console) == []
        await console.press("enter")
        await typed(console, "ann@re")
        assert labels(console) == []


async def test_resource_is_found_by_its_name(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "@the")
        assert labels(console) == ["git:file:///log.txt"]
        await console.press("tab")
        assert console.prompt.text == "@git:file:///log.txt "


async def test_used_files_go_first(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        arguments: JsonObject = {"path": "src/deep/inner.py"}
        await console.emit(scenes.tool("t1", "read_file", ToolKind.READ, arguments))
        await typed(console, "@")
        assert labels(console)[:2] == ["git:file:///log.txt", "src/deep/inner.py"]


def test_recent_paths_are_those_of_mentions_and_calls() -> None:
    blocks: list[Block] = [
        UserBlock(0, "see @a.py and ann@b.org"),
        ToolBlock(0, "1", "read_file", ToolKind.READ, ToolCallStatus.COMPLETED, {"path": "./b.py"}),
        ToolBlock(
            0, "2", "read_file", ToolKind.READ, ToolCallStatus.COMPLETED, {"path": "/w/c.py"}
        ),
        ToolBlock(0, "3", "other", ToolKind.READ, ToolCallStatus.COMPLETED, {"path": 3}),
    ]
    assert recent_paths(blocks, "/w") == {"a.py", "b.py", "c.py"}


async def test_many_files_are_matched_beside_the_keys(open_console: OpenConsole) -> None:
    def prepare(session: FakeSession) -> None:
        count = MAX_AT_ONCE * 5
        session.prompt_sources.paths = tuple(f"src/part{n % 7}/file{n}.py" for n in range(count))
        session.prompt_sources.is_complete = False

    async with open_console(prepare=prepare) as console:
        await typed(console, "@file49")
        await console.until(lambda: bool(labels(console)))
        assert labels(console)[0] == "src/part0/file49.py"
        assert len(labels(console)) <= MAX_CANDIDATES
        await typed(console, "99")
        await console.until(lambda: labels(console) == ["src/part1/file4999.py"])
        await console.press("backspace", "backspace", "backspace")
        await console.until(lambda: len(labels(console)) == MAX_CANDIDATES)
        assert "Only the first 5,000 files are listed." in rows(console)[-1]


async def test_files_are_listed_again_only_when_the_list_is_old(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        sources = console.session.prompt_sources
        await typed(console, "@re")
        await typed(console, " @do")
        assert sources.listings == 1
        console.clock.advance(STALE_MS + 1)
        sources.paths = (*PATHS, "docs/new.md")
        await typed(console, "cs/n")
        assert sources.listings == 2
        assert labels(console) == ["docs/new.md"]


async def test_list_that_takes_its_time_says_so_and_enter_sends(open_console: OpenConsole) -> None:
    async with open_console() as console:
        hold = asyncio.Event()
        sources = console.session.prompt_sources
        whole_list = sources.list_files

        async def slowly() -> object:
            await hold.wait()
            return await whole_list()

        console.screen._lines.completing.sources.files.list_files = slowly  # type: ignore[assignment]
        sources.paths = PATHS
        await console.press("at")
        await console.until(lambda: "Listing the files" in rows(console)[0])
        hold.set()
        await console.until(lambda: "README.md" in labels(console))


@pytest.mark.parametrize("error", [HarnError("The disk is gone."), ValueError("a bug")])
async def test_list_that_cannot_be_read_is_told_and_typing_goes_on(
    open_console: OpenConsole, error: Exception
) -> None:
    async with open_console() as console:

        async def fail() -> FakeListing:
            raise error

        console.screen._lines.completing.sources.files.list_files = fail
        await typed(console, "see @x")
        told = [note.message for note in console.app._notifications]
        assert str(error) in "\n".join([*told, *rows(console)])
        await console.press("escape", "enter")
        assert console.session.asked("submit") == [("see @x", Boundary.NEXT_PREFLIGHT)]


async def test_unknown_command_is_told_and_not_sent(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        for key in ("enter", "alt+enter", "ctrl+s"):
            await console.type("/helpp me")
            await console.press(key)
            assert console.session.asked("submit") == []
            assert console.prompt.text == "/helpp me"
            await console.press("ctrl+c")
        notes = [note.message for note in console.app._notifications]
        assert "There is no command /helpp. Did you mean /help?" in notes[0]


@pytest.mark.parametrize("text", ["/usr/bin is a folder", " /help", "// no", "/* no */", "/"])
async def test_text_that_only_begins_with_a_slash_is_sent(
    open_console: OpenConsole, text: str
) -> None:
    async with open_console(prepare=offering) as console:
        await console.type(text)
        await console.press("escape", "enter")
        assert console.session.asked("submit") == [(text, Boundary.NEXT_PREFLIGHT)]


async def test_typed_command_answers_no_question(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await console.emit(
            scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "ls"}),
            scenes.asks("p1", "t1", "run_command"),
        )
        console.clock.advance(10_000)
        for command in ("/allow-once", "/deny", "/allow-for-this-session"):
            await console.type(command)
            await console.press("escape", "enter", "ctrl+c")
        assert console.session.asked("answer") == []
        assert console.session.asked("submit") == []


async def test_command_without_anything_to_act_on_says_so(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await console.type("/resume-the-queue")
        await console.press("escape", "enter")
        assert console.session.asked("resume_queue") == []
        assert console.prompt.text == "/resume-the-queue"


async def test_prompt_of_a_server_asks_for_its_arguments_and_comes_into_the_prompt(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "/git:rev")
        assert labels(console)[0] == "git:review"
        await console.press("tab")
        assert console.prompt.text == "/git:review "
        assert labels(console) == ["topic=", "depth="]
        await console.press("enter")
        assert console.session.prompt_sources.filled == []
        assert console.prompt.text == "/git:review "
        await console.press("tab")
        assert console.prompt.text == "/git:review topic="
        await typed(console, '"two words" d')
        assert labels(console) == ["depth="]
        await console.press("tab")
        await typed(console, "2")
        await console.press("enter")
        await console.until(lambda: console.prompt.text == "text of git:review")
        assert console.session.prompt_sources.filled == [
            ("git:review", {"topic": "two words", "depth": "2"})
        ]
        await console.press("enter")
        assert console.session.asked("submit") == [("text of git:review", Boundary.NEXT_PREFLIGHT)]


async def test_text_of_a_server_mentions_nothing_and_is_no_command(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering) as console:
        sources = console.session.prompt_sources
        sources.answer = asyncio.get_running_loop().create_future()
        sources.answer.set_result("/quit @README.md and a@b.c and `@code`")
        await console.type("/git:hello")
        await console.press("escape", "enter")
        await console.until(lambda: console.prompt.text.startswith(" "))
        assert console.prompt.text == " /quit \\@README.md and a@b.c and `@code`"


async def test_prompt_that_a_server_cannot_give_is_told_and_the_line_stays(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering) as console:
        sources = console.session.prompt_sources
        sources.answer = asyncio.get_running_loop().create_future()
        sources.answer.set_exception(HarnError("The server is gone."))
        await console.type("/git:hello")
        await console.press("escape", "enter")
        await console.until(lambda: bool(console.app._notifications))
        assert console.prompt.text == "/git:hello"


async def test_answer_that_comes_late_leaves_what_is_typed_meanwhile(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering) as console:
        sources = console.session.prompt_sources
        sources.answer = asyncio.get_running_loop().create_future()
        await console.type("/git:hello")
        await console.press("escape", "enter", "ctrl+c")
        await console.type("something else")
        sources.answer.set_result("the text")
        await console.until(lambda: bool(console.app._notifications))
        assert console.prompt.text == "something else"
        await console.press("ctrl+c", "up", "up")
        assert console.prompt.text == "the text"


async def test_click_completes_the_row(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "/h")
        second = labels(console)[1]
        await console.pilot.click(CompletionList, offset=(4, 1))
        await console.settle()
        assert console.prompt.text == f"/{second}"
        assert console.prompt.has_focus


async def test_list_scrolls_with_the_selection(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await typed(console, "/")
        found = labels(console)
        assert len(found) > MAX_ROWS
        await console.press(*["down"] * MAX_ROWS)
        assert found[0] not in rows(console)[0]
        assert rows(console)[MAX_ROWS - 1].startswith(f"› {found[MAX_ROWS]}")


async def test_small_screen_shows_a_few_rows_and_the_prompt(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering, size=(40, 10)) as console:
        await typed(console, "/")
        assert len(rows(console)) == SHORT_MAX_ROWS
        assert all(len(row) <= 40 for row in rows(console))
        assert console.get(CompletionList).region.bottom <= console.prompt.region.y
        assert console.prompt.region.bottom < 10
        await console.press("down", "enter", "enter")
        assert console.prompt.text == ""


async def test_hostile_names_are_shown_clean(open_console: OpenConsole) -> None:
    def prepare(session: FakeSession) -> None:
        session.prompt_sources.offered_prompts = (
            FakePrompt("x:[b]bold[/b]", "esc\x1b[31m\nnew line"),
            FakePrompt("x:line\nend", "never"),
        )

    async with open_console(prepare=prepare, size=(100, 30)) as console:
        await typed(console, "/x:")
        text = "\n".join(rows(console))
        assert labels(console) == ["x:[b]bold[/b]"]
        assert "[b]bold[/b]" in text
        assert "\x1b" not in text


async def test_offers_of_a_server_that_starts_meanwhile_come_into_the_list(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await typed(console, "/git:r")
        assert labels(console) == []
        offering(console.session)
        for listener in console.session.prompt_sources.listeners:
            listener()
        assert labels(console) == ["git:review"]
        await console.press("escape")
        for listener in console.session.prompt_sources.listeners:
            listener()
        assert labels(console) == []


async def test_shell_line_is_run_and_not_sent(open_console: OpenConsole) -> None:
    async with open_console() as console:
        for key in ("enter", "alt+enter"):
            await console.type("!make test")
            await console.press(key)
            assert console.prompt.text == ""
        assert console.session.prompt_sources.shell.commands == ["make test", "make test"]
        assert console.session.asked("submit") == []
        await console.press("up")
        assert console.prompt.text == "!make test"


async def test_escape_stops_the_own_command_before_the_run(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.session.is_running = True
        await console.type("!sleep 600")
        await console.press("enter", "escape")
        assert console.session.prompt_sources.shell.stops == 1
        assert console.session.asked("interrupt") == []
        await console.press("escape")
        assert console.session.asked("interrupt") == [()]


async def test_several_lines_behind_an_exclamation_mark_are_neither_run_nor_sent(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.type("!echo a\necho b")
        for key in ("enter", "alt+enter"):
            await console.press(key)
            assert console.prompt.text == "!echo a\necho b"
        assert console.session.prompt_sources.shell.commands == []
        assert console.session.asked("submit") == []
        assert all("one line" in told.message for told in console.app._notifications)
        assert console.app._notifications


@pytest.mark.parametrize("text", [" !ls", "!!", "!= is not", " !one\ntwo", "!\ntwo"])
async def test_text_that_is_no_shell_line_is_sent(open_console: OpenConsole, text: str) -> None:
    async with open_console() as console:
        await console.type(text)
        await console.press("enter")
        assert console.session.asked("submit") == [(text, Boundary.NEXT_PREFLIGHT)]
        assert console.session.prompt_sources.shell.commands == []
