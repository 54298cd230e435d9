"""What the console asks for on the first run: offers for its screen, and what became of them."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harn_tui.console.ports import StartOffer

if TYPE_CHECKING:
    from harn_tui.config.provider_choice import ProviderChoice
    from harn_tui.wiring.session_request import SessionRequest


class ConsoleFirstRun:
    """Finds what can be used without configuration. ``request`` is for the choice that was made.

    Nothing is imported before it is needed: the first frame does not wait for it.
    """

    def __init__(
        self,
        options: argparse.Namespace,
        find: Callable[[SessionRequest], tuple[ProviderChoice, ...]] | None = None,
    ) -> None:
        """``find`` takes the place of looking at environment and ports, in tests."""
        self._options = options
        self._find_choices = find
        self._choices: tuple[ProviderChoice, ...] = ()
        self._chosen: ProviderChoice | None = None

    @property
    def has_chosen(self) -> bool:
        """Whether a person made a choice, which then holds for every session of this start."""
        return self._chosen is not None

    def request(self) -> SessionRequest:
        """Return what the options and the choice ask for."""
        from harn_tui.cli.session_request import session_request

        request = session_request(self._options, is_attended=True)
        if self._chosen is None:
            return request
        from harn_tui.wiring.first_run import request_for

        return request_for(request, self._chosen)

    async def find(self) -> Sequence[StartOffer]:
        """Return what there is to choose from; see ``console.ports.FirstRun``."""
        self._choices = await asyncio.to_thread(self._find)
        return [_offer(key, choice) for key, choice in enumerate(self._choices)]

    async def choose(self, offer: StartOffer) -> None:
        """Take an offer; its server is asked which models it has."""
        from harn_tui.wiring.first_run import with_own_model

        self._chosen = await with_own_model(self._choices[offer.key])

    def remember(self) -> str:
        """Write the choice into the user's configuration; return its path. Raises HarnError."""
        from harn_tui.wiring.first_run import remember

        assert self._chosen is not None, "there is something to keep only after a choice"
        return remember(self._chosen)

    def _find(self) -> tuple[ProviderChoice, ...]:
        from harn_tui.wiring.first_run import first_offers

        return (self._find_choices or first_offers)(self.request())


def _offer(key: int, choice: ProviderChoice) -> StartOffer:
    if choice.kind == "demo":
        return StartOffer(key, "demo", "a stand-in: no model and no network", is_usual=True)
    where = urlsplit(choice.base_url or "").netloc
    return StartOffer(key, choice.name, f"something answers at {where}")
