"""Read how long a server asks to wait (RFC 9110, section 10.2.3)."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harn_tui.late_import import late_module

if TYPE_CHECKING:
    import email.utils as email_utils
else:
    email_utils = late_module("email.utils")

MAX_RETRY_AFTER_S = 60.0
"""A longer wish is cut to this: a person is waiting (docs/loop.md, backoff)."""


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the wait in seconds within 0..60, or ``None`` when none was sent or none is readable.

    ``headers`` has lower-case names or looks names up without regard to case; ``now`` is an
    aware time. ``retry-after-ms`` is the more precise of the two headers and wins.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    value = headers.get("retry-after")
    if value is None:
        return None
    # Some servers add a unit: `2.5 seconds`.
    seconds = _number(value.strip().partition(" ")[0])
    if seconds is None:
        seconds = _seconds_until(value, now)
    return None if seconds is None else _bounded(seconds)


def _number(value: str | None) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _seconds_until(value: str, now: datetime) -> float | None:
    try:
        moment = email_utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()


def _bounded(seconds: float) -> float:
    if not math.isfinite(seconds):
        return 0.0
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_S)
