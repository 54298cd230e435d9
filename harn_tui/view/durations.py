"""Durations in words."""


def duration_words(duration_ms: int) -> str:
    """Return ``duration_ms`` in the largest fitting units: ``840 ms``, ``8.2 s``, ``3 m 05 s``."""
    if duration_ms < 1_000:
        return f"{max(0, duration_ms)} ms"
    if duration_ms < 10_000:
        return f"{duration_ms / 1_000:.1f} s"
    seconds = duration_ms // 1_000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60} m {seconds % 60:02d} s"
    return f"{seconds // 3_600} h {seconds % 3_600 // 60:02d} m"
