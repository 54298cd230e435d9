from collections.abc import Iterator

import pytest

from harn_tui.sinks.registry import SinkRegistry, use_registry


@pytest.fixture(autouse=True)
def registry() -> Iterator[SinkRegistry]:
    with use_registry(SinkRegistry()) as registry:
        yield registry
