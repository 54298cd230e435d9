"""Reads the package's own source for the architecture tests."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = "harn_tui"


@dataclass(frozen=True)
class Module:
    """One source file. ``name`` is dotted; ``text`` is the source."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def place(self) -> str:
        """Where it stands, for failure messages."""
        return str(self.path.relative_to(REPOSITORY))


@dataclass(frozen=True)
class Import:
    """One imported module. ``is_deferred`` when it stands in a function."""

    importer: Module
    name: str
    line: int
    is_deferred: bool
    is_for_types: bool

    def __str__(self) -> str:
        return f"{self.importer.place}:{self.line} imports {self.name}"


@cache
def modules() -> tuple[Module, ...]:
    """Return every source file of the package."""
    found = tuple(_read(path) for path in sorted((REPOSITORY / PACKAGE).rglob("*.py")))
    assert found, "the package has no source files"
    return found


@cache
def module_names() -> frozenset[str]:
    """Return the dotted names of all modules and packages."""
    return frozenset(module.name for module in modules())


@cache
def imports() -> tuple[Import, ...]:
    """Return every import of the package; ``from a import b`` names ``a.b`` if that is a module."""
    return tuple(found for module in modules() for found in _imports_of(module))


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method, nested ones included."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def classes(module: Module) -> Iterator[ast.ClassDef]:
    """Yield every class."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            yield node


def line_count(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Return how many lines a definition takes, its decorators not counted."""
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def listing(found: object) -> str:
    """Return what was found, one a line, for a failure message."""
    if isinstance(found, dict):
        found = [f"{place}: {size}" for place, size in found.items()]
    assert isinstance(found, list)
    return "\n" + "\n".join(sorted(found))


def evaluated_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when a module is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield child
        yield from evaluated_at_import(child)


def _read(path: Path) -> Module:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    text = path.read_text(encoding="utf-8")
    return Module(name, path, text, ast.parse(text, str(path)))


def _imports_of(module: Module) -> Iterator[Import]:
    deferred = {id(node) for function in functions(module) for node in ast.walk(function)}
    for_types = {
        id(node)
        for branch in ast.walk(module.tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test).endswith("TYPE_CHECKING")
        for node in ast.walk(branch)
    }
    for node in ast.walk(module.tree):
        for name in _imported_names(node):
            yield Import(
                module,
                name,
                getattr(node, "lineno", 0),
                id(node) in deferred,
                id(node) in for_types,
            )


def _imported_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative import"
        assert node.module is not None
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            yield full if full in module_file_names() else node.module


@cache
def module_file_names() -> frozenset[str]:
    """Return the dotted names of all modules by their files alone, without reading them."""
    root = REPOSITORY / PACKAGE
    names = (path.relative_to(REPOSITORY).with_suffix("").parts for path in root.rglob("*.py"))
    return frozenset(".".join(p for p in parts if p != "__init__") for parts in names)
