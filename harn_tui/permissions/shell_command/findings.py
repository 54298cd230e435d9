"""What a parser of command lines has found so far, shared by all the texts that it goes into."""

from harn_tui.permissions.shell_command.model import (
    PipePlace,
    Redirection,
    SimpleCommand,
    Word,
)

MOST_COMMANDS = 2_000
MOST_NESTED = 24
"""Constructs within each other; a person writes five, and each takes several Python frames."""


class UnclearError(Exception):
    """The rest of a text cannot be parsed with certainty; the message completes "it …"."""


class Findings:
    """Commands and doubts, and where in pipelines and other commands the parser stands."""

    def __init__(self) -> None:
        self.commands: list[SimpleCommand] = []
        self.pipes: list[PipePlace] = []
        self.inside: list[int] = []
        self.run_by: int | None = None
        self.evaluates_again = False
        self.hides_code = False
        self._doubts: dict[str, None] = {}
        self._numbers = 0
        self._pipelines = 0
        self._depth = 0

    @property
    def doubts(self) -> tuple[str, ...]:
        """The reasons for doubt, in the order in which they were found."""
        return tuple(self._doubts)

    def doubt(self, reason: str) -> None:
        """Note a reason why something else may run than what is found."""
        self._doubts[reason] = None

    def new_number(self) -> int:
        """Return the number of the next command."""
        self._numbers += 1
        return self._numbers

    def new_pipeline(self) -> int:
        """Return the number of the next pipeline."""
        self._pipelines += 1
        return self._pipelines

    def go_in(self) -> None:
        """Enter a nested construct. Raises UnclearError when there are too many."""
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise UnclearError("is nested too deeply")

    def come_out(self) -> None:
        """Leave a nested construct."""
        self._depth -= 1

    def stand_in(self, command: SimpleCommand) -> None:
        """Go to the place of ``command``: what is added next is run by it."""
        self.pipes = list(command.pipes)
        self.inside = list(command.inside)
        self.run_by = command.number
        self._depth = 0

    def add(
        self,
        number: int,
        words: list[Word],
        assignments: list[Word],
        redirections: list[Redirection],
        raw: str,
    ) -> None:
        """Add a simple command at the place where the parser stands."""
        if len(self.commands) >= MOST_COMMANDS:
            raise UnclearError(f"has more than {MOST_COMMANDS} commands")
        command = SimpleCommand(
            number,
            tuple(words),
            tuple(assignments),
            tuple(redirections),
            raw,
            tuple(self.pipes),
            tuple(self.inside),
            self.run_by,
        )
        self.commands.append(command)
