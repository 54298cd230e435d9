"""What a person can choose in the list above the prompt."""

from dataclasses import dataclass

MAX_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry: ``insertion`` takes the place of what is typed, a space at its end included.

    ``label`` is what is matched and shown, ``aside`` stands beside it (a key), ``detail`` is a
    sentence. ``also`` is matched too. ``needs_tab``: Enter sends the line and leaves it alone.
    """

    label: str
    insertion: str
    detail: str = ""
    aside: str = ""
    also: str = ""
    needs_tab: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered for the text from ``start`` to the cursor; ``query`` is what is matched.

    ``note`` is a remark below the entries, empty for none.
    """

    start: int
    query: str
    candidates: tuple[Candidate, ...] = ()
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.candidates and not self.note


@dataclass(frozen=True, slots=True)
class ListState:
    """What the list shows: an offer and which of its entries is selected."""

    offer: Offer
    selected: int = 0

    @property
    def chosen(self) -> Candidate | None:
        """The selected entry; ``None`` when there is none."""
        candidates = self.offer.candidates
        return candidates[self.selected] if candidates else None
