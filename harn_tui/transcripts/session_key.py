"""What counts as a session id."""

from harn_tui.errors import UsageError

_UNSET = frozenset({"", "nil"})


def session_key(operation: str, session_id: object, *, name: str = "id") -> str | None:
    """Return the trimmed id; ``None`` when it is unset: ``None``, blank, or the word ``nil``.

    A script's ``nil`` that was made a string would otherwise be one session that everybody
    shares. Raises UsageError for what is no string; ``operation`` and ``name`` say whose it is.
    """
    if session_id is None:
        return None
    if not isinstance(session_id, str):
        raise UsageError(f"agent_session_{operation}: `{name}` must be a string")
    key = session_id.strip()
    return None if key in _UNSET else key
