"""Let the snapshot plugin find its folder again, which the clean environment takes away."""

import os

import pytest

from tests.support.quick_pilot import use_short_steps

use_short_steps()
_VARIABLE = "TEXTUAL_SNAPSHOT_TEMPDIR"
_REPORT_FOLDER = os.environ.get(_VARIABLE, "")


@pytest.fixture(autouse=True)
def _report_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_VARIABLE, _REPORT_FOLDER)
