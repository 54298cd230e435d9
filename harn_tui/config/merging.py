"""Lays layers over each other and remembers where each value came from."""

from copy import deepcopy

from harn_tui.config.key_paths import KeyPath, dotted
from harn_tui.config.schema import MERGED_DEPTH
from harn_tui.config.sources import Layer, Source
from harn_tui.json_types import JsonObject, JsonValue


class MergedLayers:
    """The values of all layers added so far; tables merge key by key, lists replace."""

    def __init__(self) -> None:
        self._values: JsonObject = {}
        self._origins: dict[KeyPath, str] = {}

    @property
    def values(self) -> JsonObject:
        """The merged values; the caller changes nothing in them."""
        return self._values

    def origins(self) -> dict[str, str]:
        """Return where each value was written, by dotted key."""
        return {dotted(path): origin for path, origin in self._origins.items()}

    def add(self, layer: Layer) -> None:
        """Lay ``layer`` over what is there."""
        self._merge(self._values, layer.values, (), layer.source)

    def list_to_table(self, path: KeyPath) -> None:
        """Turn a list of names at ``path`` into the table that gives ``true`` for each.

        The two mean the same in a section of permissions, and tables can be added to.
        """
        *tables, last = path
        table: JsonValue = self._values
        for key in tables:
            table = table.get(key) if isinstance(table, dict) else None
        listed = table.get(last) if isinstance(table, dict) else None
        if not isinstance(table, dict) or not isinstance(listed, list):
            return
        table[last] = {str(name): True for name in listed}
        origin = self._origins.pop(path)
        self._origins.update({(*path, str(name)): origin for name in listed})

    def _merge(self, into: JsonObject, new: JsonObject, path: KeyPath, source: Source) -> None:
        for key, value in new.items():
            here = (*path, key)
            is_table = isinstance(value, dict) and len(here) < MERGED_DEPTH
            if isinstance(value, dict) and is_table:
                below = into.get(key)
                if not isinstance(below, dict):
                    self._forget(here)
                    below = into[key] = {}
                self._merge(below, value, here, source)
                continue
            if key in into:
                self._forget(here)
            into[key] = deepcopy(value)
            self._origins[here] = source.origin(here)

    def _forget(self, path: KeyPath) -> None:
        for known in [known for known in self._origins if known[: len(path)] == path]:
            del self._origins[known]
