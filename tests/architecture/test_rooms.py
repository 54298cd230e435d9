"""How large a room may be, and what must be said in it (docs/architecture.md, budgets)."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.architecture.source import (
    Module,
    classes,
    functions,
    line_count,
    listing,
    modules,
)

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_CLASS = 250
MOST_PUBLIC_METHODS = 20

NAMES_THAT_SAY_NOTHING = frozenset(
    {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "shared"}
)


def test_files_stay_under_400_lines() -> None:
    large = {
        m.place: n for m in modules() if (n := len(m.text.splitlines())) >= MOST_LINES_OF_A_FILE
    }
    assert not large, listing(large)


def test_functions_stay_under_60_lines() -> None:
    large = {
        f"{module.place}:{function.lineno} {function.name}": line_count(function)
        for module in modules()
        for function in functions(module)
        if line_count(function) >= MOST_LINES_OF_A_FUNCTION
    }
    assert not large, listing(large)


def test_classes_stay_under_250_lines_and_20_public_methods() -> None:
    large = {}
    for module in modules():
        for definition in classes(module):
            public = _public_methods(definition)
            if line_count(definition) >= MOST_LINES_OF_A_CLASS or public > MOST_PUBLIC_METHODS:
                place = f"{module.place}:{definition.lineno} {definition.name}"
                large[place] = (line_count(definition), public)
    assert not large, listing(large)


def test_every_name_says_what_is_inside() -> None:
    empty = [
        module.place
        for module in modules()
        if set(module.name.split(".")) & NAMES_THAT_SAY_NOTHING
        or set(module.name.rsplit(".", 1)[-1].split("_")) & NAMES_THAT_SAY_NOTHING
    ]
    assert not empty, listing(empty)


def test_every_broad_except_says_which_boundary_it_is() -> None:
    unexplained = [
        f"{module.place}:{handler.lineno}"
        for module in modules()
        for handler in _broad_handlers(module)
        if not _raises_again(handler) and not _has_boundary_comment(module, handler)
    ]
    assert not unexplained, listing(unexplained)


def test_no_except_swallows_everything_in_silence() -> None:
    silent = [
        f"{module.place}:{handler.lineno}"
        for module in modules()
        for handler in _broad_handlers(module)
        if all(isinstance(statement, ast.Pass) for statement in handler.body)
    ]
    assert not silent, listing(silent)


def test_every_file_says_its_one_purpose_first() -> None:
    silent = [
        module.place
        for module in modules()
        if module.text.strip() and not ast.get_docstring(module.tree)
    ]
    assert not silent, listing(silent)


def test_public_things_have_docstrings() -> None:
    silent = [
        f"{module.place}:{node.lineno} {node.name}"
        for module in modules()
        for node in _public_definitions(module.tree)
        if not ast.get_docstring(node)
    ]
    assert not silent, listing(silent)


def test_nothing_is_left_for_later() -> None:
    left = [
        f"{module.place}:{number}: {comment}"
        for module in modules()
        for number, comment in _comments(module)
        if re.search(r"\b(?:TODO|FIXME|XXX|HACK)\b", comment)
    ]
    assert not left, listing(left)


def test_ignored_checks_say_which_and_why() -> None:
    """A bare exemption hides what comes later; so does one without a reason."""
    unexplained = [
        f"{module.place}:{number}: {comment}"
        for module in modules()
        for number, comment in _comments(module)
        if ("type: ignore" in comment and not re.search(r"type: ignore\[[a-z-]+", comment))
        or ("noqa" in comment and not re.search(r"noqa: [A-Z]+\d+.* - ", comment))
    ]
    assert not unexplained, listing(unexplained)


def _public_methods(definition: ast.ClassDef) -> int:
    return sum(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        for node in definition.body
    )


def _broad_handlers(module: Module) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            yield node


def _is_broad(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_is_broad(element) for element in caught.elts)
    if caught is None:
        return True
    return isinstance(caught, ast.Name) and caught.id in {"Exception", "BaseException"}


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether the handler only cleans up: it swallows nothing, so it is no boundary."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _has_boundary_comment(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whether ``boundary:`` stands beside the ``except`` or before its first statement."""
    first = handler.body[0].lineno
    lines = module.text.splitlines()[handler.lineno - 1 : first]
    return any("boundary:" in line.partition("#")[2] for line in lines)


def _public_definitions(
    tree: ast.Module | ast.ClassDef,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name.startswith("_") or _is_overload(node):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public_definitions(node)


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    names = {ast.unparse(decorator).rsplit(".", 1)[-1] for decorator in node.decorator_list}
    return bool(names & {"overload", "setter", "override"})


def _comments(module: Module) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
