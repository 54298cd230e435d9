"""A stand-in for ripgrep, run as a script in a process of its own where rg is not installed.

A process and not a thread: Python holds its interpreter lock for the whole of one match, so a
pattern that backtracks without end would freeze the program, while a process can be killed.
Uses the standard library only, because it runs isolated. ``argv[1]`` is a JSON object
``{"pattern", "target", "glob": str | null, "ignore_case"}``; the output is ripgrep's with
``--null``: path, NUL, line number, colon, line. Exit code 2 means that the pattern
is wrong, 3 that the glob is. ``{"list": target}`` prints every file's path and a NUL instead.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BAD_PATTERN_EXIT = 2
BAD_GLOB_EXIT = 3
_MAX_LINE_BYTES = 1024 * 1024
_SNIFF_BYTES = 64 * 1024
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One line of a .gitignore in ``folder``: the last rule that matches a path decides."""

    folder: Path
    expression: re.Pattern[str]
    is_negated: bool
    only_folders: bool

    def matches(self, path: Path, *, is_folder: bool) -> bool:
        """Whether the rule speaks of ``path``, which lies below ``folder``."""
        if self.only_folders and not is_folder:
            return False
        return self.expression.fullmatch(path.relative_to(self.folder).as_posix()) is not None


def path_glob(pattern: str) -> re.Pattern[str]:
    """Translate a glob in the syntax of .gitignore, with ``{a,b}``, for paths with slashes.

    A pattern without a slash matches in any folder; ``*`` and ``?`` do not match a slash.
    """
    body = pattern.removeprefix("/")
    anywhere = "/" not in body and not pattern.startswith("/")
    return re.compile(("(?:.*/)?" if anywhere else "") + _translated(body), re.DOTALL)


def _translated(body: str) -> str:
    result = ""
    depth = 0
    place = 0
    while place < len(body):
        token = _token(body, place)
        place += len(token)
        if token == "{":
            depth += 1
        elif token == "}" and depth:
            depth -= 1
        elif token == "}":
            token = "\\}"
        result += _expression(token, in_braces=depth > 0)
    return result + ")" * depth


def _token(body: str, place: int) -> str:
    if body.startswith("**/", place) and (place == 0 or body[place - 1] == "/"):
        return "**/"
    if body[place:] == "/**":
        return "/**"
    if body[place] == "[":
        found = re.compile(r"\[[!^]?\]?[^\]]*\]").match(body, place)
        return found.group() if found else "["
    return body[place : place + (2 if body[place] == "\\" else 1)]


def _expression(token: str, *, in_braces: bool) -> str:
    fixed = {
        "**/": "(?:.*/)?",
        "/**": "/.*",
        "*": "[^/]*",
        "?": "[^/]",
        "{": "(?:",
        "}": ")",
    }
    if token in fixed:
        return fixed[token]
    if token == "," and in_braces:
        return "|"
    if len(token) > 2 and token[0] == "[":
        # Python reserves doubled signs inside a set for later use and would warn.
        inner = re.sub(r"[\[\\&|~]", r"\\\g<0>", token[1:-1]).replace("--", r"-\-")
        return f"(?!/)[{'^' + inner[1:] if inner[0] in '!^' else inner}]"
    return re.escape(token[1:] if len(token) == 2 and token[0] == "\\" else token)


def read_ignore_rules(folder: Path) -> list[IgnoreRule]:
    """Return the rules of the .gitignore in ``folder``, none when there is none."""
    try:
        text = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    rules = []
    for line in text.splitlines():
        pattern = line if line.endswith("\\ ") else line.rstrip()
        if not pattern or pattern.startswith("#"):
            continue
        is_negated = pattern.startswith("!")
        pattern = pattern.removeprefix("!").removeprefix("\\")
        only_folders = pattern.endswith("/")
        try:
            expression = path_glob(pattern.rstrip("/"))
        except re.error:
            continue
        rules.append(IgnoreRule(folder, expression, is_negated, only_folders))
    return rules


class Walker:
    """Walks folders in ripgrep's order and leaves out what it leaves out."""

    def __init__(self, base: Path, glob: str | None) -> None:
        self._base = base
        self._glob_excludes = glob is not None and glob.startswith("!")
        self._glob = path_glob(glob.removeprefix("!")) if glob else None

    def files(self, target: Path) -> Iterator[Path]:
        """Yield the files to search, in order; a target that is a file is always searched."""
        if not target.is_dir():
            yield target
            return
        yield from self._walk(target, _rules_of_parents(target))

    def _walk(self, folder: Path, rules: list[IgnoreRule]) -> Iterator[Path]:
        rules = [*rules, *read_ignore_rules(folder)]
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
        except OSError:
            return
        for entry in entries:
            path = folder / entry.name
            if entry.is_dir(follow_symlinks=False):
                if self._wanted(path, rules, is_folder=True):
                    yield from self._walk(path, rules)
            elif entry.is_file(follow_symlinks=False) and self._wanted(
                path, rules, is_folder=False
            ):
                yield path

    def _wanted(self, path: Path, rules: list[IgnoreRule], *, is_folder: bool) -> bool:
        if self._glob is not None:
            relative = Path(os.path.relpath(path, self._base)).as_posix()
            matched = self._glob.fullmatch(relative) is not None
            if matched:  # as in ripgrep, a glob outweighs .gitignore and hidden names
                return not self._glob_excludes
            if not self._glob_excludes and not is_folder:
                return False
        if path.name.startswith("."):
            return False
        for rule in reversed(rules):
            if rule.matches(path, is_folder=is_folder):
                return rule.is_negated
        return True


def _rules_of_parents(folder: Path) -> list[IgnoreRule]:
    """Return the rules of the folders above, from the top of the repository down."""
    parents: list[Path] = []
    inner = folder
    for parent in folder.parents:
        if (inner / ".git").exists():
            break
        parents.append(parent)
        inner = parent
    return [rule for parent in reversed(parents) for rule in read_ignore_rules(parent)]


def search_file(path: Path, expression: re.Pattern[str]) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each line that matches; nothing for a binary file."""
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        if b"\x00" in file.read(_SNIFF_BYTES):
            return
        file.seek(0)
        number = 0
        is_line_start = True
        while line := file.readline(_MAX_LINE_BYTES):
            number += is_line_start
            text = line.removeprefix(_UTF8_BOM) if number == 1 and is_line_start else line
            text = text.rstrip(b"\r\n")
            if is_line_start and expression.search(text.decode("utf-8", "replace")):
                yield number, text
            is_line_start = line.endswith(b"\n")


def main() -> int:
    """Search as the request in ``argv[1]`` says; return the exit code."""
    request = json.loads(sys.argv[1])
    if "list" in request:
        _print_files(Path.cwd(), request["list"])
        return 0
    try:
        flags = re.IGNORECASE if request["ignore_case"] else 0
        expression = re.compile(request["pattern"], flags)
    except (re.error, RecursionError, OverflowError) as error:
        sys.stderr.write(str(error))
        return BAD_PATTERN_EXIT
    base = Path.cwd()
    try:
        walker = Walker(base, request["glob"])
    except re.error as error:
        sys.stderr.write(str(error))
        return BAD_GLOB_EXIT
    _print_matches(walker, base, base / request["target"], expression)
    return 0


def _print_files(base: Path, target: str) -> None:
    for path in Walker(base, None).files(base / target):
        shown = path.relative_to(base) if path.is_relative_to(base) else path
        sys.stdout.buffer.write(os.fsencode(shown) + b"\x00")
    sys.stdout.buffer.flush()


def _print_matches(walker: Walker, base: Path, target: Path, expression: re.Pattern[str]) -> None:
    for path in walker.files(target):
        shown = os.fsencode(os.path.relpath(path, base) if path.is_relative_to(base) else path)
        for number, line in search_file(path, expression):
            sys.stdout.buffer.write(b"%s\x00%d:%s\n" % (shown, number, line))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader has seen enough
        os._exit(0)
