"""200 runs that are killed somewhere: every log opens, every line is delivered once or waits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import REPOSITORY

SEED = int(os.environ.get("HARN_TEST_CRASH_SEED", "20260"))
RUNS = 200


@pytest.mark.timeout(600)
def test_200_killed_runs_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.crashing.runs", str(SEED), str(RUNS), str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    said = f"seeds {SEED} to {SEED + RUNS - 1}:\n{done.stdout}{done.stderr}"
    assert done.returncode == 0, said
    assert done.stdout == f"{RUNS} runs were killed, 0 left something wrong\n", said
