"""Short texts for durations, token counts and money."""


def format_duration(duration_ms: int) -> str:
    """Return ``duration_ms`` in the largest fitting units: ``840 ms``, ``8.2 s``, ``3 m 05 s``."""
    milliseconds = max(0, duration_ms)
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 10_000:
        return f"{milliseconds / 1000:.1f} s"
    return format_seconds(milliseconds)


def format_seconds(duration_ms: int) -> str:
    """Return ``duration_ms`` in whole seconds: ``0 s``, ``3 m 05 s``, ``2 h 04 m``."""
    seconds = max(0, duration_ms) // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} m"


def format_count(count: int) -> str:
    """Return ``count`` in at most five characters: ``950``, ``12.4k``, ``128k``, ``1.2M``."""
    if count < 1000:
        return str(count)
    if count < 99_950:
        return f"{count / 1000:.1f}k".replace(".0k", "k")
    if count < 999_500:
        return f"{count / 1000:.0f}k"
    return f"{count / 1_000_000:.1f}M"


def format_cost(cost_usd: float | None) -> str:
    """Return ``cost_usd`` in dollars; a dash for ``None`` (some call had no price)."""
    if cost_usd is None:
        return "—"
    return f"${cost_usd:.2f}" if cost_usd >= 1 or cost_usd == 0 else f"${cost_usd:.4f}"
