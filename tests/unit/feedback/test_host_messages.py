import pytest

from harn_tui.feedback.host_messages import HostMessageQueue, parse_host_message_mode
from harn_tui.kinds import HostMessageMode

INTERRUPT = HostMessageMode.INTERRUPT_IMMEDIATE
STEP = HostMessageMode.FINISH_STEP
COMPLETION = HostMessageMode.WAIT_FOR_COMPLETION


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("interrupt_immediate", INTERRUPT),
        ("interrupt", INTERRUPT),
        ("finish_step", STEP),
        ("after_current_operation", STEP),
        ("wait_for_completion", COMPLETION),
        ("Interrupt", COMPLETION),
        ("", COMPLETION),
        (None, COMPLETION),
        (3, COMPLETION),
    ],
)
def test_loop_5_5_unknown_modes_wait_for_completion(name: object, mode: HostMessageMode) -> None:
    assert parse_host_message_mode(name) is mode


def filled_queue() -> HostMessageQueue:
    queue = HostMessageQueue()
    for content, mode in (("1", COMPLETION), ("2", STEP), ("3", INTERRUPT), ("4", STEP)):
        assert queue.push(content, mode)
    return queue


def contents(queue: HostMessageQueue, mode: HostMessageMode) -> list[str]:
    return [message.content for message in queue.take(mode)]


def test_loop_5_5_each_checkpoint_takes_its_mode_in_order() -> None:
    queue = filled_queue()
    assert contents(queue, INTERRUPT) == ["3"]
    assert contents(queue, STEP) == ["2", "4"]
    assert contents(queue, COMPLETION) == ["1"]
    assert len(queue) == 0


def test_loop_10_52_the_last_checkpoint_strands_nothing() -> None:
    queue = filled_queue()
    assert contents(queue, COMPLETION) == ["1", "2", "3", "4"]
    assert contents(queue, COMPLETION) == []


def test_loop_10_52_a_later_checkpoint_takes_what_missed_its_own() -> None:
    queue = filled_queue()
    assert contents(queue, STEP) == ["2", "3", "4"]
    assert len(queue) == 1


def test_loop_5_5_an_empty_message_is_dropped() -> None:
    queue = HostMessageQueue()
    assert not queue.push("", STEP)
    assert len(queue) == 0
