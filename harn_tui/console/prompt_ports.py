"""What the console asks of a session for a person who types: files, resources, prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from harn_tui.feedback.item import AttachedImage


class ListedFiles(Protocol):
    """The files that can be mentioned."""

    @property
    def paths(self) -> Sequence[str]:
        """Paths from the working folder, with slashes."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether these are all of them."""
        ...


class OfferedResource(Protocol):
    """Something of an MCP server that can be mentioned."""

    @property
    def mention(self) -> str:
        """What stands for it behind the ``@``."""
        ...

    @property
    def name(self) -> str:
        """The server's name for it."""
        ...

    @property
    def description(self) -> str:
        """What it is, empty when the server does not say."""
        ...


class ConfiguredServer(Protocol):
    """How an MCP server stands."""

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        ...

    @property
    def status(self) -> str:
        """``starting``, ``ready``, ``ended`` or ``failed``."""
        ...

    @property
    def reason(self) -> str:
        """Why it failed or ended, empty otherwise."""
        ...

    @property
    def tool_count(self) -> int:
        """How many tools it offers."""
        ...

    @property
    def is_for_skills(self) -> bool:
        """Whether it is started only once a skill needs it."""
        ...

    @property
    def is_bound(self) -> bool:
        """Whether a skill needs it now."""
        ...


class PromptArgument(Protocol):
    """A place to fill in."""

    @property
    def name(self) -> str:
        """Its key."""
        ...

    @property
    def description(self) -> str:
        """What it is for."""
        ...

    @property
    def is_required(self) -> bool:
        """Whether the prompt needs it."""
        ...


class OfferedPrompt(Protocol):
    """A text that an MCP server has ready."""

    @property
    def command(self) -> str:
        """What calls it behind the ``/``."""
        ...

    @property
    def description(self) -> str:
        """What it is for."""
        ...

    @property
    def arguments(self) -> Sequence[PromptArgument]:
        """Its places to fill in."""
        ...


class ShellPort(Protocol):
    """Runs the person's own commands. Every method returns at once."""

    @property
    def is_running(self) -> bool:
        """Whether a command runs."""
        ...

    def run(self, command: str) -> None:
        """Start a command; what it does comes back as records. Raises HarnError."""
        ...

    def stop(self) -> bool:
        """End what runs; false when there is nothing."""
        ...


class ImagesPort(Protocol):
    """Takes in the images that go with lines."""

    async def attach(self, path: Path) -> AttachedImage:
        """Keep the image at ``path``, from the session's folder. Raises HarnError."""
        ...


class PromptSourcesPort(Protocol):
    """What a session can offer to a person who types."""

    @property
    def shell(self) -> ShellPort:
        """Runs the person's own commands."""
        ...

    @property
    def images(self) -> ImagesPort:
        """Takes in the images that go with lines."""
        ...

    async def list_files(self) -> ListedFiles:
        """List the files of the working folder, in another process. Raises HarnError."""
        ...

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when resources or prompts may have changed."""
        ...

    def resources(self) -> Sequence[OfferedResource]:
        """Return what the servers let read, as of now."""
        ...

    def servers(self) -> Sequence[ConfiguredServer]:
        """Return how the MCP servers stand, as of now."""
        ...

    def prompts(self) -> Sequence[OfferedPrompt]:
        """Return the prompts of the servers, as of now."""
        ...

    async def fill_prompt(self, command: str, values: Mapping[str, str]) -> str:
        """Return a server's prompt with its places filled in. Raises HarnError."""
        ...
