"""Stand-ins for what lies below the console: a session that plays what a test scripts."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from harn_tui.config.key_paths import KeyPath
from harn_tui.config.loader import LoadedConfiguration, load_configuration
from harn_tui.config.user_file import set_value
from harn_tui.console.frame import Handle
from harn_tui.console.rewind_ports import RewindPort
from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.reader import Reader
from harn_tui.errors import AttachmentError, HarnError, StoreError
from harn_tui.events.host import (
    FeedbackStateChanged,
    ModelSwitch,
    PermissionDecision,
    PermissionRequest,
    QuestionAnswered,
)
from harn_tui.events.record import Event, Record
from harn_tui.feedback.item import AttachedImage
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import (
    Boundary,
    Decision,
    DecisionScope,
    FeedbackState,
    QuestionOutcome,
    RulePlace,
    SwitchState,
)
from harn_tui.permissions.chosen_rule import ChosenRule
from harn_tui.permissions.grants import granted_parameter
from harn_tui.permissions.rule_files import RuleFile
from harn_tui.permissions.rule_trial import RuleTrial
from harn_tui.tools.foreseen_change import ForeseenChange
from harn_tui.tools.mcp.servers import McpServerState
from harn_tui.view.model import SessionView

SESSION_ID = "session-1"
START_MS = 1_700_000_000_000


@dataclass
class FakeClock:
    """Milliseconds that pass only when a test says so."""

    now_ms: int = START_MS

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, milliseconds: int) -> None:
        self.now_ms += milliseconds


@dataclass
class FakeHandle:
    """A call of ``FakeScheduler``."""

    due_s: float
    callback: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class FakeScheduler:
    """One-shot calls that run when a test moves the time."""

    now_s: float = 100.0
    handles: list[FakeHandle] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now_s

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Handle:
        handle = FakeHandle(self.now_s + delay_s, callback)
        self.handles.append(handle)
        return handle

    @property
    def waiting(self) -> list[FakeHandle]:
        return [handle for handle in self.handles if not handle.is_cancelled]

    def advance(self, seconds: float) -> None:
        """Run what is due, in order, up to ``seconds`` from now."""
        end_s = self.now_s + seconds
        while due := [handle for handle in self.waiting if handle.due_s <= end_s + 1e-9]:
            handle = min(due, key=lambda one: one.due_s)
            self.handles.remove(handle)
            self.now_s = max(self.now_s, handle.due_s)
            handle.callback()
        self.now_s = end_s


@dataclass(frozen=True)
class FakeAgent:
    """A nested loop that is at work."""

    worker_id: str
    name: str
    depth: int = 1
    doing: str = "run_command: make test"


class FakeAgents:
    """The nested loops of a session; ``calls`` has what the console asked of them."""

    def __init__(self) -> None:
        self.running: list[FakeAgent] = []
        self.calls: list[tuple[str, ...]] = []

    def steer(self, worker_id: str, text: str) -> bool:
        self.calls.append(("steer", worker_id, text))
        return any(agent.worker_id == worker_id for agent in self.running)

    def cancel(self, worker_id: str) -> bool:
        self.calls.append(("cancel", worker_id))
        return any(agent.worker_id == worker_id for agent in self.running)


class FakeQueue:
    """The queue as a whole; ``calls`` has what the console asked of it."""

    def __init__(self) -> None:
        self.is_paused = False
        self.calls: list[tuple[object, ...]] = []
        self.messages: list[JsonObject] = []
        self.is_late = False

    def pause(self) -> None:
        self.is_paused = True

    def move(self, feedback_id: str, offset: int) -> bool:
        self.calls.append(("move", feedback_id, offset))
        return True

    def change_boundary(self, feedback_id: str) -> bool:
        self.calls.append(("change_boundary", feedback_id))
        return not self.is_late

    def preview(self) -> list[JsonObject]:
        return self.messages


class FakeSoftStop:
    """``has_call`` says that a call is running, which a first request lets end."""

    def __init__(self) -> None:
        self.has_call = False
        self.is_armed = False

    def arm(self) -> bool:
        if self.is_armed or not self.has_call:
            return False
        self.is_armed = True
        return True


class FakeLoads:
    """What commands use of the processor; ``asked`` has the calls that were asked about."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.known: int | None = None

    def percent(self, tool_call_id: str) -> int | None:
        self.asked.append(tool_call_id)
        return self.known


class FakeQuestions:
    """The open questions of a session; each answer comes back as an event, as the loop has it."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.refuses = ""
        self.is_gone = False
        self._emit = emit

    def answer(self, question_id: str, given: str | Sequence[str]) -> bool:
        texts = [given] if isinstance(given, str) else list(given)
        self.calls.append(("answer", question_id, given if isinstance(given, str) else texts))
        if self.refuses:
            raise ValueError(self.refuses)
        if not self.is_gone:
            self._end(question_id, QuestionOutcome.ANSWERED, texts)
        return not self.is_gone

    def decline(self, question_id: str) -> bool:
        self.calls.append(("decline", question_id))
        self._end(question_id, QuestionOutcome.DECLINED, [])
        return True

    def _end(self, question_id: str, outcome: QuestionOutcome, answers: list[str]) -> None:
        self._emit(QuestionAnswered(SESSION_ID, question_id, outcome, [*answers]))


class FakeApprovals:
    """Tries rules out with the real gate; only the files of rules are not there."""

    def __init__(self) -> None:
        self.files: list[RuleFile] = [
            RuleFile(RulePlace.USER, Path("/home/ann/.config/harn-tui/permissions.toml")),
            RuleFile(RulePlace.PROJECT, Path("/home/ann/project/.harn/permissions.toml")),
        ]
        self.trials: dict[str, RuleTrial] = {}
        self.paths: dict[str, tuple[str, ...]] = {}
        self.tools: dict[str, str] = {}
        self.changes: dict[str, asyncio.Future[ForeseenChange]] = {}
        """What is told of a change, by request; each once its future has it."""

    def trial(self, request_id: str) -> RuleTrial | None:
        return self.trials.get(request_id)

    def path_params(self, request_id: str) -> tuple[str, ...]:
        return self.paths.get(request_id, ("path",))

    def granted_parameter(self, request_id: str) -> str | None:
        arguments: JsonObject = {"command": "some", "path": "some"}
        return granted_parameter(self.tools.get(request_id, ""), arguments)

    def foresees(self, request_id: str) -> bool:
        return request_id in self.changes

    async def foresee(self, request_id: str) -> ForeseenChange | None:
        return await asyncio.shield(self.changes[request_id])


@dataclass(frozen=True)
class FakeListing:
    """The files of a folder."""

    paths: tuple[str, ...]
    is_complete: bool = True


@dataclass(frozen=True)
class FakeResource:
    """Something of a server that can be mentioned."""

    mention: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class FakeArgument:
    """A place to fill in."""

    name: str
    description: str = ""
    is_required: bool = False


@dataclass(frozen=True)
class FakePrompt:
    """A text that a server has ready."""

    command: str
    description: str = ""
    arguments: tuple[FakeArgument, ...] = ()


class FakeShell:
    """The person's own commands; ``commands`` has what was run."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.is_running = False
        self.stops = 0

    def run(self, command: str) -> None:
        self.commands.append(command)
        self.is_running = True

    def stop(self) -> bool:
        was_running, self.is_running = self.is_running, False
        self.stops += was_running
        return was_running


class FakeImages:
    """Takes in the images that a test has put into ``files``, by their paths."""

    def __init__(self) -> None:
        self.files: dict[str, AttachedImage] = {}
        self.refuses = ""

    async def attach(self, path: Path) -> AttachedImage:
        if self.refuses or str(path) not in self.files:
            raise AttachmentError(self.refuses or f"The image {path} cannot be read.")
        return self.files[str(path)]


class FakePromptSources:
    """What is offered to a person who types. ``answer`` holds back until a test sets it."""

    def __init__(self) -> None:
        self.paths: tuple[str, ...] = ()
        self.is_complete = True
        self.listings = 0
        self.offered_resources: tuple[FakeResource, ...] = ()
        self.offered_prompts: tuple[FakePrompt, ...] = ()
        self.configured_servers: tuple[McpServerState, ...] = ()
        self.filled: list[tuple[str, dict[str, str]]] = []
        self.answer: asyncio.Future[str] | None = None
        self.shell = FakeShell()
        self.images = FakeImages()
        self.listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        self.listeners.append(listener)

    async def list_files(self) -> FakeListing:
        self.listings += 1
        return FakeListing(self.paths, self.is_complete)

    def resources(self) -> Sequence[FakeResource]:
        return self.offered_resources

    def servers(self) -> Sequence[McpServerState]:
        return self.configured_servers

    def prompts(self) -> Sequence[FakePrompt]:
        return self.offered_prompts

    async def fill_prompt(self, command: str, values: Mapping[str, str]) -> str:
        self.filled.append((command, dict(values)))
        if self.answer is None:
            return f"text of {command}"
        return await self.answer


class FakeKept:
    """What a session keeps beside its events; ``saves`` has every place that was kept."""

    def __init__(self) -> None:
        self.title: str | None = "Count the apples"
        self.reading: JsonObject = {}
        self.saves: list[JsonObject] = []

    def rename(self, title: str) -> str:
        if not title.strip():
            raise HarnError("A title cannot be blank.")
        self.title = title
        return title

    def save_reading(self, reading: JsonObject) -> None:
        self.reading = reading
        self.saves.append(reading)


@dataclass(frozen=True)
class FakeModel:
    name: str
    context_window: int | None = None
    input_price: float | None = None
    output_price: float | None = None


@dataclass(frozen=True)
class FakeOffer:
    name: str
    provider: str
    usual_model: str = ""
    models: tuple[FakeModel, ...] = ()
    problem: str | None = None
    is_usable: bool = True


class FakeModels:
    """The models of a session. ``offered`` answer at once, ``late`` when ``answer`` is set."""

    def __init__(self, emit: Callable[[Event], None], provider_name: str) -> None:
        self.provider_name = provider_name
        self.model = "demo-1"
        self.context_window: int | None = 32_000
        self.offered: list[FakeOffer] = []
        self.late: list[FakeOffer] = []
        self.answer = asyncio.Event()
        self.switched: list[tuple[str, str]] = []
        self.named: list[str] = []
        self.error: HarnError | None = None
        self._emit = emit

    async def offers(self, tell: Callable[[FakeOffer], None]) -> None:
        for offer in [*self.offered, *self.late]:
            tell(FakeOffer(offer.name, offer.provider, offer.usual_model))
        for offer in self.offered:
            tell(offer)
        if self.late:
            await self.answer.wait()
        for offer in self.late:
            tell(offer)

    async def switch(self, offer: FakeOffer, model: str) -> str:
        if self.error is not None:
            raise self.error
        self.switched.append((offer.name, model))
        self._emit(ModelSwitch(SESSION_ID, SwitchState.PENDING, offer.name, model))
        return f"{model} takes over."

    async def switch_to(self, words: str) -> str:
        self.named.append(words)
        return await self.switch(FakeOffer("named", "named"), words)


class FakeCompaction:
    """Counts the wishes."""

    def __init__(self) -> None:
        self.wishes = 0

    def ask(self) -> str:
        self.wishes += 1
        return "Older messages will be summarised."


class FakePreparation:
    """Counts how often a run was prepared."""

    def __init__(self) -> None:
        self.begun = 0

    def begin(self) -> None:
        self.begun += 1


class FakeSession:
    """The session façade over plain lists; ``calls`` has what the console asked for, in order."""

    def __init__(
        self, clock: FakeClock, past: Sequence[Event] = (), provider_name: str = "demo"
    ) -> None:
        self.session_id = SESSION_ID
        self.folder: Path | None = None
        self.rewinding: RewindPort | None = None
        self.kept = FakeKept()
        self.agents = FakeAgents()
        self.questions = FakeQuestions(self.emit)
        self.command_loads = FakeLoads()
        self.approvals = FakeApprovals()
        self.prompt_sources = FakePromptSources()
        self.models = FakeModels(self.emit, provider_name)
        self.compaction = FakeCompaction()
        self.cwd = Path("/home/ann/project")
        self.draft = ""
        self.is_running = False
        self.queue = FakeQueue()
        self.soft_stop = FakeSoftStop()
        self.preparation = FakePreparation()
        self.is_paused = False
        self.calls: list[tuple[object, ...]] = []
        self.refuses: set[str] = set()
        self.answer_error: HarnError | None = None
        self.is_closed = False
        self.held: set[str] = set()
        self._clock = clock
        self._listeners: list[Callable[[Record], None]] = []
        self._lines: dict[str, tuple[str, Boundary]] = {}
        self._index = 0
        self._past = [self._record(event) for event in past]

    def _record(self, event: Event) -> Record:
        if isinstance(event, PermissionRequest):
            self.approvals.tools[event.request_id] = event.tool_name
        record = Record(self._index, self._clock(), None, event)
        self._index += 1
        return record

    def emit(self, *events: Event) -> None:
        """Hand events to the console, as the loop would."""
        for event in events:
            record = self._record(event)
            for listener in list(self._listeners):
                listener(record)

    def past_records(self) -> Sequence[Record]:
        return self._past

    def subscribe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def listener_count(self) -> int:
        return len(self._listeners)

    async def start(self) -> None:
        self.calls.append(("start",))

    def submit(
        self,
        text: str,
        boundary: Boundary = Boundary.NEXT_PREFLIGHT,
        *,
        images: tuple[AttachedImage, ...] = (),
    ) -> str:
        if "submit" in self.refuses:
            raise StoreError("The disk is full.", hint="Free some space.")
        feedback_id = f"feedback-{len(self._lines) + 1}"
        self._lines[feedback_id] = (text, boundary)
        self.calls.append(("submit", text, boundary, *images))
        self._change(feedback_id, FeedbackState.QUEUED, text)
        return feedback_id

    def _change(self, feedback_id: str, state: FeedbackState, text: str | None = None) -> None:
        _, boundary = self._lines.get(feedback_id, ("", Boundary.NEXT_PREFLIGHT))
        self.emit(FeedbackStateChanged(SESSION_ID, feedback_id, state, boundary, content=text))

    def withdraw(self, feedback_id: str) -> bool:
        self.calls.append(("withdraw", feedback_id))
        if "withdraw" in self.refuses:
            return False
        self._change(feedback_id, FeedbackState.WITHDRAWN)
        return True

    def hold(self, feedback_id: str) -> bool:
        self.calls.append(("hold", feedback_id))
        if "hold" in self.refuses:
            return False
        self.held.add(feedback_id)
        self._change(feedback_id, FeedbackState.HELD)
        return True

    def release(
        self,
        feedback_id: str,
        text: str | None = None,
        images: tuple[AttachedImage, ...] | None = None,
    ) -> bool:
        given = () if images is None else (images,)
        self.calls.append(("release", feedback_id, text, *given))
        if "release" in self.refuses:
            return False
        self.held.discard(feedback_id)
        self._change(feedback_id, FeedbackState.QUEUED, text)
        return True

    def send_now(self, feedback_id: str) -> bool:
        self.calls.append(("send_now", feedback_id))
        return "send_now" not in self.refuses

    def resume_queue(self) -> None:
        self.calls.append(("resume_queue",))
        self.is_paused = False

    def answer(
        self,
        request_id: str,
        decision: Decision,
        scope: DecisionScope = DecisionScope.ONCE,
        note: str | None = None,
        *,
        rule: ChosenRule | None = None,
    ) -> bool:
        if self.answer_error is not None:
            raise self.answer_error
        if "answer" in self.refuses:
            return False
        given = () if rule is None else (rule,)
        self.calls.append(("answer", request_id, decision, scope, note, *given))
        self.emit(PermissionDecision(SESSION_ID, request_id, decision, scope, note=note))
        return True

    def interrupt(self) -> bool:
        self.calls.append(("interrupt",))
        self.is_running = False
        self.is_paused = True
        return True

    def save_draft(self, text: str) -> None:
        self.calls.append(("save_draft", text))
        self.draft = text

    async def close(self, *, leaves_approvals: bool = False) -> None:
        self.calls.append(("close",))
        self.is_closed = True

    def calls_but(self, *names: str) -> list[tuple[object, ...]]:
        """Return every call but those of ``names``."""
        return [call for call in self.calls if call[0] not in names]

    def asked(self, name: str) -> list[tuple[object, ...]]:
        """Return the arguments of every call of ``name``."""
        return [call[1:] for call in self.calls if call[0] == name]


class PlainTranscript(Static):
    """A transcript that draws every block as a line, to test what surrounds the real one."""

    DEFAULT_CSS = "PlainTranscript { height: 1fr; }"

    unseen_count: var[int] = var(0)
    shows_time = False

    def __init__(self) -> None:
        super().__init__(markup=False, id="transcript")
        self.view = SessionView()
        self.ticks: list[int] = []
        self.engines: list[Engines] = []
        self.updates: list[set[int]] = []
        self.toggled: list[int] = []
        self.jumps: list[int] = []
        self.scrolled: list[str] = []

    @property
    def reader(self) -> Reader | None:
        return None

    def take_focus(self) -> bool:
        return False

    def copy_block(self, index: int) -> str:
        return str(self.view.blocks[index])

    def toggle_all(self) -> None:
        pass

    def show(self, view: SessionView) -> None:
        self.view = view
        self.update_blocks(set())
        self.updates.clear()

    def update_blocks(self, changed: Collection[int]) -> None:
        self.updates.append(set(changed))
        lines = [str(getattr(b, "text", type(b).__name__)) for b in self.view.blocks]
        self.update(Content("\n".join(lines)))

    def toggle_fold(self, index: int) -> bool:
        self.toggled.append(index)
        return True

    def jump_to(self, index: int) -> None:
        self.jumps.append(index)

    def tick(self, now_ms: int) -> None:
        self.ticks.append(now_ms)

    def use_engines(self, engines: Engines) -> None:
        self.engines.append(engines)

    def action_page_up(self) -> None:
        self.scrolled.append("page_up")

    def action_page_down(self) -> None:
        self.scrolled.append("page_down")

    def action_scroll_home(self) -> None:
        self.scrolled.append("scroll_home")

    def action_scroll_end(self) -> None:
        self.scrolled.append("scroll_end")


class FileSettings:
    """The real configuration, over one file and no project; ``overrides`` win over the file."""

    def __init__(self, folder: Path, overrides: Sequence[str] = ()) -> None:
        self.user_file = folder / "config.toml"
        self.overrides = overrides
        self._folder = folder

    def load(self) -> LoadedConfiguration:
        return load_configuration(
            cwd=self._folder / "project",
            environment={},
            user_file=self.user_file,
            config_file=None,
            overrides=self.overrides,
            is_folder_trusted=False,
        )

    def save(self, path: KeyPath, value: JsonValue) -> None:
        set_value(self.user_file, path, value)
