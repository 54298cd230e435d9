"""Which blocks are folded: a person's choice for one block, else for its tool or all, else the
default."""

from collections.abc import Iterable, Mapping

from harn_tui.view.model import Block, ToolBlock


class Folds:
    """Fold state by block index. ``peeked`` is open for the while, whatever was chosen."""

    def __init__(self, tools: Mapping[str, bool] | None = None) -> None:
        self._chosen: dict[int, bool] = {}
        self._all: bool | None = None
        self._tools = dict(tools or {})
        self._chosen_tools: set[str] = set()
        """Tools that were chosen after all blocks were."""
        self.peeked: int | None = None

    @property
    def tools(self) -> dict[str, bool]:
        """Whether the calls of a tool are folded, by its name, where a person has chosen."""
        return dict(self._tools)

    @property
    def chosen(self) -> Mapping[int, bool]:
        """Whether a block is folded, by its number, where a person has chosen for it alone."""
        return self._chosen

    @property
    def all_folded(self) -> bool | None:
        """What a person chose for all blocks, ``None`` for nothing."""
        return self._all

    @property
    def tools_since(self) -> frozenset[str]:
        """The tools that a person chose for after they did for all blocks."""
        return frozenset(self._chosen_tools)

    def restore(
        self, chosen: Mapping[int, bool], *, all_folded: bool | None, tools_since: Iterable[str]
    ) -> None:
        """Take up what was chosen for blocks before; what is chosen for tools stays."""
        self._chosen, self._all = dict(chosen), all_folded
        self._chosen_tools = set(tools_since)

    def is_folded(self, index: int, block: Block) -> bool:
        """Whether the block is folded."""
        if index == self.peeked:
            return False
        chosen = self._chosen.get(index)
        if chosen is not None:
            return chosen
        tool = block.tool_name if isinstance(block, ToolBlock) else ""
        if self._all is not None and tool not in self._chosen_tools:
            return self._all
        return self._tools.get(tool, folded_by_default(block))

    def choose(self, index: int, *, is_folded: bool) -> None:
        """Set one block."""
        if index == self.peeked:
            self.peeked = None
        self._chosen[index] = is_folded

    def choose_tool(self, name: str, *, is_folded: bool) -> None:
        """Set all calls of a tool, those to come too; other single choices stay as they look."""
        self._tools[name] = is_folded
        self._chosen_tools.add(name)

    def forget(self, indices: list[int]) -> None:
        """Forget what was chosen for these blocks one by one."""
        for index in indices:
            self._chosen.pop(index, None)

    def toggle_all(self) -> None:
        """Open all blocks, or fold all when they are open; single choices are forgotten."""
        self._all = self._all is False
        self._chosen.clear()
        self._chosen_tools.clear()


def folded_by_default(block: Block) -> bool:
    """Whether a block is folded until somebody opens it: all that can be."""
    del block
    return True
