"""Carries out what a line behind ``/`` asks for: an action, or a prompt of an MCP server."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from harn_tui.console.action import Action
from harn_tui.console.completion.command_names import commands_of
from harn_tui.console.plain_text import one_line
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.prompt_ports import OfferedPrompt, PromptSourcesPort
from harn_tui.errors import HarnError
from harn_tui.prompt_lines.mentions import find_mentions
from harn_tui.prompt_lines.slash import command_asked_for, read_values


class SlashCommands:
    """``all_actions`` and ``usable_actions`` are those of the palette; ``perform`` does one by id,
    and ``takes_text`` has what some do with the words behind their names, and with the prompt.

    ``tell`` shows a warning to the person, ``confirm`` what is going on. ``spawn`` runs a
    coroutine whose owner ends it with the screen.
    """

    def __init__(
        self,
        prompt: Prompt,
        *,
        all_actions: Callable[[], Sequence[Action]],
        usable_actions: Callable[[], Sequence[Action]],
        perform: Callable[[str], object],
        takes_text: Mapping[str, Callable[[str], object]],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        tell: Callable[[str], None],
        confirm: Callable[[str], None],
    ) -> None:
        self._prompt = prompt
        self._all_actions = all_actions
        self._usable_actions = usable_actions
        self._perform = perform
        self._takes_text = takes_text
        self._spawn = spawn
        self._tell = tell
        self._confirm = confirm
        self._sources: PromptSourcesPort | None = None

    def attach(self, sources: PromptSourcesPort) -> None:
        """Take what the session offers."""
        self._sources = sources

    def usable(self) -> Mapping[str, Action]:
        """Return the actions that can be done now, by the name that is typed."""
        return commands_of(self._usable_actions())

    def asks(self) -> bool:
        """Whether the prompt's text asks for a command, a known or an unknown one."""
        return self._asked() is not None

    def take(self) -> bool:
        """Do what the prompt's text asks for; false when the text is to be sent.

        Raises HarnError for what cannot be done; the text stays then.
        """
        asked = self._asked()
        if asked is None:
            return False
        name, rest = asked
        prompts = self._prompts()
        actions = commands_of(self._all_actions())
        if name in actions:
            self._act(name, actions[name], rest)
        elif name in prompts:
            self._ask_server(prompts[name], rest)
        else:
            raise _unknown(name, [*actions, *prompts])
        return True

    def _asked(self) -> tuple[str, str] | None:
        known = [*commands_of(self._all_actions()), *self._prompts()]
        return command_asked_for(self._prompt.real_text, known)

    def _prompts(self) -> dict[str, OfferedPrompt]:
        prompts = self._sources.prompts() if self._sources is not None else ()
        return {prompt.command: prompt for prompt in prompts}

    def _act(self, name: str, action: Action, rest: str) -> None:
        take_text = self._takes_text.get(action.id)
        if rest and take_text is None:
            raise HarnError(
                f"/{name} is a command and takes nothing behind it.",
                hint="To send the line as text, put a space before it.",
            )
        if name not in self.usable():
            raise HarnError(f"/{name} has nothing to act on now.")
        if rest and take_text is not None:
            take_text(rest)
        else:
            self._prompt.take()
            self._perform(action.id)

    def _ask_server(self, prompt: OfferedPrompt, rest: str) -> None:
        required = [argument.name for argument in prompt.arguments if argument.is_required]
        names = [argument.name for argument in prompt.arguments]
        values = read_values(rest, names, required)
        self._confirm(f"Asking for /{one_line(prompt.command)}…")
        self._spawn(self._fill(prompt.command, values, self._prompt.text))

    async def _fill(self, command: str, values: Mapping[str, str], line: str) -> None:
        """Put the server's text in the place of ``line``, which stays when there is none."""
        assert self._sources is not None
        try:
            text = disarmed(await self._sources.fill_prompt(command, values))
        except HarnError as error:
            self._tell(str(error))
            return
        prompt = self._prompt
        prompt.past.add(line)
        if prompt.text == line:
            prompt.put(text)
            self._confirm("Here it is. Enter sends it.")
        else:
            prompt.past.add(text)
            self._tell(f"/{one_line(command)} is there: Up in an empty prompt brings it.")


def disarmed(text: str) -> str:
    """Return a server's text with a backslash before each mention: only a person mentions."""
    starts = [mention.start for mention in find_mentions(text)]
    pieces, place = [], 0
    for start in starts:
        pieces.append(text[place:start])
        place = start
    text = "\\".join([*pieces, text[place:]])
    return re.sub(r"\A(?=/)", " ", text)


def _unknown(name: str, known: Sequence[str]) -> HarnError:
    close = get_close_matches(name, known, n=1)
    nearest = f" Did you mean /{one_line(close[0])}?" if close else ""
    return HarnError(
        f"There is no command /{one_line(name)}.{nearest}",
        hint="To send the line as text, put a space before it.",
    )
