"""An empty folder of sessions around each test."""

from pathlib import Path

import pytest

from tests.unit.store.index.stored import Stored


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    return Stored(tmp_path)
