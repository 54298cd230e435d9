"""The bodies of what people and the runtime say: user lines, notices, feedback, raw events."""

from __future__ import annotations

from harn_tui.console.transcript.clean import clean_line, split_lines
from harn_tui.console.transcript.clock_time import clock_time
from harn_tui.console.transcript.pen import Drawn, Margin, Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_units import NoteUnit, TextUnit, text_units
from harn_tui.console.transcript.unit import Body, Unit
from harn_tui.kinds import NoticeLevel
from harn_tui.view.model import FeedbackBlock, GenericBlock, NoticeBlock, UserBlock

FOLDED_LINES = 12
"""Lines of a long text that stay visible while it is folded."""

MAX_UNFOLDED_LINES = 24
"""A text of more lines can be folded."""

_NOTICES = {
    NoticeLevel.INFO: ("·", Role.MUTED, Role.MUTED),
    NoticeLevel.WARNING: ("!", Role.WARNING, Role.WARNING),
    NoticeLevel.ERROR: ("✗", Role.ERROR, Role.ERROR),
}


def mark_margin(mark: str, role: Role) -> Margin:
    """Return a margin with ``mark``, one cell wide, on its first row."""
    return Margin(((" ", Role.TEXT), (mark, role), (" ", Role.TEXT)), (("   ", Role.TEXT),))


class UserBody(Body):
    """A person's line, with its receipt when it was a steered one."""

    __slots__ = ("_block", "_is_folded", "_shows_time")

    def __init__(self, block: UserBlock, *, is_folded: bool, shows_time: bool) -> None:
        super().__init__()
        self._block = block
        self._is_folded = is_folded
        self._shows_time = shows_time

    def update(self) -> int:
        """Read the block again; all its units are new."""
        block = self._block
        mark = Role.STEERED_MARK if _is_steered(block) else Role.USER_MARK
        bar = ((" ", Role.TEXT), ("▌", mark), (" ", Role.USER))
        margin = Margin(bar, bar)
        units = folded_text(block.text, Role.USER, margin, Role.USER, is_folded=self._is_folded)
        if not units:
            units = [TextUnit([""], Role.USER, margin, fill=Role.USER)]
        for image in block.images:
            shown = clean_line(f"▣ {image.words}", reveal=True)
            units.append(TextUnit([shown], Role.USER_NOTE, margin, fill=Role.USER, wraps=False))
        note = self._note()
        if note:
            units.append(TextUnit([note], Role.USER_NOTE, margin, fill=Role.USER, wraps=False))
        self.units = units
        return 0

    def _note(self) -> str:
        block = self._block
        words = []
        if _is_steered(block):
            call = block.delivered_before_call
            words.append("being delivered" if call is None else f"delivered before call {call}")
        if self._shows_time:
            words.append(clock_time(block.started_at_ms))
        return " · ".join(words)


class NoticeBody(Body):
    """A line of the runtime's."""

    __slots__ = ("_block",)

    def __init__(self, block: NoticeBlock) -> None:
        super().__init__()
        self._block = block

    def update(self) -> int:
        """Read the block again; all its units are new."""
        mark, mark_role, role = _NOTICES[self._block.level]
        margin = mark_margin(mark, mark_role)
        self.units = text_units(self._block.text, role, margin, clean=_revealed)
        return 0


class FeedbackBody(Body):
    """The runtime's own words to the model: one line while folded."""

    __slots__ = ("_block", "_is_folded")

    def __init__(self, block: FeedbackBlock, *, is_folded: bool) -> None:
        super().__init__()
        self._block = block
        self._is_folded = is_folded

    def update(self) -> int:
        """Read the block again; all its units are new."""
        block = self._block
        title = f"runtime feedback: {clean_line(block.kind[:80], reveal=True)}"
        self.units = titled_text(title, block.text, is_folded=self._is_folded)
        return 0


class GenericBody(Body):
    """An event without a drawing of its own: its title, and its JSON when it is open."""

    __slots__ = ("_block", "_is_folded")

    def __init__(self, block: GenericBlock, *, is_folded: bool) -> None:
        super().__init__()
        self._block = block
        self._is_folded = is_folded

    def update(self) -> int:
        """Read the block again; all its units are new."""
        block = self._block
        title = clean_line(block.title[:200], reveal=True)
        self.units = titled_text(title, block.payload, is_folded=self._is_folded)
        return 0


def titled_text(title: str, text: str, *, is_folded: bool) -> list[Unit]:
    """Return a title row that toggles, and ``text`` below it unless it is folded."""
    margin = mark_margin("·", Role.MUTED)
    lines = text.count("\n") + 1 if text else 0
    hint = f" · {counted(lines, 'line')} {'▸' if is_folded else '▾'}" if lines else ""
    units: list[Unit] = [NoteUnit(title + hint, margin, role=Role.MUTED, is_toggle=bool(lines))]
    if not is_folded:
        units += text_units(text, Role.OUTPUT, clean=_revealed)
    return units


def folded_text(
    text: str, role: Role, margin: Margin, fill: Role, *, is_folded: bool
) -> list[Unit]:
    """Return ``text``, only its first lines when it is long and folded."""
    lines = len(split_lines(text)) if "\n" in text else 1
    if lines <= MAX_UNFOLDED_LINES:
        return text_units(text, role, margin, fill=fill)
    shown = FOLDED_LINES if is_folded else lines
    units = text_units(text, role, margin, fill=fill, last_line=shown)
    hidden = lines - shown
    note = f"… {counted(hidden, 'more line')} ▸" if is_folded else "show less ▾"
    units.append(FilledNoteUnit(note, margin.continued(), fill))
    return units


class FilledNoteUnit(NoteUnit):
    """A remark that toggles, on the background of the text above it."""

    __slots__ = ("_fill",)

    def __init__(self, text: str, margin: Margin, fill: Role) -> None:
        super().__init__(text, margin, role=Role.USER_NOTE, is_toggle=True)
        self._fill = fill

    def draw(self, pen: Pen) -> Drawn:
        """Lay it out."""
        drawn = Drawn()
        runs = [(self.text, pen.palette[self.role])]
        pen.add_line(drawn, runs, self.margin, pen.text_width(self.margin), fill=self._fill)
        return drawn


def counted(count: int, noun: str) -> str:
    """Return ``count`` with its noun: ``1 line``, ``2,400 lines``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _is_steered(block: UserBlock) -> bool:
    return block.feedback_id is not None and not block.starts_run


def _revealed(line: str) -> str:
    return clean_line(line, reveal=True)
