"""Which paths a tool may touch: links are resolved first, then the path is compared."""

import os
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.base import ToolContext
from harn_tui.tools.readable import readable_name


def resolve_path(context: ToolContext, path: str) -> Path:
    """Return the absolute path, free of links, that ``path`` names from the working folder.

    The path need not exist: what exists of it is resolved. Looks at the disk, so call it in a
    thread. Raises ToolError: ``schema_validation`` for text that is no path,
    ``permission_denied`` for a path outside every workspace root (no roots: every path).
    """
    if not path.strip() or "\x00" in path:
        raise ToolError(
            "`path` must name a file or folder; it may not be empty or hold a NUL character.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
        )
    try:
        resolved = (context.cwd / Path(path).expanduser()).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ToolError(
            f"{readable_name(path)!r} cannot be resolved: {error}.",
            hint="Links that lead in a circle, or characters no file name can hold, cause this.",
        ) from error
    if not any(resolved.is_relative_to(root) for root in context.workspace_roots):
        raise _outside_roots(context, path, resolved)
    return resolved


def shown_path(context: ToolContext, path: Path) -> str:
    """Return a resolved path as people know it: relative to the working folder when below it."""
    for folder in (context.cwd, Path(os.path.realpath(context.cwd))):
        if path.is_relative_to(folder):
            return readable_name(str(path.relative_to(folder)))
    return readable_name(str(path))


def _outside_roots(context: ToolContext, path: str, resolved: Path) -> ToolError:
    roots = ", ".join(readable_name(str(root)) for root in context.workspace_roots)
    asked, real = readable_name(path), readable_name(str(resolved))
    leads = "" if real == asked else f" (it leads to {real})"
    return ToolError(
        f"{asked}{leads} is outside the workspace; allowed folders: {roots or 'none'}.",
        category=ToolErrorCategory.PERMISSION_DENIED,
        hint="Use a path inside an allowed folder, or ask the person to add the folder to"
        " permissions.workspace_roots.",
    )
