"""Loads the tools that a person wrote: files of a trusted folder, and installed packages.

A plug-in that is broken is told of and left out; it never ends a session. Its code runs in threads
of its own with a limit of time, so that one that hangs holds nothing up for long.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harn_tui.entry_points import installed_entry_points
from harn_tui.kinds import NoticeLevel
from harn_tui.tools.base import Tool
from harn_tui.tools.plugin_module import (
    LIST_NAME,
    begin_folder,
    load_entry_point,
    load_tool_file,
    place_of,
    reason_of,
)
from harn_tui.tools.readable import readable_name
from harn_tui.tools.registry import ToolRegistry
from harn_tui.tools.tool_check import check_tool

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP: Final = "harn_tui.tools"
"""Installed packages offer tools under this name."""

TOOLS_FOLDER: Final = Path(".harn", "tools")
"""Where a folder that somebody works in keeps tools of its own."""

LOADING_TIME_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class PluginNotice:
    """Something to tell about a plug-in. ``path`` and ``line`` say where, if that is known."""

    level: NoticeLevel
    text: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class PluginTools:
    """What was found. A later tool replaces an earlier one of its name."""

    tools: tuple[Tool, ...] = ()
    notices: tuple[PluginNotice, ...] = ()

    def added_to(self, registry: ToolRegistry) -> ToolRegistry:
        """Return ``registry`` with these tools; they win over tools of their name there."""
        return registry.with_tools(self.tools)


def load_plugin_tools(
    folder: Path,
    *,
    is_trusted: bool,
    known: Iterable[str] = (),
    installed: "Sequence[EntryPoint] | None" = None,
    time_s: float = LOADING_TIME_S,
) -> PluginTools:
    """Return the tools of installed packages and, if it ``is_trusted``, those of ``folder``.

    ``known`` are the names of tools that there are already: one that a plug-in replaces is told
    of. ``installed`` are the entry points to load, ``None`` for those that are installed. Each
    plug-in has ``time_s`` seconds. Reads files and waits: call it in a thread.
    """
    search = _Search(known, time_s)
    for entry in installed_entry_points(ENTRY_POINT_GROUP) if installed is None else installed:
        search.load(f"{entry.name} = {entry.value}", None, partial(load_entry_point, entry))
    tools_folder = folder / TOOLS_FOLDER
    files = search.files(tools_folder)
    if files and is_trusted:
        package = begin_folder(tools_folder)
        for path in files:
            search.load(readable_name(path.name), path, partial(load_tool_file, package, path))
    elif files:
        search.tell_untrusted(tools_folder, len(files))
    return PluginTools(tuple(search.tools), tuple(search.notices))


class _Search:
    """Collects tools and notices from one plug-in after the other."""

    def __init__(self, known: Iterable[str], time_s: float) -> None:
        self.tools: list[Tool] = []
        self.notices: list[PluginNotice] = []
        self._time_s = time_s
        self._owners = dict.fromkeys(known, "built-in")

    def files(self, folder: Path) -> list[Path]:
        """Return the files of ``folder`` that define tools, by name; ``_…`` are for the others."""
        try:
            found = sorted(folder.glob("*.py"))
            return [path for path in found if path.name[:1] not in "_." and path.is_file()]
        except OSError as error:
            self._tell(NoticeLevel.WARNING, f"cannot be read: {error.strerror}", str(folder))
            return []

    def tell_untrusted(self, folder: Path, count: int) -> None:
        """Say that the files of ``folder`` were not touched."""
        files = "1 tool file is" if count == 1 else f"{count} tool files are"
        self._tell(
            NoticeLevel.WARNING,
            f"{files} ignored, because this folder is not trusted. To trust it, read them and run"
            " `harn-tui config trust` in this folder",
            str(folder),
        )

    def load(self, owner: str, path: Path | None, work: Callable[[], list[Tool]]) -> None:
        """Take the tools that ``work`` returns, or tell why there are none."""
        done: list[list[Tool]] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                tools = work()
                for tool in tools:
                    check_tool(tool)
                done.append(tools)
            except BaseException as error:  # noqa: BLE001 - boundary: told of in a notice
                failed.append(error)

        thread = threading.Thread(target=run, name=f"loading {owner}", daemon=True)
        thread.start()
        thread.join(self._time_s)
        place = owner if path is None else str(path)
        if failed:
            file, line = place_of(failed[0], path)
            text = f"its tools are left out: {reason_of(failed[0])}"
            self._tell(NoticeLevel.ERROR, text, file or place, line)
        elif not done:
            text = f"its tools are left out: it had not ended after {self._time_s:g} seconds"
            self._tell(NoticeLevel.ERROR, text, place)
        elif not done[0]:
            text = f"it defines no tool: decorate a function with @tool, or set {LIST_NAME}"
            self._tell(NoticeLevel.WARNING, text, place)
        else:
            for tool in done[0]:
                self._take(tool, owner, place)

    def _take(self, tool: Tool, owner: str, place: str) -> None:
        earlier = self._owners.get(tool.name)
        if earlier is not None:
            text = f"its tool {tool.name} replaces the one of {earlier}"
            if earlier == "built-in":
                text = f"its tool {tool.name} replaces the built-in one"
            self._tell(NoticeLevel.WARNING, text, place)
        self._owners[tool.name] = owner
        self.tools = [known for known in self.tools if known.name != tool.name]
        self.tools.append(tool)

    def _tell(self, level: NoticeLevel, text: str, path: str, line: int | None = None) -> None:
        place = readable_name(path) if line is None else f"{readable_name(path)}:{line}"
        self.notices.append(PluginNotice(level, f"{place}: {text}.", path, line))
