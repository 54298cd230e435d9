"""From the words of a person to the model that is meant."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from harn_tui.errors import HarnError
from harn_tui.session.model_offers import ModelDesk, ProviderOffer

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model that was named; ``note`` is a sentence on what is not certain of it."""

    offer: ProviderOffer
    model: str
    note: str = ""


async def find_model(words: str, desk: ModelDesk, *, provider: str) -> NamedModel:
    """Return what ``words`` name: a provider, ``PROVIDER:MODEL``, or a model that one has.

    ``provider`` is the one in use, whose models come first. Asks the servers, which takes some
    seconds at most. Raises HarnError for a name that nobody knows, or that several do.
    """
    offers = await desk.providers()
    for offer in offers:
        if words == offer.name:
            return _first_of(await desk.ask(offer))
        if words.startswith(f"{offer.name}:") and words != f"{offer.name}:":
            model = words.removeprefix(f"{offer.name}:").strip()
            return _named_outright(await desk.ask(offer), model)
    asked = await asyncio.gather(*map(desk.ask, offers))
    return _among(words, sorted(asked, key=lambda offer: offer.provider != provider))


def _first_of(offer: ProviderOffer) -> NamedModel:
    """Return the usual model of a provider, or the first one when it does not have that."""
    usual = offer.usual_model
    if not offer.is_complete or offer.has(usual):
        return _usable(offer, usual)
    # Ollama has its models in sizes, and knows the bare name only for one it calls the latest.
    sizes = [model.name for model in offer.models if model.name.startswith(f"{usual}:")]
    return _usable(offer, [*sizes, *(model.name for model in offer.models)][0])


def _named_outright(offer: ProviderOffer, model: str) -> NamedModel:
    note = ""
    if offer.is_complete and not offer.has(model):
        note = f"{offer.name} does not list {model}: if it does not know it, calls will fail."
    return _usable(offer, model, note)


def _among(words: str, offers: Sequence[ProviderOffer]) -> NamedModel:
    """``offers`` begins with the provider in use."""
    having = [offer for offer in offers if offer.has(words) and offer.is_usable]
    if having and (having[0] is offers[0] or len(having) == 1):
        return _usable(having[0], words)
    if having:
        names = ", ".join(f"{offer.name}:{words}" for offer in having)
        raise HarnError(f"Several providers have {words}.", hint=f"Say which: {names}.")
    current = offers[0]
    if current.is_usable and not current.is_complete:
        note = f"{current.name} does not tell its models, so the name {words} was not checked."
        return NamedModel(current, words, note)
    raise _unknown(words, offers)


def _usable(offer: ProviderOffer, model: str, note: str = "") -> NamedModel:
    if not offer.is_usable:
        raise HarnError(f"{offer.name} cannot be used: {offer.problem or 'nobody knows why'}")
    return NamedModel(offer, model, note)


def _unknown(words: str, offers: Sequence[ProviderOffer]) -> HarnError:
    names = [model.name for offer in offers for model in offer.models]
    providers = [offer.name for offer in offers if offer.is_usable]
    close = get_close_matches(words, [*providers, *names], n=1) or [
        name for name in names if words.lower() in name.lower()
    ]
    meant = f" Did you mean {close[0]}?" if close else ""
    silent = [f"{offer.name}: {offer.problem}" for offer in offers if offer.problem]
    unheard = f" Not heard of: {' '.join(silent[:_MOST_NAMED])}" if silent else ""
    return HarnError(
        f"No provider has a model {words}.{meant}{unheard}",
        hint="PROVIDER:MODEL takes a name that is not listed, for one of "
        f"{', '.join(providers[:_MOST_NAMED]) or 'no providers'}.",
    )
