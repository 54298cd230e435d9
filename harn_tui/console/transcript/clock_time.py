"""The time of day of a Unix-epoch time, as it is written beside a row."""

from datetime import datetime


def clock_time(unix_ms: int) -> str:
    """Return ``unix_ms`` as local ``14:03``; nothing for a time that no calendar holds."""
    try:
        return datetime.fromtimestamp(unix_ms / 1000).astimezone().strftime("%H:%M")
    except (ValueError, OverflowError, OSError):
        return ""
