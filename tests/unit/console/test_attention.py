from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.attention import Attention, best_way
from harn_tui.kinds import LoopStatus, Notifications
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView
from harn_tui.view.pending import PendingPermission, PendingQuestion
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.stand_ins import FakeClock, FakeSession

TITLE, SAVED, BELL = "\x1b]2;harn-tui: ", "\x1b[22;2t", "\x07"


class Desk:
    """A person's terminal; ``written`` is what reached it beside the screen."""

    def __init__(self, way: Notifications = Notifications.BELL, **environ: str) -> None:
        self.written: list[str] = []
        self.attention = Attention(self.written.append, environ)
        self.attention.way = way
        self.view = SessionView()

    def leave(self) -> None:
        self.attention.focus_changed(is_focused=False)

    def come_back(self) -> None:
        self.attention.focus_changed(is_focused=True)

    def frame(self) -> list[str]:
        """Draw one frame; return what it wrote."""
        before = len(self.written)
        self.attention.note(self.view)
        return self.written[before:]

    def start_run(self) -> list[str]:
        self.view.is_running = True
        return self.frame()

    def end_run(self, status: LoopStatus = LoopStatus.DONE) -> list[str]:
        self.view.is_running = False
        self.view.last_status = status
        return self.frame()

    def ask(self, request_id: str, tool: str = "run_command") -> list[str]:
        self.view.permissions.append(PendingPermission(request_id, "t1", tool, "", "", 0))
        return self.frame()


def test_a_question_of_the_model_calls_the_person() -> None:
    desk = Desk(Notifications.OSC9)
    desk.start_run()
    desk.leave()
    desk.view.questions.append(PendingQuestion("q1", "t1", "Tabs?", (), True, False, None, 0))
    assert any("a question: Tabs?" in text for text in desk.frame())


def test_nothing_is_written_while_the_terminal_is_in_front() -> None:
    desk = Desk()
    assert desk.start_run() + desk.ask("p1") + desk.frame() + desk.end_run() == []


def test_nothing_is_written_while_nothing_happens() -> None:
    desk = Desk()
    desk.leave()
    assert desk.frame() + desk.frame() == []
    desk.start_run()
    assert desk.frame() + desk.frame() == []


def test_the_end_of_a_run_calls_the_person_once() -> None:
    desk = Desk()
    desk.start_run()
    desk.leave()
    assert desk.end_run() == [BELL, f"{TITLE}done{BELL}"]
    assert desk.frame() == []


def test_what_another_session_did_is_no_news_of_the_one_that_is_shown() -> None:
    desk = Desk()
    desk.start_run()
    desk.ask("p1")
    desk.leave()
    desk.view = SessionView()
    desk.attention.forget()
    assert desk.frame() == []


def test_how_a_run_ended_is_said() -> None:
    for status, words in (
        (LoopStatus.CANCELLED, "interrupted"),
        (LoopStatus.BUDGET_EXHAUSTED, "ended: budget exhausted"),
    ):
        desk = Desk(Notifications.OSC9)
        desk.start_run()
        desk.leave()
        assert desk.end_run(status)[0] == f"\x1b]9;harn-tui: {words}\x07"


def test_each_new_approval_calls_and_an_answered_one_does_not() -> None:
    desk = Desk()
    desk.start_run()
    desk.leave()
    assert BELL in desk.ask("p1")
    assert BELL in desk.ask("p2", "write_file")
    desk.view.permissions.pop()
    assert BELL not in desk.frame()


def test_the_title_tells_the_state_from_the_moment_the_person_leaves() -> None:
    desk = Desk()
    desk.start_run()
    desk.leave()
    assert desk.written == [f"{SAVED}{TITLE}working{BELL}"]


def test_coming_back_restores_the_title_once() -> None:
    desk = Desk()
    desk.start_run()
    desk.leave()
    desk.written.clear()
    desk.come_back()
    desk.come_back()
    assert desk.written == [f"\x1b]2;harn-tui{BELL}\x1b[23;2t"]


def test_leaving_an_idle_console_writes_nothing() -> None:
    desk = Desk()
    desk.leave()
    desk.come_back()
    desk.leave()
    assert desk.written == []


def test_notifications_can_be_switched_off() -> None:
    desk = Desk(Notifications.OFF)
    desk.start_run()
    desk.leave()
    assert desk.ask("p1") + desk.end_run() == []
    assert desk.written == []


def test_the_way_follows_from_the_terminal() -> None:
    assert best_way({"TERM_PROGRAM": "iTerm.app"}) is Notifications.OSC9
    assert best_way({"KITTY_WINDOW_ID": "1", "TERM": "xterm-kitty"}) is Notifications.OSC9
    assert best_way({"TERM": "rxvt-unicode-256color"}) is Notifications.OSC777
    assert best_way({"TERM": "xterm-256color"}) is Notifications.BELL
    assert best_way({"TERM_PROGRAM": "WezTerm", "TMUX": "/tmp/x"}) is Notifications.BELL


def test_in_tmux_a_chosen_sequence_is_passed_through() -> None:
    desk = Desk(Notifications.OSC777, TMUX="/tmp/x")
    desk.start_run()
    desk.leave()
    sent = desk.ask("p1")[0]
    assert sent == ("\x1bPtmux;\x1b\x1b]777;notify;harn-tui;approval needed: run_command\x07\x1b\\")


@given(st.text())
def test_no_name_can_reach_into_the_sequence(name: str) -> None:
    desk = Desk(Notifications.OSC777)
    desk.start_run()
    desk.leave()
    for sent in desk.ask("p1", name):
        bare = sent.removeprefix(SAVED)
        for known in ("\x1b]777;notify;harn-tui;", "\x1b]2;"):
            bare = bare.removeprefix(known)
        assert bare.endswith(BELL)
        assert bare[:-1].isprintable()
        assert ";" not in bare


async def test_a_console_in_the_background_calls_for_an_approval(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        written: list[str] = []
        console.app.attention._write = written.append
        session: FakeSession = console.session
        session.is_running = True
        await console.emit(scenes.session_start(), *scenes.busy_turn())
        assert written == []
        console.app.app_focus = False
        await console.emit(scenes.asks("p1", "t3", "run_command"))
        assert BELL in written
        console.app.app_focus = True
        await console.settle()
        assert written[-1].endswith("\x1b[23;2t")


def test_the_state_of_a_real_log_is_told() -> None:
    desk, session = Desk(), FakeSession(FakeClock())
    session.subscribe(lambda record: (apply(desk.view, record), None)[1])
    desk.leave()
    session.emit(scenes.session_start(), *scenes.busy_turn())
    assert desk.frame() == [f"{SAVED}{TITLE}working{BELL}"]
    session.emit(scenes.run_end())
    assert desk.frame() == [BELL, f"{TITLE}done{BELL}"]
