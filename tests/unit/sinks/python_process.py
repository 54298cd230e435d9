"""Python programs that tests run in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

import harn_tui

_SOURCES = Path(harn_tui.__file__).parents[1]


def start_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start ``code`` with the package under test importable and all streams as text pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_SOURCES)},
    )


def run_python(code: str, *arguments: str) -> str:
    """Run ``code`` to its end and return what it printed; it must not complain."""
    with start_python(code, *arguments) as process:
        output, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, "")
    return output
