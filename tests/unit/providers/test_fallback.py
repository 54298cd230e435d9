import asyncio

import pytest

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    Delta,
    OnDelta,
    ProviderSwitched,
    TextDelta,
)
from harn_tui.providers.fallback import FallbackChain, FallbackTarget
from tests.unit.providers.wire import request_of


def failure(category: Category = Category.OVERLOADED, text: str = "busy") -> ProviderError:
    return ProviderError(text, category=category, status=503, retry_after_s=2.0, hint="Wait.")


class Played:
    """A provider that streams ``text`` and then fails or answers."""

    def __init__(
        self,
        name: str,
        outcome: BaseException | None = None,
        text: str = "",
        thinking_blocks: tuple[JsonObject, ...] = (),
        is_paced: bool = True,
    ) -> None:
        self.name = name
        self.is_paced = is_paced
        self.requests: list[CompletionRequest] = []
        self.is_closed = False
        self._outcome, self._text, self._blocks = outcome, text, thinking_blocks

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        self.requests.append(request)
        if self._text:
            on_delta(Accepted())
            on_delta(TextDelta(self._text))
        if self._outcome is not None:
            raise self._outcome
        return Completion(self._text, model=request.model, thinking_blocks=self._blocks)

    async def aclose(self) -> None:
        self.is_closed = True


async def call(
    *targets: FallbackTarget, request: CompletionRequest | None = None
) -> tuple[Completion, list[Delta]]:
    deltas: list[Delta] = []
    reply = await FallbackChain(targets).complete(request or request_of(), deltas.append)
    return reply, deltas


def chain_of(*providers: Played) -> tuple[FallbackTarget, ...]:
    return tuple(FallbackTarget(provider) for provider in providers)


async def test_loop_7_11_a_primary_that_answers_is_the_only_one_asked() -> None:
    primary, other = Played("a", text="hi"), Played("b", text="no")
    reply, deltas = await call(*chain_of(primary, other))
    assert reply.text == "hi"
    assert other.requests == []
    assert deltas == [Accepted(), TextDelta("hi")]


async def test_loop_7_11_a_failure_moves_on_and_the_caller_is_told_first() -> None:
    primary, other = Played("a", failure(text="busy"), text="half"), Played("b", text="whole")
    reply, deltas = await call(
        FallbackTarget(primary), FallbackTarget(other, "model-b"), request=request_of(model="m")
    )
    assert (reply.text, reply.model) == ("whole", "model-b")
    assert deltas == [
        Accepted(),
        TextDelta("half"),
        ProviderSwitched("a", "b", "model-b", "busy", Category.OVERLOADED),
        Accepted(),
        TextDelta("whole"),
    ]
    assert (primary.requests[0].model, other.requests[0].model) == ("m", "model-b")


async def test_loop_7_11_each_switch_names_where_it_came_from() -> None:
    providers = chain_of(
        Played("a", failure()), Played("b", failure(text="down")), Played("c", text="x")
    )
    _, deltas = await call(*providers, request=request_of(model="m"))
    assert [delta for delta in deltas if isinstance(delta, ProviderSwitched)] == [
        ProviderSwitched("a", "b", "m", "busy", Category.OVERLOADED),
        ProviderSwitched("b", "c", "m", "down", Category.OVERLOADED),
    ]


async def test_loop_7_11_when_all_fail_the_primarys_error_is_raised_and_names_the_others() -> None:
    first = failure(text="first")
    providers = chain_of(
        Played("a", first),
        Played("b", failure(Category.AUTH, "bad key")),
        Played("c", failure(Category.NOT_FOUND, "no model")),
    )
    with pytest.raises(ProviderError) as caught:
        await call(*providers)
    error = caught.value
    assert (error.message, error.category, error.status, error.retry_after_s) == (
        "first",
        Category.OVERLOADED,
        503,
        2.0,
    )
    assert error.hint == "Wait. Also tried: b: bad key; c: no model"


FAULTS_OF_THE_REQUEST = [Category.CONTEXT_OVERFLOW, Category.INVALID_REQUEST]


@pytest.mark.parametrize("category", FAULTS_OF_THE_REQUEST)
async def test_a_fault_of_the_request_itself_does_not_move_on(category: Category) -> None:
    other, error = Played("b", text="x"), failure(category)
    with pytest.raises(ProviderError) as caught:
        await call(*chain_of(Played("a", error), other))
    assert caught.value is error
    assert other.requests == []


@pytest.mark.parametrize("category", sorted(set(Category) - set(FAULTS_OF_THE_REQUEST)))
async def test_every_other_failure_moves_on(category: Category) -> None:
    reply, _ = await call(*chain_of(Played("a", failure(category)), Played("b", text="x")))
    assert reply.text == "x"


async def test_a_fault_of_the_request_ends_the_chain_wherever_it_shows() -> None:
    last = Played("c", text="x")
    providers = chain_of(
        Played("a", failure()), Played("b", failure(Category.CONTEXT_OVERFLOW, "too long")), last
    )
    with pytest.raises(ProviderError, match="Also tried: b: too long") as caught:
        await call(*providers)
    assert caught.value.category is Category.OVERLOADED
    assert last.requests == []


async def test_a_cancellation_does_not_move_on() -> None:
    other = Played("b", text="x")
    with pytest.raises(asyncio.CancelledError):
        await call(*chain_of(Played("a", asyncio.CancelledError()), other))
    assert other.requests == []


async def test_every_call_begins_with_the_primary_again() -> None:
    primary, other = Played("a", failure()), Played("b", text="x")
    chain = FallbackChain(chain_of(primary, other))
    for _ in range(2):
        await chain.complete(request_of(), lambda _: None)
    assert (len(primary.requests), len(other.requests)) == (2, 2)


async def test_sealed_reasoning_is_not_carried_to_another_model_nor_back() -> None:
    sealed: JsonObject = {"type": "thinking", "thinking": "x", "signature": "s"}
    primary, other = Played("a", failure()), Played("b", text="x", thinking_blocks=(sealed,))
    request = request_of(
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes", "thinking_blocks": [sealed]},
        {"role": "user", "content": "Go on"},
    )
    reply, _ = await call(*chain_of(primary, other), request=request)
    assert primary.requests[0] == request
    assert all("thinking_blocks" not in message for message in other.requests[0].messages)
    assert reply.thinking_blocks == ()


async def test_a_chain_is_named_and_paced_like_its_primary_and_closes_all() -> None:
    providers = (Played("a", is_paced=False), Played("b"))
    chain = FallbackChain(chain_of(*providers))
    assert (chain.name, chain.is_paced) == ("a", False)
    await chain.aclose()
    assert all(provider.is_closed for provider in providers)
