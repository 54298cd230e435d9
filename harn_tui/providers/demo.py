"""The built-in demo: a deterministic stand-in for a model that needs no key and no network.

It drives the real loop and the real tools on the person's own folder and is steered like a model.
It says in its first text that it is not one. All state is read from the request's messages.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import cycle
from typing import Final

from harn_tui.json_types import JsonObject
from harn_tui.kinds import StopReason
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    OnDelta,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallRequest,
    ToolCallStarted,
    Usage,
)
from harn_tui.providers.content_parts import text_only
from harn_tui.providers.demo_scene import read_scene
from harn_tui.providers.demo_turn import DemoTurn, next_turn
from harn_tui.providers.vendors import DEMO_MODEL
from harn_tui.providers.wire_json import text_of

DEFAULT_PACE_S: Final = 0.04
"""Mean time between two pieces of text."""

_PIECE_CHARS: Final = (64, 92, 78, 100, 70)
_PIECE_PACE: Final = (1.0, 0.8, 1.25, 0.9, 1.1)
_PAUSES_BEFORE_FIRST: Final = 8
_CHARS_PER_TOKEN: Final = 4
_TOKENS_PER_TOOL: Final = 120
_DONE_SENTINEL: Final = "##DONE##"


class DemoProvider:
    """Plays the demo. ``pace_s`` is the mean time between pieces of text; 0 does not wait."""

    def __init__(self, name: str = "demo", pace_s: float = DEFAULT_PACE_S) -> None:
        self._name = name
        self._pace_s = pace_s

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    @property
    def is_paced(self) -> bool:
        """Nothing here recovers by being waited for."""
        return False

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the demo's next turn (docs in ``providers.base.Provider``)."""
        request = replace(request, messages=text_only(request.messages))
        scene = read_scene(request)
        turn = next_turn(scene)
        text = turn.text
        if not turn.calls and _DONE_SENTINEL in (request.system or ""):
            text += f"\n\n{_DONE_SENTINEL}"
        calls = tuple(
            ToolCallRequest(
                id=f"demo_call_{scene.calls_before + number}",
                name=name,
                arguments=arguments,
                raw_arguments=json.dumps(arguments, ensure_ascii=False),
            )
            for number, (name, arguments) in enumerate(turn.calls, start=1)
        )
        await asyncio.sleep(self._pace_s * _PAUSES_BEFORE_FIRST)
        on_delta(Accepted())
        await self._stream(turn.thought, text, calls, on_delta)
        return Completion(
            text=text,
            thinking=turn.thought,
            tool_calls=calls,
            usage=_usage(request, turn),
            stop_reason=StopReason.TOOL_CALLS if calls else StopReason.STOP,
            model=DEMO_MODEL,
        )

    async def aclose(self) -> None:
        """Nothing is open."""

    async def _stream(
        self,
        thought: str,
        text: str,
        calls: tuple[ToolCallRequest, ...],
        on_delta: OnDelta,
    ) -> None:
        pieces = _Pieces(self._pace_s)
        async for piece in pieces.of(thought):
            on_delta(ThoughtDelta(piece))
        async for piece in pieces.of(text):
            on_delta(TextDelta(piece))
        for index, call in enumerate(calls):
            on_delta(ToolCallStarted(index, call.id, call.name))
            async for piece in pieces.of(call.raw_arguments):
                on_delta(ToolArgumentsDelta(index, piece))


class _Pieces:
    """Cuts texts into pieces of uneven size, a little time apart, the same way every time."""

    def __init__(self, pace_s: float) -> None:
        self._pace_s = pace_s
        self._sizes = cycle(_PIECE_CHARS)
        self._paces = cycle(_PIECE_PACE)

    async def of(self, text: str) -> AsyncIterator[str]:
        start = 0
        while start < len(text):
            size = next(self._sizes)
            yield text[start : start + size]
            start += size
            await asyncio.sleep(self._pace_s * next(self._paces))


def _usage(request: CompletionRequest, turn: DemoTurn) -> Usage:
    """Return plausible counts, so that meters have something true to its size to show."""
    prompt = len(request.system or "") + sum(_length(message) for message in request.messages)
    arguments = sum(len(json.dumps(arguments)) for _, arguments in turn.calls)
    answer = len(turn.text) + len(turn.thought) + arguments
    return Usage(
        input_tokens=prompt // _CHARS_PER_TOKEN + len(request.tools) * _TOKENS_PER_TOOL,
        output_tokens=max(1, answer // _CHARS_PER_TOKEN),
    )


def _length(message: JsonObject) -> int:
    calls = message.get("tool_calls")
    return len(text_of(message.get("content"))) + (len(json.dumps(calls)) if calls else 0)
