"""Named sets of defaults for loops of one purpose (docs/loop.md, profiles)."""

from collections.abc import Mapping
from types import MappingProxyType

PROFILED_OPTIONS = ("max_iterations", "max_nudges", "tool_retries", "llm_retries", "schema_retries")
"""The options that a profile sets."""


def _profile(*values: int) -> Mapping[str, int]:
    return MappingProxyType(dict(zip(PROFILED_OPTIONS, values, strict=True)))


PROFILES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "tool_using": _profile(50, 8, 0, 2, 0),
        "researcher": _profile(30, 4, 0, 2, 0),
        "verifier": _profile(5, 0, 0, 2, 3),
        "completer": _profile(1, 0, 0, 2, 0),
    }
)
"""Profile name to the values of PROFILED_OPTIONS; an option that is given wins over them."""
