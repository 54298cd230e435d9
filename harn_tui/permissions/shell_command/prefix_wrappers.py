"""Programs that run the command in their arguments, such as ``timeout 5 make``, and their options.

An option that is not in the table is a doubt: it may take the next word with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harn_tui.permissions.shell_command.inside import (
    MISSING,
    Inside,
    assigned_name,
    chosen_programs,
    names,
)
from harn_tui.permissions.shell_command.model import SimpleCommand, Word


@dataclass(frozen=True, slots=True)
class PrefixWrapper:
    """How the arguments of a wrapper lead to its command.

    ``flags`` and ``valued`` are short options without and with a value; ``attached`` are those
    whose value, if any, is part of the word. Of ``long_flags`` and ``long_valued`` the latter
    take the next word when they have no ``=``. ``operands`` words stand before the command, and
    ``assignments`` tells that ``NAME=value`` may too. ``is_transparent`` means that it changes
    nothing about what may be touched.
    """

    flags: str = ""
    valued: str = ""
    attached: str = ""
    long_flags: frozenset[str] = frozenset()
    long_valued: frozenset[str] = frozenset()
    operands: int = 0
    assignments: bool = False
    is_transparent: bool = False


PREFIX_WRAPPERS: Mapping[str, PrefixWrapper] = MappingProxyType(
    {
        "env": PrefixWrapper(
            flags="i0v",
            valued="uCa",
            long_flags=names("ignore-environment null debug block-signal default-signal"),
            long_valued=names("unset chdir argv0"),
            assignments=True,
        ),
        "timeout": PrefixWrapper(
            flags="vfp",
            valued="ks",
            long_flags=names("preserve-status foreground verbose"),
            long_valued=names("kill-after signal"),
            operands=1,
            is_transparent=True,
        ),
        "nohup": PrefixWrapper(is_transparent=True),
        "nice": PrefixWrapper(
            flags="0123456789",
            valued="n",
            long_valued=names("adjustment"),
            is_transparent=True,
        ),
        "ionice": PrefixWrapper(
            flags="t",
            valued="cn",
            long_flags=names("ignore"),
            long_valued=names("class classdata"),
            is_transparent=True,
        ),
        "chrt": PrefixWrapper(flags="abdefiormR", valued="TPD", operands=1),
        "taskset": PrefixWrapper(flags="ac", operands=1),
        "time": PrefixWrapper(
            flags="pvlah",
            valued="fo",
            long_flags=names("portability verbose append"),
            long_valued=names("format output"),
        ),
        "sudo": PrefixWrapper(
            flags="ABbEHiKklNnPSsvV",
            valued="CDghpRrTtUu",
            long_flags=names(
                "askpass background bell set-home login reset-timestamp non-interactive "
                "preserve-env preserve-groups stdin shell no-update"
            ),
            long_valued=names(
                "close-from chdir group host prompt chroot role command-timeout type other-user "
                "user"
            ),
            assignments=True,
        ),
        "doas": PrefixWrapper(flags="Lns", valued="aCu"),
        "pkexec": PrefixWrapper(
            long_flags=names("disable-internal-agent keep-cwd"), long_valued=names("user")
        ),
        "command": PrefixWrapper(flags="p", is_transparent=True),
        "builtin": PrefixWrapper(is_transparent=True),
        "exec": PrefixWrapper(flags="cl", valued="a", is_transparent=True),
        "noglob": PrefixWrapper(is_transparent=True),
        "stdbuf": PrefixWrapper(
            valued="ioe", long_valued=names("input output error"), is_transparent=True
        ),
        "unbuffer": PrefixWrapper(flags="p", is_transparent=True),
        "setsid": PrefixWrapper(
            flags="cfw", long_flags=names("ctty fork wait"), is_transparent=True
        ),
        "chroot": PrefixWrapper(
            long_flags=names("skip-chdir"), long_valued=names("userspec groups"), operands=1
        ),
        "busybox": PrefixWrapper(),
        "toybox": PrefixWrapper(),
        "caffeinate": PrefixWrapper(flags="dimsu", valued="tw", is_transparent=True),
        "fakeroot": PrefixWrapper(long_flags=names("unknown-is-real")),
        "strace": PrefixWrapper(
            flags="cCdDfFhiknqrtTvVwxyYzZ", valued="abeEIoOpPsSuUX", long_valued=names("trace")
        ),
        "ltrace": PrefixWrapper(flags="bcCfhiLrStTV", valued="aADeFlnopsuwx"),
        "xargs": PrefixWrapper(
            flags="0rtxpo",
            valued="adEILnPsJRS",
            attached="eil",
            long_flags=names("null no-run-if-empty verbose interactive exit open-tty eof replace"),
            long_valued=names(
                "arg-file delimiter max-lines max-args max-procs max-chars process-slot-var"
            ),
            is_transparent=True,
        ),
    }
)


class _Options:
    """One pass over the arguments of a wrapper; ``at`` ends at the first word of its command."""

    def __init__(self, wrapper: PrefixWrapper, words: tuple[Word, ...]) -> None:
        self._wrapper = wrapper
        self._words = words
        self.at = 0
        self.doubt: str | None = None
        self.seen: dict[str, str] = {}

    def read(self) -> None:
        """Go past options, operands and assignments."""
        while self.at < len(self._words) and self._words[self.at].text.startswith("-"):
            word = self._words[self.at].text
            self.at += 1
            if word == "--":
                break
            if word.startswith("--"):
                self._long(word[2:])
            elif len(word) > 1:
                self._short(word[1:])
        self.at += self._wrapper.operands
        while (
            self._wrapper.assignments
            and self.at < len(self._words)
            and assigned_name(self._words[self.at]) is not None
        ):
            self.at += 1

    def _long(self, option: str) -> None:
        name, equals, value = option.partition("=")
        self.seen[name] = value
        if name in self._wrapper.long_valued:
            if not equals:
                self._take(name)
        elif name not in self._wrapper.long_flags:
            self.doubt = f"has an option --{name} that is not known here"

    def _short(self, letters: str) -> None:
        for place, letter in enumerate(letters):
            rest = letters[place + 1 :]
            self.seen[letter] = rest
            if letter in self._wrapper.attached:
                return
            if letter in self._wrapper.valued:
                if not rest:
                    self._take(letter)
                return
            if letter not in self._wrapper.flags:
                self.doubt = f"has an option -{letter} that is not known here"

    def _take(self, name: str) -> None:
        if self.at < len(self._words):
            self.seen[name] = self._words[self.at].text
        self.at += 1


def run_prefixed(command: SimpleCommand, found: Inside) -> None:
    """Find the command that a wrapper of the table runs."""
    program = command.program or ""
    options = _Options(PREFIX_WRAPPERS[program], command.arguments)
    if program == "env" and _splits_text(command.arguments, found):
        return
    if program == "command" and any(w.text in {"-v", "-V"} for w in command.arguments[:1]):
        return
    options.read()
    passed, inner = command.arguments[: options.at], command.arguments[options.at :]
    if options.doubt:
        found.doubts.append(f"{options.doubt} ({program})")
    if not all(word.is_fixed for word in passed):
        found.doubts.append(f"gives {program} options that are not known before")
    found.doubts += chosen_programs(passed)
    found.run(_fed(inner, options.seen) if program == "xargs" else inner)


def _splits_text(words: tuple[Word, ...], found: Inside) -> bool:
    """Handle ``env -S "NAME=value program"``, whose text is split as a shell does."""
    for place, word in enumerate(words):
        if not word.text.startswith("-"):
            return False
        is_short = not word.text.startswith("--") and "S" in word.text
        if is_short or word.text.startswith("--split-string"):
            tail = word.text.partition("S" if is_short else "=")[2]
            rest = words[place + 1 :]
            first = (Word(tail, tail, word.has_glob, word.is_open),) if tail else ()
            found.doubts.append("gives env a text to split")
            found.script((*first, *rest), speaks_bash=False, by="env")
            return True
    return False


def _fed(inner: tuple[Word, ...], seen: Mapping[str, str]) -> tuple[Word, ...]:
    """Return the command that xargs runs, with what it takes from its input."""
    if not inner:
        return ()
    marks = [seen[name] or "{}" for name in ("I", "i", "J", "replace") if name in seen]
    if not marks:
        return (*inner, MISSING)
    return tuple(_filled(word, marks) for word in inner)


def _filled(word: Word, marks: list[str]) -> Word:
    is_replaced = any(mark in word.text for mark in marks)
    return Word(word.raw, word.text, word.has_glob, is_open=True) if is_replaced else word
