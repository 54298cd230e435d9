"""Runs the code of one plug-in and returns the tools that it defines."""

import importlib.util
import re
import secrets
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Final

from harn_tui.errors import HarnError, ToolDefinitionError
from harn_tui.tools.base import Tool
from harn_tui.tools.function_tool import FunctionTool
from harn_tui.tools.readable import one_line, readable_name

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

LIST_NAME: Final = "TOOLS"
"""The name in a module that lists its tools; without it, its decorated functions are they."""

_PACKAGE: Final = "harn_tui_folder_tools"
_LONGEST_REASON: Final = 500
_NOT_IN_NAMES: Final = re.compile(r"\W")


class _FreshLoader(SourceFileLoader):
    """Compiles a file as it is now, and leaves nothing beside it."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the file."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def begin_folder(folder: Path) -> str:
    """Return the name of a new package whose modules are the files of ``folder``.

    With it, a file can import another by ``from ._other import name``. Each loading has a package
    of its own: tools of an open session keep the code that they began with.
    """
    name = f"{_PACKAGE}_{secrets.token_hex(6)}"
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    sys.modules[name] = importlib.util.module_from_spec(spec)
    return name


def load_tool_file(package: str, path: Path) -> list[Tool]:
    """Run the file ``path`` as a module of ``package`` and return its tools.

    Raises whatever its code raises.
    """
    name = f"{package}.{_NOT_IN_NAMES.sub('_', path.stem)}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_FreshLoader(name, str(path)))
    if spec is None or spec.loader is None:
        raise ToolDefinitionError(f"{path} is no file that Python can run.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        return _tools_of(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise


def load_entry_point(entry: "EntryPoint") -> list[Tool]:
    """Import what ``entry`` names and return its tools.

    It names a module, a tool, a list of tools, or a function that returns such a list. Raises
    whatever its code raises.
    """
    found = entry.load()
    if isinstance(found, ModuleType):
        return _tools_of(found)
    if isinstance(found, Tool):
        return [found]
    return _listed(found() if callable(found) else found, entry.value)


def _tools_of(module: ModuleType) -> list[Tool]:
    listed = getattr(module, LIST_NAME, None)
    if listed is not None:
        return _listed(listed, LIST_NAME)
    found = {
        id(value): value
        for value in vars(module).values()
        if isinstance(value, FunctionTool)
        and getattr(value.function, "__module__", None) == module.__name__
    }
    return list(found.values())


def _listed(value: object, where: str) -> list[Tool]:
    if not isinstance(value, Iterable):
        raise ToolDefinitionError(f"{where} must be a list of tools, not {value!r:.80}.")
    tools: list[Tool] = []
    for tool in value:
        if not isinstance(tool, Tool):
            raise ToolDefinitionError(
                f"{where} has {tool!r:.80} in it, which is no tool.",
                hint="Decorate the function with @tool.",
            )
        tools.append(tool)
    return tools


def reason_of(error: BaseException) -> str:
    """Return what went wrong, in one line."""
    if isinstance(error, HarnError):
        text = str(error)
    elif isinstance(error, SyntaxError):
        text = f"it is not Python: {error.msg}"
    else:
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return readable_name(one_line(text.removesuffix("."), _LONGEST_REASON))


def place_of(error: BaseException, path: Path | None) -> tuple[str | None, int | None]:
    """Return the file and line that ``error`` is about.

    That is the last place in ``path``, or, where no file is known, the last one outside of this
    program. ``None`` for what cannot be told.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    place: tuple[str | None, int | None] = (None if path is None else str(path), None)
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == str(path) if path is not None else _is_foreign(file):
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return place


def _is_foreign(file: str) -> bool:
    own = str(Path(__file__).parents[1])
    return not file.startswith((own, "<")) and "importlib" not in Path(file).parts
