"""What a person can choose in the list above the prompt."""

from dataclasses import dataclass, field

MAX_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry: ``insertion`` takes the place of what is typed.

    ``label`` is what is matched and shown, ``aside`` stands at the right edge (a key), ``detail``
    is a sentence. ``also`` is matched too. Of an entry that ``continues`` more can be typed, so
    no space follows it. ``needs_tab``: Enter sends the line and leaves the entry alone.
    """

    label: str
    insertion: str
    detail: str = ""
    aside: str = ""
    also: str = ""
    continues: bool = False
    needs_tab: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered for ``text[start:cursor]``, of which ``query`` is what is matched.

    ``note`` is a remark below the entries, empty for none.
    """

    start: int
    query: str
    candidates: tuple[Candidate, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ListState:
    """What the list shows: an offer and which of its entries is selected."""

    offer: Offer = field(default_factory=lambda: Offer(0, ""))
    selected: int = 0

    @property
    def chosen(self) -> Candidate | None:
        """The selected entry; ``None`` when there is none."""
        candidates = self.offer.candidates
        return candidates[self.selected] if candidates else None
