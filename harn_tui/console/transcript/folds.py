"""Which blocks are folded: a person's choice for one block, else for all, else the default."""

from harn_tui.view.model import Block


class Folds:
    """Fold state by block index."""

    def __init__(self) -> None:
        self._chosen: dict[int, bool] = {}
        self._all: bool | None = None

    def is_folded(self, index: int, block: Block) -> bool:
        """Whether the block is folded."""
        chosen = self._chosen.get(index)
        if chosen is not None:
            return chosen
        return self._all if self._all is not None else folded_by_default(block)

    def choose(self, index: int, *, is_folded: bool) -> None:
        """Set one block."""
        self._chosen[index] = is_folded

    def toggle_all(self) -> None:
        """Open all blocks, or fold all when they are open; single choices are forgotten."""
        self._all = self._all is False
        self._chosen.clear()


def folded_by_default(block: Block) -> bool:
    """Whether a block is folded until somebody opens it: all that can be."""
    del block
    return True
