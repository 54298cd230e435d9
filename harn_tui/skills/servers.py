"""What skills ask of the MCP servers of a session."""

from typing import Protocol


class SkillServers(Protocol):
    """The servers of a session. ``holder`` is whoever needs one; binding twice is binding once."""

    async def bind(self, server: str, holder: str) -> str:
        """Have ``server`` run and its tools offered; return why not, empty when it does."""
        ...

    def release(self, server: str, holder: str) -> None:
        """Say that ``holder`` needs ``server`` no more."""
        ...
