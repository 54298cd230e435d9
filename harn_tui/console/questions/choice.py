"""What a person has chosen among the options of one question, before they answer."""

from harn_tui.view.pending import PendingQuestion


class Choice:
    """The options that are marked, and the row that the keys act on; both count from 0.

    Where one answer is asked for, the row is the choice; where several may be chosen, moving
    marks nothing.
    """

    def __init__(self, question: PendingQuestion) -> None:
        self.question = question
        labels = [label for label, _ in question.options]
        is_known = question.default is not None and question.default in labels
        self.row: int | None = labels.index(str(question.default)) if is_known else None
        self.marked: set[int] = set() if self.row is None else {self.row}

    @property
    def given(self) -> list[str]:
        """The labels that are marked, in the order of the options."""
        return [
            label
            for number, (label, _) in enumerate(self.question.options)
            if number in self.marked
        ]

    def move(self, rows: int) -> None:
        """Go up or down, not beyond an end."""
        last = len(self.question.options) - 1
        if last < 0:
            return
        start = -1 if rows > 0 else last + 1
        self.row = min(last, max(0, (start if self.row is None else self.row) + rows))
        if not self.question.allows_several:
            self.marked = {self.row}

    def mark_row(self) -> None:
        """Mark the option of the row, or unmark it where several may be chosen."""
        if self.row is None:
            self.move(1)
        elif not self.question.allows_several:
            self.marked = {self.row}
        else:
            self.marked ^= {self.row}

    def mark_number(self, number: int) -> None:
        """Do the same to the option with this number, counted from 1, if there is one."""
        if 1 <= number <= len(self.question.options):
            self.row = number - 1
            self.mark_row()
