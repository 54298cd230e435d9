"""When a line's attachments are looked for, and what becomes of a line meanwhile."""

import asyncio
from pathlib import Path

from harn_tui.feedback.attachments import Attachments
from harn_tui.feedback.item import USER_KIND
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import FeedbackState, LoopStatus
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.run import run_agent_loop
from harn_tui.tools.registry import ToolRegistry
from tests.conformance.loop_driver import Reply, Script


async def test_line_whose_reading_is_interrupted_returns_to_the_queue(tmp_path: Path) -> None:
    started = asyncio.Event()

    async def hang(_text: str) -> Attachments:
        started.set()
        await asyncio.Event().wait()
        return Attachments()

    queue = FeedbackQueue()
    config = LoopConfig(
        provider=Script([Reply("never")]),
        model="m",
        tools=ToolRegistry(()),
        session_id="s",
        cwd=tmp_path,
        feedback=queue,
        find_attachments=hang,
    )
    prompt = queue.push("s", USER_KIND, "see @a.txt")
    queue.claim_one(prompt.feedback_id)
    steered = queue.push("s", USER_KIND, "and @b.txt")
    control = RunControl()
    request = LoopRequest(prompt=prompt.content, feedback_id=prompt.feedback_id)
    running = asyncio.create_task(run_agent_loop(request, config, control=control))
    await started.wait()
    control.cancel("interrupted")
    result = await running
    assert result.status is LoopStatus.CANCELLED
    assert [item.feedback_id for item in queue.pending("s")] == [
        prompt.feedback_id,
        steered.feedback_id,
    ]
    assert all(item.state is FeedbackState.QUEUED for item in queue.pending("s"))


async def test_prompt_that_a_program_gives_mentions_nothing(tmp_path: Path) -> None:
    asked: list[str] = []

    async def find(text: str) -> Attachments:
        asked.append(text)
        return Attachments("more", ("more",))

    script = Script([Reply("ok")])
    config = LoopConfig(
        provider=script, model="m", tools=ToolRegistry(()), cwd=tmp_path, find_attachments=find
    )
    await run_agent_loop("see @a.txt", config)
    assert asked == []
    assert script.requests[0].messages[0]["content"] == "see @a.txt"
