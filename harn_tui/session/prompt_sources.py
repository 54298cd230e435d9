"""What a session can offer to a person who types: files, resources, prompts of servers."""

from collections.abc import Callable, Mapping
from pathlib import Path

from harn_tui.errors import HarnError
from harn_tui.session.images import SessionImages
from harn_tui.session.person_commands import PersonCommands
from harn_tui.tools.file_listing import FileListing, list_files
from harn_tui.tools.mcp.offers import McpPrompt, McpResource
from harn_tui.tools.mcp.servers import McpServers, McpServerState


class PromptSources:
    """Asks the working folder and the session's servers; nothing is kept here."""

    def __init__(
        self,
        cwd: Path,
        mcp_servers: McpServers | None,
        shell: PersonCommands,
        images: SessionImages,
    ) -> None:
        self.shell = shell
        """Runs the person's own commands."""
        self.images = images
        """Takes in the images that go with lines."""
        self._cwd = cwd
        self._servers = mcp_servers

    async def list_files(self) -> FileListing:
        """List the files of the working folder. Raises ToolError."""
        return await list_files(self._cwd)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when resources or prompts may have changed."""
        if self._servers is not None:
            self._servers.subscribe(listener)

    def resources(self) -> tuple[McpResource, ...]:
        """Return what the servers let read, as of now."""
        return self._servers.resources() if self._servers is not None else ()

    def servers(self) -> tuple[McpServerState, ...]:
        """Return how the servers stand, as of now."""
        return self._servers.states() if self._servers is not None else ()

    def prompts(self) -> tuple[McpPrompt, ...]:
        """Return the prompts of the servers, as of now."""
        return self._servers.prompts() if self._servers is not None else ()

    async def fill_prompt(self, command: str, values: Mapping[str, str]) -> str:
        """Return the prompt that ``command`` calls, its places filled in. Raises HarnError."""
        prompt = next((offered for offered in self.prompts() if offered.command == command), None)
        if prompt is None or self._servers is None:
            raise HarnError(
                f"There is no prompt /{command} any more.", hint="/ lists what is there."
            )
        return await self._servers.get_prompt(prompt.server, prompt.name, values)
