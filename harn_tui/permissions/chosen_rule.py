"""A rule that a person gives with an answer, to be kept for good."""

from dataclasses import dataclass

from harn_tui.kinds import RulePlace


@dataclass(frozen=True, slots=True)
class ChosenRule:
    """A pattern of calls that a person allows, and whose file keeps it."""

    pattern: str
    place: RulePlace = RulePlace.USER
