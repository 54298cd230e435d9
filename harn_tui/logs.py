"""The program's own log file, and the one place that takes secrets out of text.

A console owns the terminal, so the log goes to a file and nowhere else. Every line is redacted
as a whole, tracebacks included.
"""

import contextlib
import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path

LOG_FILE_NAME = "harn-tui.log"
MAX_LOG_BYTES = 4_000_000
"""A log that has reached this size when the program starts is set aside; one old file is kept."""

REDACTED = "[redacted]"
"""What stands where a secret was."""

_LOGGER_NAMES = ("harn_tui", "agent", "tool_surface")
"""Roots of our loggers: by module, and by what happens (docs/tools.md 1.8)."""
_LINE_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:API_?KEYS?|ACCESS_?KEY|PRIVATE_?KEY|KEY|TOKENS?|SECRETS?|PASSWORD|PASSWD|"
    r"PASSPHRASE|CREDENTIALS?)(?:_|$)",
    re.IGNORECASE,
)
_SHORTEST_SECRET = 8
_SECRET_SHAPES = (
    re.compile(r"(?<![A-Za-z0-9])(?:sk|pk|rk)-[A-Za-z0-9_-]{12,}"),
    re.compile(r"(?<![A-Za-z0-9])(?:gh[oprsu]|github_pat|glpat|xox[abprs])[_-][A-Za-z0-9_-]{12,}"),
    re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AIza)[A-Za-z0-9_-]{16,}"),
)
_SECRET_AFTER_WORD = (
    re.compile(r"(?i)(\bbearer\s+)[^\s\"',;]+"),
    re.compile(r"(?i)(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:basic\s+)?)(?!bearer\b)[^\s\"',;]+"),
    re.compile(r"(?i)(\b(?:x-api-key|api[_-]?key)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]+"),
)


def redact(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Return ``text`` with ``[redacted]`` in the place of every secret.

    Secrets are the values of variables whose name says so (``OPENAI_API_KEY``, ``DB_PASSWORD``),
    keys of known shapes (``sk-…``), and what follows ``Bearer``, ``Authorization:`` or
    ``api_key=``. ``environment`` ``None`` means the process's own. Values under eight characters
    are left alone: they are switches, and hiding ``true`` everywhere would hide the text.
    """
    for value in secret_values(os.environ if environment is None else environment):
        text = text.replace(value, REDACTED)
    for shape in _SECRET_SHAPES:
        text = shape.sub(REDACTED, text)
    for shape in _SECRET_AFTER_WORD:
        text = shape.sub(rf"\1{REDACTED}", text)
    return text


def secret_values(environment: Mapping[str, str]) -> list[str]:
    """Return the values in ``environment`` that look secret by name, longest first.

    Longest first, so that a secret that contains another is replaced whole.
    """
    values = {
        value.strip()
        for name, value in environment.items()
        if len(value.strip()) >= _SHORTEST_SECRET and is_secret_name(name)
    }
    return sorted(values, key=len, reverse=True)


def is_secret_name(name: str) -> bool:
    """Whether a variable called ``name`` holds a secret by its name, such as ``OPENAI_API_KEY``."""
    return _SECRET_NAME.search(name) is not None


class RedactingFormatter(logging.Formatter):
    """Formats a log record and takes the secrets out of the result."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished line, or lines when there is a traceback."""
        return redact(super().format(record))


class _LogFile(logging.FileHandler):
    """A log whose lines are lost while the disk is full: a traceback on the screen helps nobody."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Drop the line. The session tells of a disk that cannot be written."""

    def close(self) -> None:
        """Close the file, whatever of it can still be written."""
        with contextlib.suppress(OSError):
            super().close()


def configure_logging(folder: Path, level: int = logging.INFO) -> Path:
    """Send the program's log to a file in ``folder`` and return the file's path.

    Called once by a front end. The folder is made when it is missing (0700), the file is readable
    by its owner alone (0600). Calling again moves the log; nothing is ever written twice.
    Raises OSError when the file cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / LOG_FILE_NAME
    _set_aside_when_large(path)
    path.touch(mode=0o600)
    handler = _LogFile(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(RedactingFormatter(_LINE_FORMAT))
    close_logging()
    for name in _LOGGER_NAMES:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    return path


def close_logging() -> None:
    """Close the log file and undo ``configure_logging``; harmless when there is none."""
    for name in _LOGGER_NAMES:
        logger = logging.getLogger(name)
        for handler in logger.handlers[:]:
            logger.removeHandler(handler)
            handler.close()
        logger.propagate = True


def _set_aside_when_large(path: Path) -> None:
    if path.is_file() and path.stat().st_size >= MAX_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
