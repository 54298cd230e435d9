"""The first-run screen: which provider answers, in the place of the welcome, a key for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from textual.content import Content

from harn_tui.console.actions import key_of
from harn_tui.console.click_target import clickable
from harn_tui.console.opening_words import OPENING
from harn_tui.console.plain_text import one_line
from harn_tui.console.ports import FirstRun, StartOffer
from harn_tui.errors import HarnError

MOST_OFFERS = 4
"""Keys for offers; a well-known server more would have none."""


class FirstChoice:
    """What the keys for the choice do.

    ``say`` shows words in the place of the welcome, ``say_state`` in the status line; ``tell``
    shows a sentence for a while.
    """

    def __init__(
        self,
        say: Callable[[Content], None],
        say_state: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        self._say = say
        self._say_state = say_state
        self._tell = tell
        self._first_run: FirstRun | None = None
        self._chosen: asyncio.Future[int] | None = None
        self._offers: Sequence[StartOffer] = ()
        self._is_kept = True
        self._start_work: Callable[[Awaitable[None]], object] | None = None

    async def ask(self, first_run: FirstRun, run_work: Callable[[Awaitable[None]], object]) -> None:
        """Let a person choose if there is anything to choose from; returns once that is done.

        ``run_work`` runs what takes time on behalf of a key. May raise HarnError.
        """
        self._offers = (await first_run.find())[:MOST_OFFERS]
        if not self._offers:
            return
        self._first_run, self._start_work = first_run, run_work
        self._chosen = asyncio.get_running_loop().create_future()
        self._say(choice_content(self._offers))
        self._say_state("waiting for your choice")
        place = await self._chosen
        self._chosen = None
        self._say_state(OPENING)
        self._say(Content(f"Starting with {one_line(self._offers[place].name)}."))
        await first_run.choose(self._offers[place])
        self._is_kept = self._offers[place].is_usual

    @property
    def hint(self) -> str:
        """A line for the welcome: that the choice can be kept; empty when there was none."""
        return (
            ""
            if self._is_kept
            else f"{key_of('remember_choice')} keeps this choice for new sessions."
        )

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action of the choice calls."""
        keys = {f"choose_{place + 1}": partial(self._choose, place) for place in range(MOST_OFFERS)}
        return keys | {"remember_choice": self._remember}

    def _choose(self, place: int) -> None:
        chosen = self._chosen
        if chosen is not None and not chosen.done() and place < len(self._offers):
            chosen.set_result(place)

    def _remember(self) -> None:
        first_run = self._first_run
        if self._is_kept or first_run is None or self._start_work is None:
            self._tell("There is no choice to keep: this session has the usual provider.")
        else:
            self._start_work(self._keep(first_run))

    async def _keep(self, first_run: FirstRun) -> None:
        try:
            path = await asyncio.to_thread(first_run.remember)
        except HarnError as error:
            self._tell(str(error))
            return
        self._is_kept = True
        self._tell(f"New sessions start with this provider: {one_line(path)} says so now.")


def choice_content(offers: Sequence[StartOffer]) -> Content:
    """Return the words of the screen: a line an offer, with its key."""
    width = max(len(one_line(offer.name)) for offer in offers)
    lines = [Content.styled("Which model shall answer?", "bold $foreground"), Content("")]
    for place, offer in enumerate(offers, start=1):
        line = Content.assemble(
            (f"{key_of(f'choose_{place}')}  ", "$accent"),
            (f"{one_line(offer.name):<{width}}  ", "bold $foreground"),
            (one_line(offer.detail), "$muted"),
        )
        lines.append(clickable(line, f"choose_{place}"))
    lines += [
        Content(""),
        Content(
            "No provider is configured, and no key is set (ANTHROPIC_API_KEY, OPENAI_API_KEY)."
        ),
        Content("What you type and send meanwhile waits for your choice."),
    ]
    return Content("\n").join(lines)
