"""Notices that a server's lists have changed, in both eras of the protocol."""

import asyncio
import logging

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus
from mcp import Client, MCPError
from mcp.client import IncomingMessage
from mcp.client.subscriptions import (
    PromptsListChanged,
    ResourcesListChanged,
    SubscriptionLost,
    ToolsListChanged,
)
from mcp_types import (
    PromptListChangedNotification,
    ResourceListChangedNotification,
    ToolListChangedNotification,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from harn_tui.tools.mcp.host_words import HostEvent

log = logging.getLogger(__name__)

_SORTS: dict[type, HostEvent] = {
    ToolListChangedNotification: HostEvent.TOOLS,
    ResourceListChangedNotification: HostEvent.RESOURCES,
    PromptListChangedNotification: HostEvent.PROMPTS,
    ToolsListChanged: HostEvent.TOOLS,
    ResourcesListChanged: HostEvent.RESOURCES,
    PromptsListChanged: HostEvent.PROMPTS,
}
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0


class ListChanges:
    """The lists of one server that have to be read again.

    A server of the older era sends notifications without being asked; to one of the newer era a
    subscription is held open.
    """

    def __init__(self) -> None:
        self._changed: set[HostEvent] = set()
        self._news = asyncio.Event()

    async def take(self, message: IncomingMessage) -> None:
        """Take a notification of the older era."""
        self._mark(_SORTS.get(type(message)))

    async def wait(self) -> frozenset[HostEvent]:
        """Wait for a change and return the sorts of lists that have changed since the last call."""
        await self._news.wait()
        self._news.clear()
        changed = frozenset(self._changed)
        self._changed.clear()
        return changed

    async def listen(
        self, client: Client, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED
    ) -> None:
        """Hold a subscription open until the server ends it, where there is such a thing.

        ``task_status`` is told once no change can be missed any more, or when there is nothing to
        subscribe to. What changed while a subscription was interrupted is not told by the server,
        so everything counts as changed then.
        """
        sorts = _announced_sorts(client)
        pause_s = _FIRST_PAUSE_S
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS or not sorts:
            task_status.started()
            return
        while pause_s < _LONGEST_PAUSE_S:
            try:
                async with client.listen(
                    tools_list_changed=HostEvent.TOOLS in sorts,
                    resources_list_changed=HostEvent.RESOURCES in sorts,
                    prompts_list_changed=HostEvent.PROMPTS in sorts,
                ) as subscription:
                    pause_s = _FIRST_PAUSE_S
                    task_status.started()
                    task_status = TASK_STATUS_IGNORED
                    async for event in subscription:
                        self._mark(_SORTS.get(type(event)))
                return
            except (MCPError, SubscriptionLost, TimeoutError) as error:
                log.info("subscription to changes was interrupted: %s", error)
            task_status.started()
            task_status = TASK_STATUS_IGNORED
            await asyncio.sleep(pause_s)
            pause_s *= 2
            for sort in sorts:
                self._mark(sort)

    def _mark(self, sort: HostEvent | None) -> None:
        if sort is not None:
            self._changed.add(sort)
            self._news.set()


def _announced_sorts(client: Client) -> frozenset[HostEvent]:
    """Return the sorts of lists whose changes the server says it will tell."""
    capabilities = client.server_capabilities
    told = {
        HostEvent.TOOLS: capabilities.tools is not None and capabilities.tools.list_changed,
        HostEvent.RESOURCES: (
            capabilities.resources is not None and capabilities.resources.list_changed
        ),
        HostEvent.PROMPTS: capabilities.prompts is not None and capabilities.prompts.list_changed,
    }
    return frozenset(sort for sort, is_told in told.items() if is_told)
