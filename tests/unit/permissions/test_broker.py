"""The broker between those who ask and those who answer."""

import asyncio

import pytest

from harn_tui.kinds import Decision, DecisionScope
from harn_tui.permissions.broker import Answer, PermissionBroker

YES = Answer(Decision.ALLOW, DecisionScope.SESSION, "go on")
NO = Answer(Decision.DENY)


async def asked(broker: PermissionBroker, request_id: str) -> asyncio.Task[Answer]:
    """Start asking and return once the request is open."""
    task = asyncio.create_task(broker.ask(request_id))
    await asyncio.sleep(0)  # one step of the loop: the task runs until it waits
    assert request_id in broker.pending()
    return task


async def test_the_first_answer_wins_and_later_ones_are_refused() -> None:
    broker = PermissionBroker()
    task = await asked(broker, "r1")
    assert broker.answer("r1", YES)
    assert not broker.answer("r1", NO)
    assert broker.pending() == ()
    assert await task == YES
    assert not broker.answer("r1", NO)


async def test_an_answer_reaches_only_its_own_request() -> None:
    broker = PermissionBroker()
    first, second = await asked(broker, "r1"), await asked(broker, "r2")
    assert broker.pending() == ("r1", "r2")
    broker.answer("r2", YES)
    assert await second == YES
    assert not first.done()
    broker.answer("r1", NO)
    assert await first == NO


async def test_an_unknown_request_cannot_be_answered() -> None:
    assert not PermissionBroker().answer("r1", YES)


async def test_an_opened_request_can_be_answered_before_anybody_waits() -> None:
    broker = PermissionBroker()
    broker.open("r1")
    assert broker.answer("r1", YES)
    assert await broker.ask("r1") == YES


async def test_a_request_is_not_opened_twice() -> None:
    broker = PermissionBroker()
    broker.open("r1")
    with pytest.raises(ValueError, match="r1"):
        broker.open("r1")


async def test_cancelling_all_denies_what_is_open_and_says_so() -> None:
    broker = PermissionBroker()
    first, second = await asked(broker, "r1"), await asked(broker, "r2")
    broker.answer("r1", YES)
    assert broker.cancel_all() == ("r2",)
    assert await first == YES
    answer = await second
    assert answer.decision is Decision.DENY
    assert answer.is_cancelled
    assert broker.cancel_all() == ()


async def test_a_cancelled_wait_closes_its_request() -> None:
    broker = PermissionBroker()
    task = await asked(broker, "r1")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert broker.pending() == ()
    assert not broker.answer("r1", YES)
