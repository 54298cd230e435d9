"""Going over to another model: it holds from a preflight on, and all that depends on it follows."""

from collections.abc import Callable
from dataclasses import replace

from harn_tui.config.loop_options import LoopOptions
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SwitchState
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.providers.base import Completion, CompletionRequest, ModelFacts, OnDelta, Usage
from tests.conformance.loop_driver import Reply, Script, Setup, make_tool

LOOK = make_tool("look")
SEAL: JsonObject = {"type": "thinking", "thinking": "hm", "signature": "of the first"}


class Sealing(Script):
    """A model whose every reply carries reasoning that only it can read again."""

    name = "first"

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        reply = await super().complete(request, on_delta)
        return replace(reply, thinking_blocks=(SEAL,))


class Other(Script):
    """The provider that is gone over to."""

    name = "second"


class Models:
    """What is in use, as the loop asks for it."""

    def __init__(self, first: Script, facts: ModelFacts | None = None) -> None:
        self.now = ModelInUse(first, "test-model", facts or ModelFacts())

    def __call__(self) -> ModelInUse:
        return self.now

    def go_over(self, provider: Script, model: str, facts: ModelFacts) -> Callable[[], None]:
        def switch() -> None:
            self.now = ModelInUse(provider, model, facts)

        return switch


def setup(first: Script, models: Models, **others: object) -> Setup:
    made = Setup((), tools=(LOOK,), extra={"current_model": models}, **others)  # type: ignore[arg-type]
    made.provider = first
    return made


async def test_a_switch_during_a_call_holds_from_the_next_preflight() -> None:
    second = Other([Reply("from the second")])
    first = Sealing([])
    models = Models(first)
    facts = ModelFacts(input_price=1.0, output_price=2.0)
    first._replies = [
        Reply("a", (("look", {}),), before=models.go_over(second, "other-model", facts))
    ]
    run = await setup(first, models).run()
    assert [request.model for request in (*first.requests, *second.requests)] == [
        "test-model",
        "other-model",
    ]
    types = [e.type for e in run.events if e.type in {"turn_start", "model_switch", "turn_end"}]
    assert types == ["turn_start", "turn_end", "model_switch", "turn_start", "turn_end"]
    (switch,) = run.of("model_switch")
    assert (switch.state, switch.provider, switch.model) == (
        SwitchState.ACTIVE,
        "second",
        "other-model",
    )
    assert [start.model for start in run.of("llm_call_start")] == ["test-model", "other-model"]


async def test_each_call_has_the_price_of_its_model() -> None:
    second = Other([Reply("done", usage=Usage(1_000_000, 500_000))])
    first = Sealing([])
    models = Models(first, ModelFacts(input_price=10.0, output_price=10.0))
    go_over = models.go_over(second, "cheap", ModelFacts(input_price=1.0, output_price=2.0))
    usage = Usage(100_000, 100_000)
    first._replies = [Reply("a", (("look", {}),), usage=usage, before=go_over)]
    run = await setup(first, models).run()
    assert [end.cost_usd for end in run.of("llm_call_end")] == [2.0, 2.0]


async def test_sealed_reasoning_goes_to_no_other_model() -> None:
    second = Other([Reply("done")])
    first = Sealing([])
    models = Models(first)
    go_over = models.go_over(second, "other", ModelFacts())
    first._replies = [
        Reply("a", (("look", {}),)),
        Reply("b", (("look", {}),), before=go_over),
    ]
    await setup(first, models).run()
    kept = [m for m in first.requests[1].messages if "thinking_blocks" in m]
    assert [m["thinking_blocks"] for m in kept] == [[SEAL]]
    sent = list(second.requests[0].messages)
    assert not any("thinking_blocks" in message for message in sent)
    without_roles = [(m["role"], m.get("tool_calls") is not None) for m in sent]
    assert without_roles == [
        ("user", False),
        ("assistant", True),
        ("tool", False),
        ("assistant", True),
        ("tool", False),
    ]


async def test_a_smaller_window_has_the_history_compacted_first() -> None:
    second = Other([Reply("done")])
    first = Sealing([])
    models = Models(first, ModelFacts(context_window=1_000_000))
    go_over = models.go_over(second, "small", ModelFacts(context_window=2_000))
    long = "word " * 4_000
    first._replies = [Reply(long, (("look", {}),)), Reply("b", (("look", {}),), before=go_over)]
    options = LoopOptions(compaction={"strategy": "truncate", "keep_last": 2})
    run = await setup(first, models, options=options).run()
    order = [e.type for e in run.events if e.type in {"model_switch", "transcript_compacted"}]
    assert order == ["model_switch", "transcript_compacted"]
    assert sum(len(str(m["content"])) for m in second.requests[0].messages) < len(long)


async def test_what_is_found_out_of_the_same_model_changes_no_model() -> None:
    first = Script([])
    models = Models(first)
    found = models.go_over(first, "test-model", ModelFacts(input_price=1.0, output_price=1.0))
    first._replies = [
        Reply("a", (("look", {}),), before=found),
        Reply("b", usage=Usage(1_000_000, 0)),
    ]
    run = await setup(first, models).run()
    assert run.of("model_switch") == []
    assert [end.cost_usd for end in run.of("llm_call_end")] == [None, 1.0]


async def test_a_late_line_after_a_switch_goes_to_the_other_model() -> None:
    second = Other([Reply("heard")])
    first = Script([])
    models = Models(first)
    made = setup(first, models)

    def steer_and_switch() -> None:
        made.push("and this?")
        models.go_over(second, "other", ModelFacts())()

    first._replies = [Reply("done", before=steer_and_switch)]
    run = await made.run()
    assert "and this?" in str(list(second.requests[0].messages))
    assert run.types().count("loop_end") == 1
