"""Who may import whom (docs/architecture.md, floors)."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import (
    PACKAGE,
    REPOSITORY,
    Import,
    evaluated_at_import,
    imports,
    listing,
    module_names,
    modules,
)

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"kinds", "ids", "json_types", "logs", "paths", "foreign_failure", "late_import"}),
    frozenset({"errors", "entry_points"}),
    frozenset({"events"}),
    frozenset(
        {
            "sinks",
            "feedback",
            "permissions",
            "providers",
            "tools",
            "tagged_text",
            "config",
            "skills",
            "transcripts",
            "prompt_lines",
            "snapshots",
        }
    ),
    frozenset({"view", "store"}),
    frozenset({"loop", "session_import", "session_export"}),
    frozenset({"session", "system_prompt", "local_servers", "standard_input"}),
    frozenset({"wiring"}),
    frozenset({"console", "headless", "linear", "web_view"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""Rooms by floor, lowest first. Floor 0 has two steps: the error tree speaks in ``kinds``."""

STRANGERS = {
    ("providers", "events"),
    ("tools", "events"),
    ("tagged_text", "events"),
    ("skills", "events"),
    ("snapshots", "events"),
    ("loop", "store"),
    ("loop", "view"),
}
"""Floors allow these imports; the design does not (importer, imported)."""

VIEW_MAY_IMPORT = frozenset({"array", "bisect", "collections", "dataclasses", "enum", "functools",
                             "itertools", "json", "operator", "re", "typing"})  # fmt: skip
"""The fold is pure: of the standard library, only what has no clock, file, task or randomness."""

SCREEN_LIBRARIES = frozenset({"textual", "rich", "pygments", "markdown_it"})
DEFERRED_IMPORTS_LIVE_IN = ("harn_tui.cli", "harn_tui.console.startup")

_RANK = {room: rank for rank, floor in enumerate(FLOORS) for room in floor}


def room_of(module: str) -> str | None:
    """Return the top-level room that a module belongs to, ``None`` for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def inner_imports() -> list[Import]:
    return [found for found in imports() if found.name.split(".")[0] == PACKAGE]


def test_every_room_stands_on_a_floor() -> None:
    rooms = {room for name in module_names() if (room := room_of(name))}
    unknown = sorted(rooms - set(_RANK))
    assert not unknown, listing(unknown)


def test_imports_go_strictly_downward() -> None:
    wrong = []
    for found in inner_imports():
        importer, imported = room_of(found.importer.name), room_of(found.name)
        if importer not in _RANK or imported not in _RANK or importer == imported:
            continue
        if _RANK[imported] >= _RANK[importer]:
            direction = "sideways" if _RANK[imported] == _RANK[importer] else "upward"
            wrong.append(f"{found} ({direction})")
    assert not wrong, listing(wrong)


def test_the_root_package_imports_nothing() -> None:
    found = [str(found) for found in imports() if found.importer.name == PACKAGE]
    assert not found, listing(found)


def test_rooms_that_must_not_know_each_other_do_not() -> None:
    wrong = [
        str(found)
        for found in inner_imports()
        if (room_of(found.importer.name), room_of(found.name)) in STRANGERS
    ]
    assert not wrong, listing(wrong)


def test_only_the_console_imports_a_screen_library() -> None:
    wrong = [
        str(found)
        for found in imports()
        if found.name.split(".")[0] in SCREEN_LIBRARIES
        and room_of(found.importer.name) != "console"
    ]
    assert not wrong, listing(wrong)


def test_the_view_is_pure() -> None:
    wrong = [
        str(found)
        for found in imports()
        if room_of(found.importer.name) == "view"
        and found.name.split(".")[0] not in VIEW_MAY_IMPORT | {PACKAGE}
    ]
    assert not wrong, listing(wrong)


def test_imports_stand_at_the_top_of_the_file() -> None:
    wrong = [
        str(found)
        for found in imports()
        if found.is_deferred and not found.importer.name.startswith(DEFERRED_IMPORTS_LIVE_IN)
    ]
    assert not wrong, listing(wrong)


def test_late_imports_are_seen_by_the_other_tests() -> None:
    """What is imported at the first use is named once more as an import, which floors apply to."""
    for_types = {(f.importer.name, f.name) for f in imports() if f.is_for_types}
    late = [
        (module.name, node.args[0])
        for module in modules()
        for node in evaluated_at_import(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "late_module"
    ]
    assert late
    wrong = [
        f"{importer}: {ast.unparse(name)}"
        for importer, name in late
        if not (isinstance(name, ast.Constant) and (importer, name.value) in for_types)
    ]
    assert not wrong, listing(wrong)


def test_imports_within_a_room_form_no_circle() -> None:
    edges: dict[str, set[str]] = {}
    for found in inner_imports():
        if not found.is_deferred and not found.is_for_types and found.name in module_names():
            edges.setdefault(found.importer.name, set()).add(found.name)
    circle = _circle(edges)
    assert not circle, " imports ".join(circle)


def test_every_imported_module_exists() -> None:
    missing = [str(found) for found in inner_imports() if found.name not in module_names()]
    assert not missing, listing(missing)


def test_package_files_are_empty() -> None:
    written = [
        module.place
        for module in modules()
        if module.path.name == "__init__.py" and module.name != PACKAGE and module.text.strip()
    ]
    assert not written, listing(written)


def test_everything_below_the_screens_imports_without_a_screen_library() -> None:
    below = sorted(name for name in module_names() if room_of(name) not in {"console", "web_view"})
    code = f"""
import importlib, sys
sys.modules["click"] = None  # with it, httpx would load its own command line, and rich for that
for name in {below!r}:
    if name != "harn_tui.__main__":
        importlib.import_module(name)
print(sorted({set(SCREEN_LIBRARIES)!r} & set(sys.modules)))
"""
    assert _run_python(code, REPOSITORY) == "[]\n"


def test_importing_everything_touches_nothing(tmp_path: Path) -> None:
    """No file is written, no logging set up, no task or thread begun by an import."""
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o500)
    names = sorted(name for name in module_names() if name != "harn_tui.__main__")
    code = f"""
import sys
writes = []
def watch(event, arguments):
    if event in ("os.mkdir", "os.rename", "os.remove", "socket.connect", "subprocess.Popen"):
        writes.append((event, str(arguments[:1])))
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        writes.append((event, str(arguments[:2])))
sys.dont_write_bytecode = True
sys.addaudithook(watch)
import importlib, logging, threading
for name in {names!r}:
    importlib.import_module(name)
print(writes)
print(logging.getLogger().handlers, logging.getLogger("harn_tui").handlers)
print(threading.active_count())
"""
    assert _run_python(code, home) == "[]\n[] []\n1\n"
    assert list(home.iterdir()) == []


def test_no_module_reads_the_environment_when_it_is_imported() -> None:
    wrong = [
        f"{module.place}:{node.lineno}"
        for module in modules()
        for node in evaluated_at_import(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
    ]
    assert not wrong, listing(wrong)


def _run_python(code: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _circle(edges: dict[str, set[str]]) -> list[str]:
    """Return one circle of imports, empty when there is none."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for following in sorted(edges.get(name, ())):
            if found := visit(following, [*path, name]):
                return found
        done.add(name)
        return []

    for name in sorted(edges):
        if found := visit(name, []):
            return found
    return []
