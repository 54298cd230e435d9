"""Mints the ids of tool calls: one from stream to result, unique within a session (10.19)."""

from collections.abc import Iterable, Iterator

from harn_tui.ids import missing_tool_call_id


class CallIds:
    """The ids that the calls of one session have. Minting costs the same however many there are."""

    def __init__(self, used: Iterable[str] = ()) -> None:
        self._used = set(used)
        self._last_suffix: dict[str, int] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._used)

    def add(self, used: Iterable[str]) -> None:
        """Note ids that another run has given."""
        self._used.update(used)

    def mint(self, provider_id: str, iteration: int, index: int) -> str:
        """Return the id of a call, the provider's own where that is still free."""
        wanted = provider_id or missing_tool_call_id(iteration, index)
        call_id, suffix = wanted, self._last_suffix.get(wanted, 1)
        while call_id in self._used:
            suffix += 1
            call_id = f"{wanted}-{suffix}"
        self._last_suffix[wanted] = suffix
        self._used.add(call_id)
        return call_id
