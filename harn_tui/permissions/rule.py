"""One permission rule: which calls it is about."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.permissions.call_texts import CallText, PermissionCall
from harn_tui.permissions.globs import glob_matches

log = logging.getLogger(__name__)

HELD_BACK_AS: Mapping[str, str] = MappingProxyType({"start_command": "run_command"})
"""Tools that deny and ask rules of another tool hold back too, as they do the same to a machine."""

Predicate: TypeAlias = Callable[[JsonObject], object]
"""A program's own test of the arguments; what it returns counts as true or false."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a section.

    ``source`` is the rule as written. ``patterns`` is ``None`` for every call of the tool and
    empty for none. ``argument`` limits the patterns to one parameter. ``predicate`` decides
    instead of patterns; one that raises counts as holding back and as not letting through.
    ``origin`` says where the rule was written, ``None`` when nobody noted it.
    """

    source: str
    tool_glob: str
    patterns: tuple[str, ...] | None = None
    argument: str | None = None
    predicate: Predicate | None = None
    origin: str | None = None

    def names(self, call: PermissionCall) -> bool:
        """Whether the rule is about the tool of ``call``."""
        return glob_matches(self.tool_glob, call.tool_name)

    def restricts(self, call: PermissionCall) -> bool:
        """Whether the rule, as a deny or ask rule, is about the tool of ``call``."""
        alike = HELD_BACK_AS.get(call.tool_name)
        return self.names(call) or (alike is not None and glob_matches(self.tool_glob, alike))

    def holds_back(self, call: PermissionCall) -> bool:
        """Whether the rule, as a deny or ask rule, matches: one matching string is enough."""
        if self.predicate is not None:
            return self.restricts(call) and _is_true(self.predicate, call, on_error=True)
        return self.restricts(call) and self._matches(
            call.texts(self.argument), call.any_form_matches, any
        )

    def lets_through(self, call: PermissionCall) -> bool:
        """Whether the rule, as an allow rule, matches: what the call acts on must match."""
        if self.predicate is not None:
            return self.names(call) and _is_true(self.predicate, call, on_error=False)
        texts = call.subjects() if self.argument is None else call.texts(self.argument)
        return self.names(call) and self._matches(texts, call.is_surely_matched, all)

    def might_hold_back(self, call: PermissionCall) -> bool:
        """Whether the rule looks at what the calls of this tool say."""
        return self.restricts(call) and bool(self.patterns or self.predicate)

    def _matches(
        self,
        texts: list[CallText],
        is_match: Callable[[tuple[str, ...], CallText], bool],
        combine: Callable[[list[bool]], bool],
    ) -> bool:
        if self.patterns is None:
            return True
        return bool(texts) and combine([is_match(self.patterns, text) for text in texts])


def _is_true(predicate: Predicate, call: PermissionCall, *, on_error: bool) -> bool:
    try:
        return bool(predicate(call.arguments))
    except Exception:  # boundary: a program's own test; a broken one must never widen anything
        log.exception("a permission predicate failed tool=%s", call.tool_name)
        return on_error
