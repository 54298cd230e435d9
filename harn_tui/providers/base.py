"""What a provider is: one coroutine that turns a request into a completion.

Providers know nothing of events: they return values and call a plain callback with deltas. The
neutral message form that they translate to and from is described in docs/messages.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ProviderErrorCategory, SearchedBy


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as a model sees it. ``parameters`` is a JSON Schema of type ``object``.

    With ``defer_loading`` a server that searches tools keeps it back until a search finds it.
    ``namespace`` groups tools, ``None`` for none.
    """

    name: str
    description: str
    parameters: JsonObject
    defer_loading: bool = False
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class ToolSearchRequest:
    """Asks the server to search deferred tools itself, where server and model can.

    Where they cannot, all tools go out as if none were deferred, unless ``is_forced``: then a
    person says that they can (docs/tool_search.md).
    """

    variant: Literal["bm25", "regex"] = "bm25"
    is_forced: bool = False


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One request for one assistant turn.

    ``messages`` are neutral messages (docs/messages.md), oldest first; ``system`` is apart.
    ``tool_choice`` is ``"auto"``, ``"required"``, ``"none"``, a tool's name, or an object in any
    server's form; ``None`` leaves it out. ``prefill`` is text that the assistant's turn must begin
    with. ``response_format`` ``"json"`` asks for a JSON object and ``output_schema`` for one that
    fits a JSON Schema; where an API has no form for either, only the prompt can ask.
    ``timeout_s`` replaces the provider's own bound on each silence. A request that
    ``is_exempt_from_rate_limit`` goes out without waiting for its turn. Without ``tool_search``
    no tool is deferred.
    """

    model: str
    messages: Sequence[JsonObject]
    system: str | None = None
    tools: tuple[ToolSchema, ...] = ()
    tool_choice: str | JsonObject | None = None
    max_tokens: int = 16384
    temperature: float | None = None
    prefill: str | None = None
    thinking_budget_tokens: int | None = None
    response_format: Literal["json"] | None = None
    output_schema: JsonObject | None = None
    timeout_s: float | None = None
    is_exempt_from_rate_limit: bool = False
    tool_search: ToolSearchRequest | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider reported them.

    ``input_tokens`` counts the whole prompt, cached parts included; the cache figures say how
    many of those were read from or written to the provider's cache.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )


@dataclass(frozen=True, slots=True)
class ToolCallRequest:
    """A tool call that a model asked for.

    ``id`` is the provider's, or empty when it sent none. ``arguments`` is ``None`` exactly when
    they could not be parsed as a JSON object; then ``parse_error`` says why, in words for the
    model. ``raw_arguments`` is the text as received.
    """

    id: str
    name: str
    arguments: JsonObject | None
    raw_arguments: str = ""
    parse_error: str | None = None


@dataclass(frozen=True, slots=True)
class ServerSearchQuery:
    """The server searched tools for the model; ``query`` is its own form of arguments."""

    search_id: str
    searched_by: SearchedBy
    name: str
    query: JsonValue


@dataclass(frozen=True, slots=True)
class ServerSearchResult:
    """What the server's search with this id found; ``error`` is its code when it failed."""

    search_id: str
    searched_by: SearchedBy
    tool_names: tuple[str, ...]
    error: str | None = None


ServerSearch: TypeAlias = ServerSearchQuery | ServerSearchResult


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole assistant turn.

    ``thinking`` is private reasoning and is never promoted to ``text``. ``thinking_blocks`` are
    the provider's own blocks, signatures and searches included, to be sent back unchanged with
    the turn. ``searches`` are the searches among them, in their order.
    ``usage`` is ``None`` when the provider reported none. ``stop_reason`` is a word of
    ``kinds.StopReason``, ``None`` when the server gave none. ``model`` is the one that answered.
    ``prefill_sent`` tells whether the request's prefill really went out.
    """

    text: str
    thinking: str = ""
    tool_calls: tuple[ToolCallRequest, ...] = ()
    usage: Usage | None = None
    stop_reason: str | None = None
    model: str = ""
    thinking_blocks: tuple[JsonObject, ...] = ()
    prefill_sent: bool = False
    searches: tuple[ServerSearch, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider accepted the request (its response headers said success).

    It comes before anything that the reply holds, and again after each ``ProviderSwitched``.
    """


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More assistant text."""

    text: str


@dataclass(frozen=True, slots=True)
class ThoughtDelta:
    """More reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    """A tool call was announced, its name known. ``index`` is its place in the turn."""

    index: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolArgumentsDelta:
    """More argument text of the call announced with ``index``."""

    index: int
    fragment: str


@dataclass(frozen=True, slots=True)
class ProviderSwitched:
    """The provider ``from_name`` failed for ``reason``, of ``category``; ``to_name`` is asked.

    All deltas since the call began are void: the reply starts anew. Nothing was accepted yet.
    ``model`` is the one that is asked now.
    """

    from_name: str
    to_name: str
    model: str
    reason: str
    category: ProviderErrorCategory


Delta: TypeAlias = (
    Accepted | TextDelta | ThoughtDelta | ToolCallStarted | ToolArgumentsDelta | ProviderSwitched
)
OnDelta: TypeAlias = Callable[[Delta], None]


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model. ``None`` means unknown; prices are USD per million tokens.

    The prices hold for prompts of at most ``priced_up_to_tokens``, ``None`` for prompts of any
    length; what a longer one costs is unknown. ``takes_images`` is false for a model that is known
    to read nothing but text.
    """

    context_window: int | None = None
    input_price: float | None = None
    output_price: float | None = None
    cache_read_price: float | None = None
    cache_write_price: float | None = None
    priced_up_to_tokens: int | None = None
    takes_images: bool | None = None


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How to reach a provider. ``kind`` is the adapter; ``api_key`` never enters a log.

    ``timeout_s`` bounds connecting and each silence between two chunks, not the whole call.
    ``rpm`` is the most requests within a minute; ``None`` and 0 mean no limit.
    ``context_window`` is how many tokens the model's context shall hold, ``None`` to leave that
    to the server. ``keep_alive`` is how long Ollama keeps the model loaded (``10m``, or seconds;
    negative for ever), ``None`` for as long as it likes.
    """

    name: str
    kind: str
    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    script_path: str | None = None
    timeout_s: float = 120.0
    rpm: int | None = None
    context_window: int | None = None
    keep_alive: str | None = None


class Provider(Protocol):
    """One model server. Implementations are safe to use for one call at a time."""

    @property
    def name(self) -> str:
        """The configured name, as shown to the person."""
        ...

    @property
    def is_paced(self) -> bool:
        """Whether retry delays make sense; false for local scripts, which retry at once."""
        ...

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the assistant's turn, calling ``on_delta`` as parts of it arrive.

        Deltas arrive in order on the caller's task, ``Accepted`` before all others but
        ``ProviderSwitched``. Raises ProviderError; a stream that was cut is a transient error,
        never a complete reply. Cancelling the coroutine closes the connection.
        """
        ...

    async def aclose(self) -> None:
        """Close connections; the provider is not used again."""
        ...
