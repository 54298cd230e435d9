"""The rows of the list of models: every provider under its name, and what cannot be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content

from harn_tui.console.amounts import format_count
from harn_tui.console.completion.fuzzy import fold, score
from harn_tui.console.model_ports import OfferedModel, ProviderOffer
from harn_tui.console.plain_text import one_line

MOST_ROWS = 200
"""More are not shown at once: typing narrows the list."""

_IN_USE, _NEXT, _OTHER = "●", "→", " "


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One row. ``choice`` is (provider offer's name, model), ``None`` for what is only told.

    ``is_marked`` when its model is in use, or the next one.
    """

    shown: Content
    choice: tuple[str, str] | None = None
    is_marked: bool = False


def model_rows(
    offers: Mapping[str, ProviderOffer],
    *,
    unanswered: frozenset[str],
    typed: str,
    marks: Mapping[tuple[str, str], str],
) -> list[ModelRow]:
    """Return the rows for what is ``typed``; those of providers that cannot be used come last.

    ``unanswered`` are being asked. ``marks`` are by (provider, model), each drawn before its row.
    """
    rows: list[ModelRow] = []
    told: list[ModelRow] = []
    left = 0
    for offer in offers.values():
        fitting = [model for model in _ordered(offer) if _fits(typed, offer, model)]
        room = max(0, MOST_ROWS - len(rows))
        left += max(0, len(fitting) - room)
        if fitting:
            rows.append(ModelRow(_heading(offer, is_asked=offer.name in unanswered)))
        rows += [_model_row(offer, model, marks) for model in fitting[:room]]
        if offer.problem is not None or (offer.name in unanswered and not fitting):
            told.append(ModelRow(_problem(offer)))
    if left:
        told.insert(0, ModelRow(Content.styled(f"  … {left} more; type to narrow", "$muted")))
    return rows + told


def marks_for(
    in_use: tuple[str, str], next_model: tuple[str, str] | None
) -> dict[tuple[str, str], str]:
    """Return the marks of the model in use and of the one that comes next."""
    marks = {in_use: _IN_USE}
    if next_model is not None:
        marks[next_model] = _NEXT
    return marks


def _ordered(offer: ProviderOffer) -> Sequence[OfferedModel]:
    """The usual model comes first, the others as the server has them."""
    if not offer.is_usable:
        return ()
    usual = [model for model in offer.models if model.name == offer.usual_model]
    return [*usual, *(model for model in offer.models if model.name != offer.usual_model)]


def _fits(typed: str, offer: ProviderOffer, model: OfferedModel) -> bool:
    texts = (fold(model.name), fold(f"{offer.name}:{model.name}"))
    return all(any(score(word, text) is not None for text in texts) for word in fold(typed).split())


def _heading(offer: ProviderOffer, *, is_asked: bool) -> Content:
    asking = "  asking for its models…" if is_asked else ""
    return Content.assemble((one_line(offer.name), "bold $primary"), (asking, "$muted"))


def _problem(offer: ProviderOffer) -> Content:
    if offer.problem is None:
        return Content.styled(f"{one_line(offer.name)}: asking for its models…", "$muted")
    style = "$muted" if offer.is_usable else "$warning"
    return Content.styled(f"{one_line(offer.name)}: {one_line(offer.problem)}", style)


def _model_row(
    offer: ProviderOffer, model: OfferedModel, marks: Mapping[tuple[str, str], str]
) -> ModelRow:
    mark = marks.get((offer.provider, model.name), _OTHER)
    shown = Content.assemble(
        (f" {mark} ", "$success" if mark == _IN_USE else "$warning"),
        (one_line(model.name), "bold" if mark != _OTHER else ""),
        (_facts(model), "$muted"),
    )
    return ModelRow(shown, (offer.name, model.name), is_marked=mark != _OTHER)


def _facts(model: OfferedModel) -> str:
    facts = []
    if model.context_window is not None:
        facts.append(f"{format_count(model.context_window)} tokens")
    if model.input_price is not None and model.output_price is not None:
        facts.append(f"${model.input_price:g} in, ${model.output_price:g} out per million")
    return f"  {' · '.join(facts)}" if facts else ""
