import asyncio

import pytest

from harn_tui.feedback.session_end import SessionEndHooks


async def test_loop_8_5_hooks_run_in_order_with_the_session_id() -> None:
    hooks, calls = SessionEndHooks(), list[str]()

    async def slow(session_id: str) -> None:
        await asyncio.sleep(0)
        calls.append(f"slow {session_id}")

    hooks.add(slow)
    hooks.add(lambda session_id: calls.append(f"plain {session_id}"))
    await hooks.run("s")
    assert calls == ["slow s", "plain s"]


async def test_loop_10_53_a_hook_may_register_a_hook_for_the_next_time() -> None:
    hooks, calls = SessionEndHooks(), list[str]()

    def registering(session_id: str) -> None:
        hooks.add(calls.append)

    hooks.add(registering)
    await hooks.run("first")
    assert calls == []
    await hooks.run("second")
    assert calls == ["second"]


async def test_loop_10_53_a_failing_hook_is_logged_and_stops_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hooks, calls = SessionEndHooks(), list[str]()

    def broken(session_id: str) -> None:
        raise RuntimeError("broken hook")

    async def broken_later(session_id: str) -> None:
        raise RuntimeError("broken hook")

    hooks.add(broken)
    hooks.add(broken_later)
    hooks.add(calls.append)
    await hooks.run("s")
    assert calls == ["s"]
    assert caplog.text.count("session-end hook failed") == 2


async def test_hooks_are_forgotten_on_reset() -> None:
    hooks, calls = SessionEndHooks(), list[str]()
    hooks.add(calls.append)
    hooks.reset()
    await hooks.run("s")
    assert calls == []
