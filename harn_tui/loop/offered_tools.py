"""Which tools a request offers, and how the model is told of them."""

from collections.abc import Mapping

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LEDGER_TOOL_NAME, ToolKind
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.ledger_tool import LEDGER_TOOL
from harn_tui.loop.state import LoopState
from harn_tui.providers.base import ToolSchema, ToolSearchRequest
from harn_tui.tagged_text.contract import ContractTool, tool_contract

REQUIRED = "required"


def has_tools(state: LoopState) -> bool:
    """Whether the model is offered anything to call."""
    return bool(state.offered.tools) or not state.ledger.is_empty


def offered_tools(state: LoopState) -> tuple[ToolSchema, ...]:
    """Return every tool that the model may call now, the ledger last while there is one."""
    offered = state.offered
    schemas = tuple(
        ToolSchema(
            name=tool.name,
            description=tool.description,
            parameters=tool.parameters,
            defer_loading=tool.name in offered.deferred_names,
            namespace=tool.namespace,
        )
        for tool in offered.tools
    )
    return schemas if state.ledger.is_empty else (*schemas, LEDGER_TOOL)


def search_request(state: LoopState) -> ToolSearchRequest | None:
    """Return the search that the server is asked to do, ``None`` when it is not."""
    variant = state.offered.native_variant
    return None if variant is None else ToolSearchRequest(variant)


def kind_of(state: LoopState, name: str) -> ToolKind | None:
    """Return what calls of ``name`` do to the world, ``None`` for a tool that is not there."""
    tool = state.offered.get(name)
    if tool is not None:
        return tool.annotations.kind
    return ToolKind.THINK if name == LEDGER_TOOL_NAME else None


def native_tools(config: LoopConfig, state: LoopState) -> tuple[ToolSchema, ...]:
    """Return the tools that travel beside the messages: none in the text format."""
    is_native = config.options.tool_format == NATIVE_TOOL_FORMAT
    return offered_tools(state) if is_native else ()


def call_schemas(state: LoopState) -> Mapping[str, JsonObject]:
    """Return the parameters of each tool whose calls are looked for in the text, by name.

    The ledger's are always among them when there are tools, so that a call to a ledger that is
    not in use is answered instead of being taken for prose.
    """
    if not has_tools(state):
        return {}
    schemas = dict(state.offered.schemas())
    schemas.setdefault(LEDGER_TOOL_NAME, LEDGER_TOOL.parameters)
    return schemas


def tool_choice(config: LoopConfig, state: LoopState) -> str | JsonObject | None:
    """Return how strongly a native request asks for a call.

    ``require_action_or_yield`` forces one only until the first tool has run, so that a plain
    final answer stays possible (10.23).
    """
    if not native_tools(config, state):
        return None
    options = config.options
    if options.tool_choice is not None:
        return options.tool_choice
    must_act = options.turn_policy.require_action_or_yield and not state.has_acted
    return REQUIRED if must_act else None


def tool_contract_prompt(config: LoopConfig, state: LoopState) -> str | None:
    """Return how calls are made in this loop, ``None`` when there is nothing to call."""
    options = config.options
    tools = offered_tools(state)
    if not tools:
        return None
    advertises_end = options.persistent and options.turn_policy.allow_done_sentinel
    return tool_contract(
        [ContractTool(tool.name, tool.description, tool.parameters) for tool in tools],
        tool_format=options.tool_format,
        done_sentinel=options.done_sentinel if advertises_end else None,
        tool_examples=options.tool_examples,
        is_ledger_active=not state.ledger.is_empty,
        must_act_or_yield=options.turn_policy.require_action_or_yield,
    )
