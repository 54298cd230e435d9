"""How the options of a question are written: number, mark, label, and what choosing it means."""

from textual import events
from textual.content import Content
from textual.style import Style

from harn_tui.console.plain_text import revealed
from harn_tui.console.questions.choice import Choice

_ONE_MARKS = ("○", "●")
_SEVERAL_MARKS = ("□", "■")
_OPTION = "harn_option"


def option_rows(choice: Choice, *, is_inside: bool) -> list[Content]:
    """Return a row an option; ``is_inside`` shows which one the keys act on."""
    question = choice.question
    marks = _SEVERAL_MARKS if question.allows_several else _ONE_MARKS
    rows = []
    for position, (label, description) in enumerate(question.options):
        is_marked, is_row = position in choice.marked, is_inside and position == choice.row
        notes = [description] if description else []
        notes += ["default"] if label == question.default else []
        rows.append(
            Content.assemble(
                ("▸ " if is_row else "  ", "$accent"),
                (f"{position + 1:>2} {marks[is_marked]} ", "$accent" if is_marked else "$muted"),
                (_one_row(label), "bold" if is_marked or is_row else ""),
                (f"  {_one_row(' · '.join(notes))}" if notes else "", "$muted"),
            ).stylize(Style.from_meta({_OPTION: position + 1}))
        )
    return rows


def clicked_option(event: events.Click) -> int | None:
    """Return the number of the option under the pointer, from 1; ``None`` where there is none."""
    number = event.style.meta.get(_OPTION)
    return number if isinstance(number, int) else None


def rows_above(rows: list[Content], position: int, width: int) -> int:
    """Return how many screen rows stand above the option at ``position``."""
    return sum(len(row.wrap(max(1, width))) for row in rows[:position])


def _one_row(text: str) -> str:
    return revealed(text.replace("\n", " "))
