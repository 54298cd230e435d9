"""What the console needs of the models of a session: structural types as in ``ports``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar


class OfferedModel(Protocol):
    """A model that can be chosen. ``None`` stands for what nobody knows."""

    @property
    def name(self) -> str:
        """Its name at the provider."""
        ...

    @property
    def context_window(self) -> int | None:
        """Size of its context in tokens."""
        ...

    @property
    def input_price(self) -> float | None:
        """USD for a million tokens of the prompt."""
        ...

    @property
    def output_price(self) -> float | None:
        """USD for a million tokens of the reply."""
        ...


class ProviderOffer(Protocol):
    """One provider and what is known of its models so far."""

    @property
    def name(self) -> str:
        """A name that no other provider has."""
        ...

    @property
    def provider(self) -> str:
        """What sessions call it."""
        ...

    @property
    def usual_model(self) -> str:
        """Its configured or default model; empty when the provider cannot be used."""
        ...

    @property
    def models(self) -> Sequence[OfferedModel]:
        """Its models, empty until it was asked."""
        ...

    @property
    def problem(self) -> str | None:
        """One sentence on why it cannot be used, or was not heard of."""
        ...

    @property
    def is_usable(self) -> bool:
        """Whether its models can be chosen."""
        ...


OfferT = TypeVar("OfferT", bound=ProviderOffer)


class ModelsPort(Protocol[OfferT]):
    """The model that a session uses, and those that it can go over to."""

    @property
    def provider_name(self) -> str:
        """The configured name of the provider in force."""
        ...

    @property
    def model(self) -> str:
        """The name of the model in force."""
        ...

    @property
    def context_window(self) -> int | None:
        """Size of the context of the model in force in tokens; ``None`` when unknown."""
        ...

    async def offers(self, tell: Callable[[OfferT], None]) -> None:
        """Call ``tell`` with each provider at once, and again when it answered or did not.

        Raises HarnError.
        """
        ...

    async def switch(self, offer: OfferT, model: str) -> str:
        """Go over to a model; return what comes of it, in words. Raises HarnError."""
        ...

    async def switch_to(self, words: str) -> str:
        """Go over to what ``words`` name; return what comes of it. Raises HarnError."""
        ...
