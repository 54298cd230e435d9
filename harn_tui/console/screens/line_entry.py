"""What a line can hold beside words for the model: commands, and mentions that are looked up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from harn_tui.console.completion.recent import RecentPaths
from harn_tui.console.models.switching import ModelSwitching
from harn_tui.console.ports import Clock, ConsoleSession
from harn_tui.console.prompt.history_entry import HistoryEntry
from harn_tui.console.prompt.history_keeper import HistoryKeeper
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.attaching import Attaching
from harn_tui.console.screens.completing import Completing
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.screens.prompt_windows import PromptWindows
from harn_tui.console.screens.server_list import ServerList
from harn_tui.console.screens.slash_commands import SlashCommands
from harn_tui.console.screens.steering import Steering
from harn_tui.console.screens.usable import Situation, usable_actions
from harn_tui.console.screens.vim_switch import VimSwitch
from harn_tui.console.startup import load_history_file
from harn_tui.errors import HarnError
from harn_tui.kinds import Boundary
from harn_tui.prompt_lines.shell_line import begins_as_command, shell_command_of
from harn_tui.view.model import SessionView, UserBlock

MAX_HISTORY_BLOCKS = 2000

log = logging.getLogger(__name__)


class LineEntry:
    """The prompt's line from its first letter to where it goes.

    ``takers`` are asked in turn whether Enter means something to them. ``situation`` says what
    there is to act on. ``tell`` shows a warning to the person, ``confirm`` what is going on.
    ``say_mode`` shows what keys mean in the prompt.
    """

    def __init__(
        self,
        screen: PerformingScreen,
        prompt: Prompt,
        steering: Steering,
        *,
        takers: Sequence[Callable[[], bool]],
        situation: Callable[[], Situation],
        tell: Callable[[str], None],
        confirm: Callable[[str], None],
        say_mode: Callable[[str], None],
        now_ms: Clock,
        takes_text: Mapping[str, Callable[[str], object]],
    ) -> None:
        self._screen = screen
        self._prompt = prompt
        self._steering = steering
        self._tell = tell
        self._confirm = confirm
        self._session: ConsoleSession | None = None
        self._recent = RecentPaths()
        self._models = ModelSwitching(screen, spawn=self._spawn, tell=tell, confirm=confirm)
        self._history = HistoryKeeper(prompt.past, tell)
        self.attaching = Attaching(prompt, spawn=self._spawn, tell=tell)
        self._slash = SlashCommands(
            prompt,
            all_actions=screen.palette_actions,
            usable_actions=lambda: usable_actions(screen.palette_actions(), situation()),
            perform=screen.action_perform,
            takes_text={
                **{name: self._then_clear(act) for name, act in takes_text.items()},
                "switch_model": self._then_clear(self._models.name_it),
                "attach_image": self.attaching.command,
            },
            spawn=self._spawn,
            tell=tell,
            confirm=confirm,
        )
        self.completing = Completing(
            prompt,
            commands=self._slash.usable,
            recent=self._recent,
            spawn=self._spawn,
            now_ms=now_ms,
        )
        self.completing.on_chosen = self.attaching.chosen
        self.windows = PromptWindows(screen, prompt, spawn=self._spawn, tell=tell, confirm=confirm)
        self._vim = VimSwitch(
            prompt,
            spawn=self._spawn,
            say_mode=say_mode,
            search_history=lambda: screen.action_perform("search_history"),
            close_list=self.completing.close,
        )
        self._takers = (self.completing.take_enter, prompt.take_backslash, *takers)

    def _then_clear(self, act: Callable[[str], object]) -> Callable[[str], None]:
        """Have ``act`` take the words of a command, and the prompt be empty when it did."""

        def act_and_clear(words: str) -> None:
            act(words)
            self._prompt.take()

        return act_and_clear

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._screen.run_worker(self._guarded(work))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            # boundary: what only helps a person to type must not end the console
            log.exception("help with typing failed")
            self._tell(f"Internal error: {error}. See the log file.")

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the actions of the list above the prompt, models and history call."""
        own = {"compact": self._compact, "mcp": self._show_servers}
        return self.completing.commands() | self._models.commands() | own

    def _compact(self) -> None:
        if self._session is None:
            raise HarnError("The session is not open yet.")
        self._confirm(self._session.compaction.ask())

    def _show_servers(self) -> None:
        if self._session is None:
            raise HarnError("The session is not open yet.")
        self._screen.app.push_screen(ServerList(self._session.prompt_sources.servers()))

    def follow_prompt(self) -> None:
        """Begin to watch cursor and focus; the prompt is on the screen by now."""
        watch = partial(self._screen.watch, self._prompt, init=False)
        watch("selection", self._cursor_moved)
        watch("has_focus", self._focus_changed)
        self._screen.watch(self._screen.app, "vim_mode", self._vim.turn)

    def _cursor_moved(self) -> None:
        self.completing.cursor_moved()

    def _focus_changed(self, has_focus: bool) -> None:
        if not has_focus:
            self.completing.close()

    def text_changed(self) -> None:
        """Keep the draft, and offer what fits to what is typed."""
        self._steering.text_changed()
        self.completing.text_changed()

    def attach(self, session: ConsoleSession, view: SessionView) -> None:
        """Take the session and what it offers."""
        self._session = session
        blocks = [b for b in view.blocks[-MAX_HISTORY_BLOCKS:] if isinstance(b, UserBlock)]
        # A line with images is brought back by the file, which says where they are.
        said = [block.text for block in blocks if not block.images]
        self._prompt.past.seed(map(HistoryEntry, said))
        self._history.open(partial(load_history_file, session.cwd))
        self._recent.attach(view, str(session.cwd))
        self._slash.attach(session.prompt_sources)
        self._models.attach(session.models, view)
        self.attaching.attach(session, view)
        self.attaching.take_mentions()
        self.completing.attach(session.prompt_sources)

    async def close(self) -> None:
        """Write what is to be remembered for the next start."""
        await self._history.close()

    def send(self, boundary: Boundary) -> None:
        """Do what the line asks for, else send it. Raises HarnError; the text then stays."""
        is_enter = boundary is Boundary.NEXT_PREFLIGHT
        if is_enter and any(take() for take in self._takers):
            return
        if not self._take_command():
            self._steering.send(boundary)

    def _take_command(self) -> bool:
        text = self._prompt.real_text
        command = shell_command_of(text)
        if command is None and not self._slash.asks():
            if begins_as_command(text) and not self._steering.is_editing:
                raise HarnError(
                    "What ! runs is one line, and these are several.",
                    hint="Join them with && or ;. To send them as text, put a space before the !.",
                )
            return False
        if self._steering.is_editing:
            self._tell("A queued line is being edited. Finish that first.")
        elif command is None:
            self._slash.take()
        elif self._session is None:
            self._steering.send(command=command)
        else:
            self._session.prompt_sources.shell.run(command)
            self._prompt.take()
        return True
