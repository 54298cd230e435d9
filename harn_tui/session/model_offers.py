"""What a session can go over to, and who finds and builds it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from harn_tui.loop.model_in_use import ModelInUse


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model that can be chosen. The window is in tokens, prices are USD per million of them.

    ``None`` stands for what nobody knows.
    """

    name: str
    context_window: int | None = None
    input_price: float | None = None
    output_price: float | None = None


@dataclass(frozen=True, slots=True)
class ProviderOffer:
    """One provider. ``name`` is its alone; sessions call it ``provider``, which others may be
    called too. ``usual_model`` is its configured or default model.

    ``models`` is empty until it was asked. ``problem`` is one sentence on why it cannot be used,
    or was not heard of; ``None`` when all is well. ``is_complete`` when ``models`` are all that
    it has.
    """

    name: str
    provider: str
    usual_model: str
    models: tuple[OfferedModel, ...] = ()
    problem: str | None = None
    is_usable: bool = True
    is_complete: bool = False

    def has(self, model: str) -> bool:
        """Whether ``model`` is one of ``models``."""
        return any(one.name == model for one in self.models)


@dataclass(frozen=True, slots=True)
class BoundModel:
    """A model that calls can go to.

    ``discover`` asks for a context window that its facts do not tell. ``warnings`` are sentences
    for the person.
    """

    model: ModelInUse
    discover: Callable[[], Awaitable[int | None]] | None = None
    warnings: tuple[str, ...] = ()


class ModelDesk(Protocol):
    """Finds providers and their models, and builds what calls go to."""

    async def providers(self) -> tuple[ProviderOffer, ...]:
        """Return the providers that can be asked, the one that the session began with first."""
        ...

    async def ask(self, offer: ProviderOffer) -> ProviderOffer:
        """Return ``offer`` with its models, or with the reason why there are none.

        It has a deadline of some seconds.
        """
        ...

    async def bind(self, offer: ProviderOffer, model: str) -> BoundModel:
        """Return the model to be called; the same provider object for the same model.

        Raises HarnError when it cannot be used.
        """
        ...

    async def aclose(self) -> None:
        """Close what was built."""
        ...
