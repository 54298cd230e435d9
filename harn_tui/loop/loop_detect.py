"""Notices a model that makes the same call again and again and gets the same result.

Source: docs/loop.md, repeated calls. A repeat is the same tool with the same arguments and the
same result; a call that changed something (any kind but a read-only one, other than the repeated
call itself) starts the count anew, because the world may be different now.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind


class Intervention(StrEnum):
    """What the detector does about a repeat."""

    NONE = "none"
    WARN = "warn"
    BLOCK = "block"
    SKIP = "skip"


@dataclass(slots=True)
class _Repeat:
    count: int
    result_digest: str


class LoopDetector:
    """Counts identical calls of one run. Off when ``warn`` is 0; 0 turns a later tier off."""

    def __init__(self, warn: int, block: int, skip: int) -> None:
        self._warn, self._block, self._skip = warn, block, skip
        self._repeats: dict[str, _Repeat] = {}

    def repeats_before(self, tool_name: str, arguments: JsonObject) -> int:
        """Return how often the call already gave its last result; at ``skip - 1`` do not run it."""
        repeat = self._repeats.get(_key(tool_name, arguments))
        return repeat.count if repeat else 0

    def must_skip(self, tool_name: str, arguments: JsonObject) -> bool:
        """Whether the call should not run at all."""
        repeats = self.repeats_before(tool_name, arguments)
        return self._warn > 0 and 0 < self._skip <= repeats + 1

    def record(
        self, tool_name: str, arguments: JsonObject, kind: ToolKind, result: str
    ) -> tuple[Intervention, int]:
        """Count a finished call; return what to do about it and the number of identical results."""
        if self._warn == 0:
            return Intervention.NONE, 1
        key = _key(tool_name, arguments)
        if not kind.is_read_only:
            self._repeats = {k: v for k, v in self._repeats.items() if k == key}
        digest = hashlib.sha256(result.encode("utf-8", "surrogatepass")).hexdigest()
        repeat = self._repeats.get(key)
        if repeat is None or repeat.result_digest != digest:
            self._repeats[key] = _Repeat(1, digest)
            return Intervention.NONE, 1
        repeat.count += 1
        return self._tier(repeat.count), repeat.count

    def as_json(self) -> JsonObject:
        """Return what was counted so far: each call with its repeats and the result's digest."""
        return {
            key: {"count": repeat.count, "result_digest": repeat.result_digest}
            for key, repeat in self._repeats.items()
        }

    def restore(self, counted: JsonObject) -> None:
        """Go on from what ``as_json`` returned in another run; what is malformed is left out."""
        for key, repeat in counted.items():
            if not isinstance(repeat, dict):
                continue
            count, digest = repeat.get("count"), repeat.get("result_digest")
            if isinstance(count, int) and isinstance(digest, str):
                self._repeats[key] = _Repeat(count, digest)

    def _tier(self, count: int) -> Intervention:
        if 0 < self._skip <= count:
            return Intervention.SKIP
        if 0 < self._block <= count:
            return Intervention.BLOCK
        if count >= self._warn:
            return Intervention.WARN
        return Intervention.NONE


def _key(tool_name: str, arguments: JsonObject) -> str:
    canonical = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"{tool_name}\0{canonical}"
