"""The list above the prompt and the keys that act on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import Any

from harn_tui.console.action import Action
from harn_tui.console.completion.candidate import Candidate, ListState
from harn_tui.console.completion.completer import Completer
from harn_tui.console.completion.list_widget import CompletionList
from harn_tui.console.completion.sources import CompletionSources
from harn_tui.console.ports import Clock
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.prompt_ports import PromptSourcesPort


class Completing:
    """Connects the prompt with its list. ``commands`` are the actions usable now, by name."""

    def __init__(
        self,
        prompt: Prompt,
        *,
        commands: Callable[[], Mapping[str, Action]],
        recent: Callable[[], Collection[str]],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        now_ms: Clock,
    ) -> None:
        self.widget = CompletionList(self._choose)
        self.on_chosen: Callable[[str, str], object] = lambda _typed, _label: None
        """Called with what was put into the prompt, without its space, and its entry's label."""
        self.sources = CompletionSources(commands, recent, now_ms)
        self._prompt = prompt
        self._completer = Completer(self.sources, self._show, spawn)

    def attach(self, session: PromptSourcesPort) -> None:
        """Take what the session offers."""
        self.sources.attach(session)
        session.subscribe(self._completer.refresh_offer)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action of the list calls."""
        return {
            "complete": self._complete,
            "list_up": partial(self._completer.move, -1),
            "list_down": partial(self._completer.move, 1),
            "list_close": self._completer.dismiss,
        }

    def text_changed(self) -> None:
        """Follow an edit. A text that was put there, such as an older line, opens no list."""
        if self._prompt.is_as_put:
            self._completer.close()
        else:
            self._follow(may_open=True)

    def cursor_moved(self) -> None:
        """Follow the cursor; it opens no list."""
        if self._completer.state is not None:
            self._follow(may_open=False)

    def close(self) -> None:
        """Hide the list."""
        self._completer.close()

    def take_enter(self) -> bool:
        """Complete what is typed; false when Enter is to send: all of it is typed already."""
        state = self._completer.state
        chosen = state.chosen if state is not None else None
        if state is None or chosen is None or chosen.needs_tab:
            return False
        typed = self._prompt.text[state.offer.start : self._prompt.cursor_index]
        if typed == chosen.insertion.rstrip():
            return False
        self._insert(state.offer.start, chosen)
        return True

    def _follow(self, *, may_open: bool) -> None:
        prompt = self._prompt
        self._completer.refresh(prompt.text, prompt.cursor_index, may_open=may_open)

    def _complete(self) -> None:
        state = self._completer.state
        if state is not None and state.chosen is not None:
            self._insert(state.offer.start, state.chosen)

    def _choose(self, index: int) -> None:
        self._completer.select(index)
        self._complete()
        self._prompt.focus()

    def _insert(self, start: int, candidate: Candidate) -> None:
        self._prompt.complete(start, candidate.insertion)
        self.on_chosen(candidate.insertion.rstrip(), candidate.label)

    def _show(self, state: ListState | None) -> None:
        self._prompt.is_completing = state is not None
        self.widget.show(state)
