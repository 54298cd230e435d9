"""Tools that a person wrote: files of a trusted folder, and installed packages."""

import re
import sys
import threading
import time
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.kinds import NoticeLevel
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.plugin_tools import (
    ENTRY_POINT_GROUP,
    TOOLS_FOLDER,
    PluginNotice,
    PluginTools,
    load_plugin_tools,
)
from harn_tui.tools.registry import ToolRegistry
from tests.architecture.source import REPOSITORY
from tests.unit.tools.conftest import Workspace

BUILTIN = ToolRegistry(builtin_tools())

GREET = """
    from harn_tui.tools.authoring import tool

    @tool
    def greet(who: str) -> str:
        '''Greets somebody.'''
        return f"Hello, {who}!"
"""


@pytest.fixture(autouse=True)
def _nothing_stays_imported() -> Iterator[None]:
    before = set(sys.modules)
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(folder: Path, **files: str) -> Path:
    """Write tool files, ``name="source"``; return the folder that they are in."""
    tools = folder / TOOLS_FOLDER
    tools.mkdir(parents=True, exist_ok=True)
    for name, source in files.items():
        (tools / f"{name}.py").write_text(dedent(source), encoding="utf-8")
    return tools


def load(folder: Path, **options: object) -> PluginTools:
    settings = {"is_trusted": True, "known": BUILTIN.names, "installed": (), **options}
    return load_plugin_tools(folder, **settings)  # type: ignore[arg-type]


def only_notice(found: PluginTools) -> PluginNotice:
    (notice,) = found.notices
    return notice


async def test_a_file_of_a_trusted_folder_adds_its_tools(workspace: Workspace) -> None:
    write(workspace.root, greetings=GREET)
    found = load(workspace.root)
    assert found.notices == ()
    registry = found.added_to(BUILTIN)
    assert registry.names == (*BUILTIN.names, "greet")
    greet = registry.require("greet")
    result = await greet.run(validate_arguments(greet, {"who": "Ann"}), workspace.context)
    assert result.text == "Hello, Ann!"


def test_nothing_of_an_untrusted_folder_is_imported(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    tools = write(tmp_path, one=f"open({str(trace)!r}, 'w')", two=GREET)
    found = load(tmp_path, is_trusted=False)
    assert found.tools == ()
    assert not trace.exists()
    notice = only_notice(found)
    assert notice.level is NoticeLevel.WARNING
    assert notice.path == str(tools)
    assert "2 tool files are ignored" in notice.text
    assert "harn-tui config trust" in notice.text


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_folder_without_tools_is_nothing_to_speak_of(tmp_path: Path, is_trusted: bool) -> None:
    assert load(tmp_path, is_trusted=is_trusted) == PluginTools()
    write(tmp_path, _shared="broken(", __init__="broken(")
    assert load(tmp_path, is_trusted=is_trusted) == PluginTools()


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("x = 1\ndef f(:\n    pass\n", 2, "it is not Python"),
        ("x = 1\nimport no_such_module\n", 2, "ModuleNotFoundError: No module named"),
        ("\n\nraise RuntimeError('on purpose')\n", 3, "RuntimeError: on purpose"),
        ("def f():\n    return 1 / 0\nf()\n", 2, "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
        ("raise KeyboardInterrupt\n", 1, "KeyboardInterrupt"),
        (
            "from harn_tui.tools.authoring import tool\n\n@tool\ndef f(x) -> None:\n    'Does.'\n",
            3,
            "the parameter x has no type hint. Accepted: x: str, …",
        ),
        (
            "from harn_tui.tools.authoring import tool\nTOOLS = [len]\n",
            None,
            "Decorate the function with @tool",
        ),
        ("TOOLS = 3\n", None, "TOOLS must be a list of tools"),
        ("import this_is_\x00bad", None, "null bytes"),
    ],
)
def test_a_broken_file_is_told_of_with_its_place_and_the_others_load(
    tmp_path: Path, source: str, line: int | None, words: str
) -> None:
    tools = write(tmp_path, greet=GREET)
    path = tools / "broken.py"
    path.write_text(source, encoding="utf-8")
    found = load(tmp_path)
    assert [tool.name for tool in found.tools] == ["greet"]
    notice = only_notice(found)
    assert (notice.level, notice.path, notice.line) == (NoticeLevel.ERROR, str(path), line)
    assert notice.text.startswith(f"{path}:{line}: " if line else f"{path}: ")
    assert words in notice.text
    assert not notice.text.endswith("..")
    assert "\n" not in notice.text


def test_a_file_in_another_encoding_is_told_of(tmp_path: Path) -> None:
    tools = write(tmp_path)
    (tools / "latin.py").write_bytes(b"x = '\xe9'\n")
    assert "is not Python" in only_notice(load(tmp_path)).text


def test_a_file_that_hangs_is_left_behind(tmp_path: Path) -> None:
    released = threading.Event()
    sys.modules["released_by_the_test"] = type(sys)("released_by_the_test")
    sys.modules["released_by_the_test"].released = released  # type: ignore[attr-defined]
    write(tmp_path, hang="from released_by_the_test import released\nreleased.wait(60)\n", z=GREET)
    start = time.monotonic()
    found = load(tmp_path, time_s=0.2)
    released.set()
    assert time.monotonic() - start < 30
    assert [tool.name for tool in found.tools] == ["greet"]
    assert "had not ended after 0.2 seconds" in only_notice(found).text


def test_a_file_without_tools_is_told_how_to_make_one(tmp_path: Path) -> None:
    write(tmp_path, empty="def greet(who: str) -> str:\n    'Greets.'\n    return who\n")
    notice = only_notice(load(tmp_path))
    assert notice.level is NoticeLevel.WARNING
    assert "decorate a function with @tool" in notice.text


def test_tools_odd_13_a_plug_in_that_replaces_a_built_in_tool_wins_and_is_told_of(
    tmp_path: Path,
) -> None:
    tools = write(tmp_path, mine=GREET.replace("def greet", "def read_file"))
    found = load(tmp_path)
    registry = found.added_to(BUILTIN)
    assert registry.require("read_file").description == "Greets somebody."
    assert len(registry) == len(BUILTIN)
    notice = only_notice(found)
    assert notice.level is NoticeLevel.WARNING
    assert notice.text == f"{tools / 'mine.py'}: its tool read_file replaces the built-in one."


def test_of_two_plug_ins_with_one_name_the_later_wins_and_is_told_of(tmp_path: Path) -> None:
    write(tmp_path, a=GREET, b=GREET.replace("Greets somebody", "Greets twice"))
    found = load(tmp_path)
    assert [tool.description for tool in found.tools] == ["Greets twice."]
    assert "replaces the one of a.py" in only_notice(found).text


def test_files_of_one_folder_can_share_what_is_in_another(tmp_path: Path) -> None:
    write(
        tmp_path,
        _words="WORD = 'Hi'\n",
        greet="""
            from __future__ import annotations
            from dataclasses import dataclass
            from harn_tui.tools.authoring import tool
            from ._words import WORD

            @dataclass
            class Person:
                name: str

            @tool
            def greet(who: Person) -> str:
                '''Greets.'''
                return WORD
        """,
    )
    found = load(tmp_path)
    assert found.notices == ()
    assert "Person" in str(found.tools[0].parameters)


def test_a_changed_file_counts_as_it_is_now_and_leaves_nothing_behind(tmp_path: Path) -> None:
    tools = write(tmp_path, greet=GREET)
    assert load(tmp_path).tools[0].description == "Greets somebody."
    write(tmp_path, greet=GREET.replace("somebody", "anybody!"))
    assert load(tmp_path).tools[0].description == "Greets anybody!."
    assert [path.name for path in tools.iterdir()] == ["greet.py"]


def test_only_what_the_file_itself_defines_is_taken_unless_it_lists_more(tmp_path: Path) -> None:
    write(
        tmp_path,
        a="from harn_tui.tools.read_file import READ_FILE\n" + dedent(GREET),
        b="from .a import greet\nfrom harn_tui.tools.read_file import READ_FILE\n"
        "TOOLS = [greet, READ_FILE]\n",
    )
    found = load(tmp_path, known=())
    assert [tool.name for tool in found.tools] == ["greet", "read_file"]


async def test_the_example_of_the_documents_is_a_tool(workspace: Workspace) -> None:
    text = (REPOSITORY / "docs" / "tools.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (example,) = (one for one in examples if "count_words" in one)
    write(workspace.root, example=example)
    workspace.write("a.txt", "one two\nthree\n")
    registry = load(workspace.root).added_to(ToolRegistry())
    assert registry.names == ("count_words", "ask_wiki")
    count = registry.require("count_words")
    result = await count.run(validate_arguments(count, {"path": "a.txt"}), workspace.context)
    assert result.text == '{"words": 3}'


PACKAGE = """
    from harn_tui.tools.authoring import tool
    from harn_tui.tools.read_file import READ_FILE

    @tool
    def shout(word: str) -> str:
        '''Shouts.'''
        return word.upper()

    def several():
        return [shout, READ_FILE]

    both = (shout, READ_FILE)
    nothing = 3

    def broken():
        raise RuntimeError("on purpose")
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a_package_of_tools.py").write_text(dedent(PACKAGE), encoding="utf-8")
    sys.path.insert(0, str(folder))
    return folder / "a_package_of_tools.py"


def entry(value: str) -> EntryPoint:
    return EntryPoint("shouting", value, ENTRY_POINT_GROUP)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("a_package_of_tools", ["shout"]),
        ("a_package_of_tools:shout", ["shout"]),
        ("a_package_of_tools:several", ["shout", "read_file"]),
        ("a_package_of_tools:both", ["shout", "read_file"]),
    ],
)
def test_an_entry_point_names_a_module_a_tool_or_several(
    tmp_path: Path, package: Path, value: str, names: list[str]
) -> None:
    found = load(tmp_path, installed=[entry(value)], known=())
    assert [tool.name for tool in found.tools] == names
    assert found.notices == ()


@pytest.mark.parametrize(
    ("value", "words", "line"),
    [
        ("no_such_package", "ModuleNotFoundError", None),
        ("a_package_of_tools:no_such_name", "AttributeError", None),
        ("a_package_of_tools:nothing", "must be a list of tools", None),
        ("a_package_of_tools:broken", "RuntimeError: on purpose", 17),
    ],
)
def test_a_broken_package_is_told_of_with_its_place(
    tmp_path: Path, package: Path, value: str, words: str, line: int | None
) -> None:
    notice = only_notice(load(tmp_path, installed=[entry(value)]))
    assert words in notice.text
    assert notice.line == line
    place = f"{package}:{line}: " if line else f"shouting = {value}: "
    assert notice.text.startswith(place)


def test_installed_packages_are_found_and_the_folders_own_tools_win_over_them(
    tmp_path: Path, package: Path
) -> None:
    info = package.parent / "a_package_of_tools-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: a-package-of-tools\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINT_GROUP}]\nx = a_package_of_tools\n")
    assert [tool.name for tool in load(tmp_path, installed=None).tools] == ["shout"]
    write(tmp_path, mine=GREET.replace("greet", "shout"))
    found = load(tmp_path, installed=None)
    assert [tool.description for tool in found.tools] == ["Greets somebody."]
    assert "replaces the one of x = a_package_of_tools" in only_notice(found).text


@given(st.binary(max_size=40))
def test_whatever_is_in_a_file_loading_goes_on(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    write(folder, greet=GREET)
    (folder / TOOLS_FOLDER / "any.py").write_bytes(b"1/0\n" + content)
    found = load(folder)
    assert [tool.name for tool in found.tools] == ["greet"]
    assert len(found.notices) == 1
