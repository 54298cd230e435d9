"""A workspace in a temporary folder and a way to call tools in it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harn_tui.json_types import JsonValue
from harn_tui.kinds import OutputStream
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.registry import ToolRegistry


@dataclass(slots=True)
class Workspace:
    """A folder with tools at work in it; ``output`` collects live output."""

    root: Path
    outside: Path
    output: list[tuple[str, OutputStream]] = field(default_factory=list)

    @property
    def context(self) -> ToolContext:
        return ToolContext(
            session_id="session",
            cwd=self.root,
            workspace_roots=(self.root,),
            on_output=lambda text, stream: self.output.append((text, stream)),
        )

    @property
    def live_text(self) -> str:
        return "".join(text for text, _ in self.output)

    async def call(self, tool_name: str, **arguments: JsonValue) -> ToolResult:
        """Validate the arguments as the loop does, then run the tool."""
        tool = ToolRegistry(builtin_tools()).require(tool_name)
        return await tool.run(validate_arguments(tool, dict(arguments)), self.context)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = (tmp_path / "work").resolve()
    outside = (tmp_path / "outside").resolve()
    root.mkdir()
    outside.mkdir()
    return Workspace(root, outside)
