"""The model that a session's calls go to: the one in force, and the one that a person chose next.

Whoever chooses is answered at once; the loop takes the choice up at its next preflight, and a
session without a run at once. Each step is an event (docs/events.md, ``model_switch``).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from harn_tui.errors import HarnError
from harn_tui.events.host import ModelSwitch, Notice
from harn_tui.events.record import Record
from harn_tui.kinds import NoticeLevel, SwitchState
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.loop.model_switch import switched_to
from harn_tui.loop.tool_set import check_search
from harn_tui.providers.base import ModelFacts
from harn_tui.session.discovered_facts import DiscoveredFacts
from harn_tui.session.model_offers import BoundModel, ModelDesk, ProviderOffer
from harn_tui.session.model_words import NamedModel, find_model
from harn_tui.session.parts import SessionParts
from harn_tui.sinks.emit import emit

OVERTAKEN = "Another model was chosen meanwhile."
"""What comes of a choice when a later one was made before its model was found."""


class SessionModels:
    """Owns the choice of model of one open session. ``is_running`` tells whether a run is on."""

    def __init__(self, parts: SessionParts, is_running: Callable[[], bool]) -> None:
        self._session_id = parts.session_id
        self._options = parts.options
        self._files = parts.files
        self._desk: ModelDesk | None = parts.model_desk
        self.is_running = is_running
        """Tells whether a run is on."""
        first = self._in_force = self._wanted = parts.first_model
        self._known: list[ModelInUse] = [first]
        self._searches: list[DiscoveredFacts] = []
        self._choices = 0
        self._is_closed = False
        self._search_facts(BoundModel(first, parts.discover_context_window))

    @property
    def provider_name(self) -> str:
        """The configured name of the provider in force."""
        return self._in_force.provider.name

    @property
    def model(self) -> str:
        """The name of the model in force."""
        return self._in_force.model

    @property
    def context_window(self) -> int | None:
        """The window of the model in force in tokens, ``None`` while nobody knows it."""
        return self._in_force.facts.context_window

    @property
    def in_force(self) -> ModelInUse:
        """What calls went to until now: the choice of a person counts once the loop has made it."""
        return self._in_force

    def current(self) -> ModelInUse:
        """Return what the next call goes to."""
        return self._wanted

    def start(self) -> None:
        """Begin to ask for what the model's facts do not tell."""
        for search in self._searches:
            search.start()

    async def wait(self, seconds: float) -> None:
        """Wait for what is being asked for, ``seconds`` at most."""
        await asyncio.gather(*(search.wait(seconds) for search in self._searches))

    async def stop(self) -> None:
        """Give up asking, and close what was built here."""
        self._is_closed = True
        await asyncio.gather(*(search.stop() for search in self._searches))
        if self._desk is not None:
            await self._desk.aclose()

    async def offers(self, tell: Callable[[ProviderOffer], None]) -> None:
        """Call ``tell`` with each provider, at first as it stands, and again once it was asked.

        Returns when all were asked, or did not answer in time. Raises HarnError.
        """
        desk = self._open_desk()

        async def ask(offer: ProviderOffer) -> None:
            tell(await desk.ask(offer))

        found = await desk.providers()
        for offer in found:
            tell(offer)
        await asyncio.gather(*map(ask, found))

    async def switch_to(self, words: str) -> str:
        """Go over to what ``words`` name (``session.model_words``); return what comes of it.

        Raises HarnError; all stays as it was then.
        """
        desk = self._open_desk()
        if not words.strip():
            raise HarnError("No model is named.", hint="Give the name of a model.")
        return await self._go_over(
            desk, lambda: find_model(words.strip(), desk, provider=self.provider_name)
        )

    async def switch(self, offer: ProviderOffer, model: str) -> str:
        """Go over to ``model`` of ``offer``; return what comes of it. Raises HarnError."""

        async def named() -> NamedModel:
            return NamedModel(offer, model)

        return await self._go_over(self._open_desk(), named)

    def take(self, record: Record) -> None:
        """Note that the choice is in force."""
        event = record.event
        if isinstance(event, ModelSwitch) and event.state is SwitchState.ACTIVE:
            self._in_force = self._wanted
            if self._files is not None:
                self._files.save_model(event.provider, event.model)

    def settle(self) -> None:
        """Put the choice in force when no run is there to do it."""
        if not self._is_same(self._wanted, self._in_force) and not self.is_running():
            emit(switched_to(self._session_id, self._wanted, SwitchState.ACTIVE))

    async def _go_over(self, desk: ModelDesk, find: Callable[[], Awaitable[NamedModel]]) -> str:
        """The newest choice counts: one that was overtaken while it was looked for does nothing."""
        self._choices += 1
        number = self._choices
        named = await find()
        bound = await desk.bind(named.offer, named.model)
        check_search(
            self._options,
            model=bound.model.model,
            has_native_tool_search=bound.model.has_native_tool_search,
        )
        if self._is_closed:
            raise HarnError("The session is closed.")
        if number != self._choices:
            return OVERTAKEN
        for warning in (*bound.warnings, *([named.note] if named.note else [])):
            emit(Notice(self._session_id, NoticeLevel.WARNING, warning))
        return self._choose(bound)

    def _choose(self, bound: BoundModel) -> str:
        wanted = self._remembered(bound)
        name = f"{wanted.model} ({wanted.provider.name})"
        before, self._wanted = self._wanted, wanted
        if self._is_same(wanted, before):
            when = "already" if self._is_same(wanted, self._in_force) else "with the next call"
            return f"{name} is in use {when}."
        if not self.is_running():
            self.settle()
            return f"{name} is in use from now on."
        emit(switched_to(self._session_id, wanted, SwitchState.PENDING))
        if self._is_same(wanted, self._in_force):
            return f"{name} stays in use."
        return f"{name} takes over with the next model call."

    def _remembered(self, bound: BoundModel) -> ModelInUse:
        """Return the model with all that has been found out of it."""
        for known in self._known:
            if self._is_same(known, bound.model):
                return known
        self._known.append(bound.model)
        self._search_facts(bound).start()
        return bound.model

    def _search_facts(self, bound: BoundModel) -> DiscoveredFacts:
        def found(facts: ModelFacts) -> None:
            self._known = [self._with_facts(one, bound.model, facts) for one in self._known]
            self._in_force = self._with_facts(self._in_force, bound.model, facts)
            self._wanted = self._with_facts(self._wanted, bound.model, facts)

        search = DiscoveredFacts(bound.model.facts, bound.discover, found)
        self._searches.append(search)
        return search

    def _with_facts(self, one: ModelInUse, other: ModelInUse, facts: ModelFacts) -> ModelInUse:
        return replace(one, facts=facts) if self._is_same(one, other) else one

    @staticmethod
    def _is_same(one: ModelInUse, other: ModelInUse) -> bool:
        return one.provider is other.provider and one.model == other.model

    def _open_desk(self) -> ModelDesk:
        if self._is_closed:
            raise HarnError("The session is closed.", hint="Take it up again with --continue.")
        if self._desk is None:
            raise HarnError("The model of this session cannot be changed.")
        return self._desk
