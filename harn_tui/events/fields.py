"""How a field of an event is written: always, or only when it has a value; sorted, or as built."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

OMIT_WHEN_NONE: Mapping[str, bool] = {"omit_when_none": True}
DECLARED_ORDER: Mapping[str, bool] = {"declared_order": True}
OMIT_AND_DECLARED_ORDER: Mapping[str, bool] = {"omit_when_none": True, "declared_order": True}


def omitted() -> Any:
    """Return an optional field whose key is left out of the wire while it is ``None``."""
    return field(default=None, metadata=OMIT_WHEN_NONE)


def record() -> Any:
    """Return a required field holding a typed record, whose keys keep their declared order."""
    return field(metadata=DECLARED_ORDER)


def omitted_record() -> Any:
    """Return an optional typed record, left out of the wire while it is ``None``."""
    return field(default=None, metadata=OMIT_AND_DECLARED_ORDER)
