"""The models of a session in plain sentences: which there are, and going over to one."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from harn_tui.errors import HarnError
from harn_tui.session.background_work import BackgroundWork
from harn_tui.session.model_offers import ProviderOffer
from harn_tui.session.models import SessionModels

_MOST_NAMED = 40


class LinearModels:
    """Asks in the background; ``say`` gets a line at a time. ``stop`` ends what is asked."""

    def __init__(self, models: SessionModels, say: Callable[[str], None]) -> None:
        self._models = models
        self._say = say
        self._work = BackgroundWork("models")

    def take(self, words: str) -> None:
        """Go over to the model that ``words`` name, or say which there are."""
        self._work.begin(self._guarded(self._switch(words) if words else self._tell_all()))

    async def stop(self) -> None:
        """Give up what is still asked."""
        await self._work.stop()

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except HarnError as error:
            self._say(f"Not done: {error}")

    async def _switch(self, words: str) -> None:
        self._say(await self._models.switch_to(words))

    async def _tell_all(self) -> None:
        models = self._models
        self._say(f"In use is {models.model} ({models.provider_name}). Asking for the others.")
        found: dict[str, ProviderOffer] = {}

        def take(offer: ProviderOffer) -> None:
            found[offer.name] = offer

        await models.offers(take)
        for offer in found.values():
            for line in _sentences(offer):
                self._say(line)
        self._say("/model NAME goes over to one; so does /model PROVIDER:NAME.")


def _sentences(offer: ProviderOffer) -> Sequence[str]:
    names = [model.name for model in offer.models[:_MOST_NAMED]] if offer.is_usable else []
    more = len(offer.models) - len(names) if names else 0
    rest = f" and {more} more" if more else ""
    lines = [f"{offer.name} has {', '.join(names)}{rest}."] if names else []
    return [*lines, f"{offer.name}: {offer.problem}"] if offer.problem else lines
