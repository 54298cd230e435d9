"""Compaction that somebody asked for: before the next call, whatever the size."""

from harn_tui.config.loop_options import LoopOptions
from harn_tui.json_types import JsonObject
from harn_tui.loop.config import LoopRequest
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool

LOOK = make_tool("look")


class Wish:
    """Is there once, when ``when`` calls have been looked at."""

    def __init__(self, when: int) -> None:
        self._left = when

    def __call__(self) -> bool:
        self._left -= 1
        return self._left == -1


def history(count: int) -> tuple[JsonObject, ...]:
    return tuple({"role": "user", "content": f"line {n}"} for n in range(count))


async def run(
    wish: Wish, *replies: Reply, said: int = 30, compaction: str | JsonObject | None = None
) -> Run:
    setup = Setup(
        replies,
        tools=(LOOK,),
        options=LoopOptions(compaction=compaction),
        extra={"wants_compaction": wish},
    )
    request = LoopRequest(prompt="go", history=history(said))
    return await setup.run(request)


async def test_a_wish_is_carried_out_once_before_the_next_call() -> None:
    policy: JsonObject = {"strategy": "truncate", "keep_last": 2}
    replies = [Reply("a", (("look", {}),)), Reply("b", (("look", {}),)), Reply("c")]
    done = await run(Wish(1), *replies, compaction=policy)
    (compacted,) = done.of("transcript_compacted")
    assert compacted.mode == "manual"
    order = [e.type for e in done.events if e.type in {"llm_call_start", "transcript_compacted"}]
    assert order == ["llm_call_start", "transcript_compacted", "llm_call_start", "llm_call_start"]
    sent = [len(request.messages) for request in done.provider.requests]
    assert sent[1] < sent[0]


async def test_what_cannot_be_summarised_is_said() -> None:
    short = await run(Wish(0), Reply("a"), said=2)
    off = await run(Wish(0), Reply("a"), compaction="none")
    notices = [[n.text for n in one.of("notice")] for one in (short, off)]
    assert notices == [
        ["There is nothing to summarise yet: 10 messages are always kept."],
        ["Compaction is switched off (loop.compaction), so nothing was summarised."],
    ]
    assert [one.of("transcript_compacted") for one in (short, off)] == [[], []]
