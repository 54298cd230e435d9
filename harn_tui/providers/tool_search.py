"""Tells whether a model's server searches deferred tools itself, and which then wait for it."""

import re
from typing import Final

from harn_tui.providers.base import CompletionRequest, ToolSearchRequest
from harn_tui.providers.claude_version import claude_version
from harn_tui.providers.tool_choice import read_tool_choice

_FIRST_GPT: Final = (5, 4)
_FIRST_OPUS_AND_SONNET: Final = (4, 0)
_FIRST_OTHER_CLAUDE: Final = (4, 5)
_GPT = re.compile(r"gpt-(\d{1,2})(?!\d)(?:[.-](\d{1,2})(?!\d))?")


def exposes_tool_search(kind: str, model: str) -> bool:
    """Whether a provider of ``kind`` can let ``model`` search deferred tools on its server.

    Chat Completions has no such thing, whatever the model.
    """
    if kind == "anthropic":
        version = claude_version(model)
        is_early = any(family in model.lower() for family in ("opus", "sonnet"))
        first = _FIRST_OPUS_AND_SONNET if is_early else _FIRST_OTHER_CLAUDE
        return version is not None and version >= first
    found = _GPT.search(model.lower()) if kind == "openai-responses" else None
    return found is not None and (int(found[1]), int(found[2] or 0)) >= _FIRST_GPT


def search_of(request: CompletionRequest, kind: str) -> ToolSearchRequest | None:
    """Return the search to ask the server for, ``None`` when there is none or it cannot."""
    search = request.tool_search
    if search is None or not any(tool.defer_loading for tool in request.tools):
        return None
    return search if search.is_forced or exposes_tool_search(kind, request.model) else None


def deferred_names(request: CompletionRequest, kind: str) -> frozenset[str]:
    """Return the tools that wait for a search; one that the model is made to call does not."""
    if search_of(request, kind) is None:
        return frozenset()
    choice = read_tool_choice(request.tool_choice or "auto")
    named = choice.name if choice.mode == "named" else None
    return frozenset(t.name for t in request.tools if t.defer_loading and t.name != named)
