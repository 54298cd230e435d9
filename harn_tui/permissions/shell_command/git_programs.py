"""What git runs besides itself, and its command without the options that stand before it."""

import re

from harn_tui.permissions.shell_command.inside import Inside, names
from harn_tui.permissions.shell_command.model import SimpleCommand, Word

_VALUED = frozenset(
    {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env"}
)
_FLAGS = frozenset(
    {
        "-p",
        "-P",
        "--paginate",
        "--no-pager",
        "--bare",
        "--no-replace-objects",
        "--literal-pathspecs",
        "--glob-pathspecs",
        "--noglob-pathspecs",
        "--icase-pathspecs",
        "--no-optional-locks",
        "--version",
        "--help",
        "-h",
        "-v",
    }
)
_TRANSPARENT_FLAGS = frozenset({"-P", "--no-pager", "--no-optional-locks"})
_HARMLESS_SETTING = re.compile(
    r"(?:user\.(?:name|email)|color\.[\w.]+|advice\.\w+|log\.\w+|init\.defaultbranch|"
    r"commit\.(?:gpgsign|verbose)|tag\.gpgsign|core\.(?:quotepath|autocrlf|eol|filemode|"
    r"longpaths|ignorecase|abbrev)|diff\.(?:algorithm|renames|renamelimit|context|nopref"
    r"ix|mnemonicprefix)|merge\.conflictstyle|pull\.(?:rebase|ff)|push\.default|"
    r"safe\.directory|gc\.auto|rerere\.enabled|fetch\.prune|status\.\w+)=.*",
    re.IGNORECASE | re.DOTALL,
)
_RUNNING_COMMANDS = {
    "rebase": frozenset({"-x", "--exec"}),
    "difftool": frozenset({"-x", "--extcmd"}),
    "filter-branch": names(
        "--tree-filter --index-filter --msg-filter --env-filter --commit-filter --parent-filter "
        "--tag-name-filter"
    ),
    "grep": frozenset({"-O", "--open-files-in-pager"}),
    "clone": frozenset({"-u", "--upload-pack"}),
    "fetch": frozenset({"--upload-pack"}),
    "pull": frozenset({"--upload-pack"}),
    "ls-remote": frozenset({"--upload-pack", "--exec"}),
    "push": frozenset({"--receive-pack", "--exec"}),
    "archive": frozenset({"--exec"}),
}
_SETTING_COMMANDS = frozenset({"clone", "init", "submodule"})


def run_git(command: SimpleCommand, found: Inside) -> None:
    """Find what git would run."""
    words = command.arguments
    at = _read_options(words, found)
    if at >= len(words):
        return
    if not words[at].is_fixed:
        found.doubts.append("runs a git command that is not known before")
        return
    if at:
        found.run((command.words[0], *words[at:]))
        return
    _run_subcommand(words[0].text, words[1:], found)


def is_plain_git(command: SimpleCommand) -> bool:
    """Whether the options before the git command change nothing but the output."""
    words = command.arguments
    at = 0
    while at < len(words) and words[at].is_fixed and words[at].text in _TRANSPARENT_FLAGS:
        at += 1
    return at == len(words) or not words[at].text.startswith("-")


def _read_options(words: tuple[Word, ...], found: Inside) -> int:
    """Return the place of git's own command; note what its options run."""
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        name, equals, value = words[at].text.partition("=")
        if not words[at].is_fixed or (name not in _VALUED and name not in _FLAGS):
            found.doubts.append(f"has an option {name} of git that is not known here")
        at += 1
        if name not in _VALUED or equals:
            continue
        if at < len(words):
            value = words[at].text
            if not words[at].is_fixed:
                found.doubts.append("gives git options that are not known before")
        at += 1
        if name == "-c":
            _judge_setting(value, found)
        elif name == "--config-env":
            found.doubts.append("takes a setting of git from a variable")
    return at


def _judge_setting(setting: str, found: Inside) -> None:
    key, _, value = setting.partition("=")
    if key.lower().startswith("alias.") and value.startswith("!"):
        found.scripts.append((value[1:], False))
    elif key.lower() in {"core.pager", "pager.log"} and value in {"", "cat", "less"}:
        return
    elif not _HARMLESS_SETTING.fullmatch(setting):
        found.doubts.append(f"sets {key} of git, which may run a program")


def _run_subcommand(name: str, words: tuple[Word, ...], found: Inside) -> None:
    options = _RUNNING_COMMANDS.get(name, frozenset())
    for place, word in enumerate(words):
        option, equals, value = word.text.partition("=")
        if option in options and equals:
            found.script(
                (Word(value, value, word.has_glob, word.is_open),), speaks_bash=False, by="git"
            )
        elif option in options and place + 1 < len(words):
            found.script((words[place + 1],), speaks_bash=False, by="git")
        elif any(
            len(short) == 2 and word.text.startswith(short) and not word.text.startswith("--")
            for short in options
        ):
            found.doubts.append("gives git a program to run")
        if name in _SETTING_COMMANDS and option in {"-c", "--config", "--template"}:
            found.doubts.append("gives git settings that may run a program")
        if options and word.is_open and place == 0:
            found.doubts.append("gives git options that are not known before")
    if name == "bisect" and words and words[0].text == "run":
        found.run(words[1:])
    elif name == "submodule":
        _run_foreach(words, found)
    elif name == "config" and any("alias." in w.text or "!" in w.text for w in words):
        found.doubts.append("sets an alias of git, which may run a program")


def _run_foreach(words: tuple[Word, ...], found: Inside) -> None:
    texts = [word.text for word in words]
    if "foreach" in texts:
        rest = words[texts.index("foreach") + 1 :]
        while rest and rest[0].text.startswith("-"):
            rest = rest[1:]
        if rest:
            found.script(rest, speaks_bash=False, by="git")
