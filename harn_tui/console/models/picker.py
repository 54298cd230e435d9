"""Chooses a model: a list of what the providers have, narrowed by typing."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from harn_tui.console.keys_in_order import InputLine
from harn_tui.console.model_ports import ModelsPort, ProviderOffer
from harn_tui.console.models.rows import ModelRow, marks_for, model_rows
from harn_tui.console.screens.popup import Popup
from harn_tui.errors import HarnError

log = logging.getLogger(__name__)


class ModelPicker(Popup["tuple[ProviderOffer, str] | None"]):
    """Gives the chosen provider and model, ``None`` when it was closed.

    ``in_use`` and ``next_model`` are (provider, model) of the calls now, and of the next one
    where that is another. The providers are asked while the list is open.
    """

    CLOSE_ACTION = "close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,alt+m", "close", "Close", show=False, priority=True),
        Binding("up", "move('cursor_up')", "Up", show=False, priority=True),
        Binding("down", "move('cursor_down')", "Down", show=False, priority=True),
        Binding("pageup", "move('page_up')", "Page up", show=False, priority=True),
        Binding("pagedown", "move('page_down')", "Page down", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    ModelPicker { align: center middle; background: $background 70%; }
    ModelPicker > Vertical {
        width: 84; max-width: 100%; height: auto; max-height: 80%; background: $surface;
        border: round $primary; border-title-color: $primary; border-subtitle-color: $muted;
    }
    ModelPicker Input, ModelPicker Input:focus {
        height: 1; border: none; padding: 0 1; background: $surface;
    }
    ModelPicker OptionList, ModelPicker OptionList:focus {
        height: auto; max-height: 100%; background: $surface; border: none; padding: 0 1;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(
        self,
        models: ModelsPort[Any],
        in_use: tuple[str, str],
        next_model: tuple[str, str] | None,
    ) -> None:
        super().__init__()
        self._models = models
        self._marks = marks_for(in_use, next_model)
        self._offers: dict[str, ProviderOffer] = {}
        self._unanswered: set[str] = set()
        self._rows: list[ModelRow] = []
        self._chosen: tuple[str, str] | None = None

    def compose(self) -> ComposeResult:
        """Compose the line to type in and the list."""
        with Vertical() as box:
            box.border_title = Content(" Model ")
            box.border_subtitle = Content(" Enter: from the next call on · Esc closes ")
            yield InputLine(placeholder="Type to narrow the list")
            yield OptionList()

    def on_mount(self) -> None:
        """Ask the providers."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self.run_worker(self._ask(), exit_on_error=False)

    async def _ask(self) -> None:
        try:
            await self._models.offers(self._take)
        except HarnError as error:
            self._say(str(error))
        except Exception as error:
            # boundary: what a list is made of must not end the console
            log.exception("the models could not be listed")
            self._say(f"Internal error: {error}. See the log file.")

    def _say(self, problem: str) -> None:
        self.dismiss(None)
        self.app.notify(problem, severity="warning", markup=False)

    def _take(self, offer: ProviderOffer) -> None:
        """Take a provider: the first time it is being asked, the second time it has answered."""
        if offer.name in self._offers:
            self._unanswered.discard(offer.name)
        elif offer.is_usable:
            self._unanswered.add(offer.name)
        self._offers[offer.name] = offer
        self._draw()

    def _draw(self) -> None:
        """Draw the rows; the one under the cursor stays there while it fits what is typed."""
        self._rows = model_rows(
            self._offers,
            unanswered=frozenset(self._unanswered),
            typed=self.query_one(Input).value,
            marks=self._marks,
        )
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(row.shown, disabled=row.choice is None) for row in self._rows)
        options.highlighted = self._place_to_highlight()

    def _place_to_highlight(self) -> int | None:
        choices = [row.choice for row in self._rows]
        if self._chosen is not None and self._chosen in choices:
            return choices.index(self._chosen)
        marked = [place for place, row in enumerate(self._rows) if row.is_marked]
        usable = [place for place, choice in enumerate(choices) if choice is not None]
        return next(iter((*marked, *usable)), None)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow the list."""
        message.stop()
        self._draw()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Choose what is under the cursor."""
        message.stop()
        self._choose(self.query_one(OptionList).highlighted)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Choose what was clicked."""
        message.stop()
        self._choose(message.option_index)

    def action_move(self, motion: str) -> None:
        """Move in the list while the line keeps the keys."""
        options = self.query_one(OptionList)
        getattr(options, f"action_{motion}")()
        place = options.highlighted
        if place is not None and self._rows[place].choice is not None:
            self._chosen = self._rows[place].choice or self._chosen

    def action_close(self) -> None:
        """Choose none."""
        self.dismiss(None)

    def _choose(self, place: int | None) -> None:
        choice = self._rows[place].choice if place is not None and self._rows else None
        if choice is not None:
            self.dismiss((self._offers[choice[0]], choice[1]))
