"""Several loops at once on one feedback queue, each with a host, a script, a log and a live view.

A plan says, for each loop, what its model replies, which of its calls fail in which way, who says
what at which moment and to which loop, and when it is cancelled. ``World`` plays it.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.events.record import Event, Record
from harn_tui.feedback.item import FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, FeedbackState, HostMessageMode, LifecycleEvent
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import LoopRequest
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.permissions.rules import PermissionRules
from harn_tui.sinks.base import CollectingSink
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
from harn_tui.store.log_reader import read_records
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool
from tests.conformance.observed import broken_call, text_call

CALLS = ("look", "fail", "burst", "denied", "nowhere", "unreadable")
FAULTS = ("cut", "busy", "fatal")
PLACES = ("hook", "request", "midway", "tool")
MOMENTS = (
    "turn_start",
    "turn_end",
    "feedback_injected",
    "llm_call_start",
    "agent_message_chunk",
    "llm_retry",
    "llm_call_end",
    "message_recorded",
    "tool_call",
    "tool_call_update",
    "transcript_compacted",
    "loop_end",
)
ANY_EVENT = "event"
END_REPLIES = 40


@dataclass(frozen=True)
class Said:
    """One thing that is said at ``place`` of a turn, to the loop with the number ``target``.

    With a ``mode`` its host says it; ``None`` means a line of feedback of ``kind``.
    """

    place: str
    target: int
    mode: HostMessageMode | None = None
    kind: str = "user"
    boundary: Boundary = Boundary.NEXT_PREFLIGHT
    is_own_side: bool = True


@dataclass(frozen=True)
class PlannedTurn:
    """A reply with ``calls``; ``fault`` is how its request fails first, ``None`` for not at all."""

    calls: tuple[str, ...] = ()
    has_text: bool = True
    fault: str | None = None
    said: tuple[Said, ...] = ()


@dataclass(frozen=True)
class PlannedLoop:
    """A loop's turns and options; it is cancelled at the n-th event of a type, if at all.

    ``said_late`` is said while the model says that it has finished.
    """

    turns: tuple[PlannedTurn, ...] = ()
    said_late: tuple[Said, ...] = ()
    is_native: bool = True
    is_persistent: bool = False
    is_compacting: bool = False
    cancel_at: tuple[str, int] | None = None


class _CountingSink(CollectingSink):
    """Keeps the events of one run, records them, and cancels the run at one of them."""

    def __init__(
        self, recorder: Recorder, control: RunControl, cancel_at: tuple[str, int] | None
    ) -> None:
        super().__init__()
        self._recorder, self._control, self._cancel_at = recorder, control, cancel_at
        self._seen: Counter[str] = Counter()

    def handle_event(self, event: Event) -> None:
        super().handle_event(event)
        self._recorder.handle_event(event)
        self._seen.update((event.type, ANY_EVENT))
        if self._cancel_at in {(kind, self._seen[kind]) for kind in (event.type, ANY_EVENT)}:
            self._control.cancel("at an event")


@dataclass
class Player:
    """One session: its runs, what its host said to it, and its view, live."""

    number: int
    plan: PlannedLoop
    recorder: Recorder
    log: Path
    live: SessionView = field(default_factory=SessionView)
    runs: list[Run] = field(default_factory=list)
    setups: list[Setup] = field(default_factory=list)
    host_said: list[tuple[HostMessageMode, str]] = field(default_factory=list)

    @property
    def session_id(self) -> str:
        return f"session-{self.number}"

    def of(self, event_type: str) -> list[Any]:
        return [event for run in self.runs for event in run.of(event_type)]

    def records(self) -> list[Record]:
        return list(read_records(self.log))


class World:
    """The loops of a plan, their shared queue, and the order in which lines were queued."""

    def __init__(self, plans: Sequence[PlannedLoop], folder: Path) -> None:
        self.queue = FeedbackQueue(on_change=self._note_line)
        self.lines: dict[tuple[str, bool], list[FeedbackItem]] = defaultdict(list)
        """By session and side, the lines in the order in which they were queued."""
        self._known: set[str] = set()
        self._sides: dict[str, bool] = {}
        self._count = 0
        self.players = [self._player(n, plan, folder) for n, plan in enumerate(plans)]

    async def play(self) -> None:
        """Run all loops at once, then each once more undisturbed, and close their logs."""
        await asyncio.gather(*(self._run_planned(player) for player in self.players))
        await asyncio.gather(*(self._run_again(player) for player in self.players))
        for player in self.players:
            await player.recorder.close()

    def _player(self, number: int, plan: PlannedLoop, folder: Path) -> Player:
        log = folder / f"{number}.jsonl"
        recorder = Recorder(f"session-{number}", LineWriter(log))
        player = Player(number, plan, recorder, log)
        recorder.subscribe(partial(_fold, player.live))
        return player

    def _note_line(self, item: FeedbackItem) -> None:
        if item.state is FeedbackState.QUEUED and item.feedback_id not in self._known:
            self._known.add(item.feedback_id)
            is_own_side = item.content.endswith("own")
            self.lines[item.session_id, is_own_side].append(item)

    def _say(self, said: Said) -> None:
        player = self.players[said.target % len(self.players)]
        self._count += 1
        text = f"for-{player.number}-number-{self._count}-{'own' if said.is_own_side else 'far'}"
        if said.mode is not None:
            player.host_said.append((said.mode, text))
            player.setups[-1].host_messages.push(text, said.mode)
            return
        push = self.queue.push if said.is_own_side else self.queue.push_threadsafe
        push(player.session_id, said.kind, text, said.boundary)

    def _sayer(self, turn: PlannedTurn, place: str) -> Callable[[], None]:
        """Return what says, the first time only, all that ``turn`` has for ``place``."""
        left = [said for said in turn.said if said.place == place]

        def say() -> None:
            while left:
                self._say(left.pop(0))

        return say

    async def _run_planned(self, player: Player) -> None:
        plan = player.plan
        setup = self._setup(player, plan.cancel_at)
        hooks = LifecycleHooks()
        by_turn = dict(enumerate(self._sayer(turn, "hook") for turn in plan.turns))

        def on_turn(payload: JsonObject) -> None:
            turn: Any = payload["turn"]
            by_turn.pop(turn["iteration"], lambda: None)()

        hooks.add(LifecycleEvent.PRE_AGENT_TURN, "*", on_turn)
        setup.extra["hooks"] = hooks
        tool_sayers = [self._sayer(turn, "tool") for turn in plan.turns]
        setup.tools = _tools(tool_sayers)
        for turn in plan.turns:
            setup.provider._replies += self._replies(plan, turn)
        end = _end_replies(plan)
        late = PlannedTurn(said=tuple(replace(said, place="request") for said in plan.said_late))
        end[0] = replace(end[0], before=self._sayer(late, "request"))
        setup.provider._replies += end
        player.runs.append(await setup.run(LoopRequest(f"for-{player.number}-prompt")))

    async def _run_again(self, player: Player) -> None:
        setup = self._setup(player, None)
        setup.tools = _tools([])
        setup.provider._replies += _end_replies(player.plan)
        first = player.runs[0].result
        request = LoopRequest(
            f"for-{player.number}-again", history=first.messages, calls_before=first.calls
        )
        player.runs.append(await setup.run(request))

    def _setup(self, player: Player, cancel_at: tuple[str, int] | None) -> Setup:
        plan = player.plan
        control = RunControl()
        setup = Setup(
            [],
            feedback=self.queue,
            control=control,
            permissions=PermissionRules.parse({"deny": ["denied"]}),
            session_id=player.session_id,
            options=LoopOptions(
                persistent=plan.is_persistent,
                tool_format="native" if plan.is_native else "text",
                max_iterations=12,
                max_nudges=3,
                llm_retries=2,
                compaction={"type": "truncate", "keep_last": 2} if plan.is_compacting else False,
                compact_threshold=400,
            ),
            sink=_CountingSink(player.recorder, control, cancel_at),
        )
        if player.setups:
            setup.host_messages = player.setups[0].host_messages
        player.setups.append(setup)
        return setup

    def _replies(self, plan: PlannedLoop, turn: PlannedTurn) -> list[Reply]:
        text = "some words" if turn.has_text else ""
        body: dict[str, Any] = {"text": text}
        if plan.is_native:
            is_malformed = "unreadable" in turn.calls
            body["calls"] = tuple((call, {"path": f"p{n}"}) for n, call in enumerate(turn.calls))
            body["malformed"] = "{bad" if is_malformed else None
        else:
            blocks = [f"<assistant_prose>{text}</assistant_prose>"] if text else []
            blocks += [
                broken_call("look") if call == "unreadable" else text_call(call, path=f"p{n}")
                for n, call in enumerate(turn.calls)
            ]
            body["text"] = "\n".join(blocks)
        body["before"] = self._sayer(turn, "request")
        say_midway = self._sayer(turn, "midway")

        async def midway() -> None:
            await asyncio.sleep(0)
            say_midway()

        body["midway"] = midway
        match turn.fault:
            case "cut":
                cut = ProviderError("cut", category=Category.TRANSIENT_NETWORK)
                return [Reply(**body, error=cut), Reply(**body)]
            case "busy":
                busy = ProviderError("busy", category=Category.OVERLOADED)
                return [Reply(**body, error=busy, accepts=False), Reply(**body)]
            case "fatal":
                fatal = ProviderError("no key", category=Category.AUTH)
                return [Reply(**body, error=fatal, accepts=False)]
        return [Reply(**body)]


def _end_replies(plan: PlannedLoop) -> list[Reply]:
    text = "the end\n##DONE##" if plan.is_native else "<done>##DONE##</done>"
    return [Reply(text) for _ in range(END_REPLIES)]


def _tools(sayers: list[Callable[[], None]]) -> tuple[Any, ...]:
    """Return tools that end well, end badly and raise; each call says what the next turn has."""

    async def look(arguments: Any, context: ToolContext) -> ToolResult:
        await asyncio.sleep(0)
        for say in sayers:
            say()
        await asyncio.sleep(0)
        return ToolResult(f"looked at {arguments.get('path')} {'.' * 200}")

    async def fail(arguments: Any, context: ToolContext) -> ToolResult:
        return ToolResult("it went wrong", ok=False)

    async def burst(arguments: Any, context: ToolContext) -> ToolResult:
        raise RuntimeError("burst")

    return (
        make_tool("look", run=look),
        make_tool("fail", run=fail),
        make_tool("burst", run=burst),
        make_tool("denied"),
    )


def _fold(view: SessionView, record: Record) -> None:
    apply(view, record)
