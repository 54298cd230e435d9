"""A bubblewrap that works, or the reason why the tests that need one are skipped."""

import asyncio
from collections.abc import Callable
from functools import cache

import pytest

from harn_tui.tools.sandbox.command_sandbox import CommandSandbox, SandboxSettings
from harn_tui.tools.sandbox.probe import Availability, BubblewrapProbe


@cache
def availability() -> Availability:
    return asyncio.run(BubblewrapProbe().availability())


@pytest.fixture(scope="session")
def _bubblewrap() -> None:
    found = availability()
    if found.program is None:
        pytest.skip(found.reason)


@pytest.fixture
def sandbox(_bubblewrap: None) -> Callable[..., CommandSandbox]:
    """A maker of sandboxes by their settings; a notice fails the test."""

    def make(**settings: object) -> CommandSandbox:
        return CommandSandbox(
            SandboxSettings(**settings),  # type: ignore[arg-type] # the tests know them
            on_notice=pytest.fail,
        )

    return make
