"""Globs of files that a skill is about.

``*`` matches any text without a slash and ``**`` any text at all; ``?`` matches one byte that is
no slash. A ``**/`` that begins a pattern or follows a slash stands for any number of whole
folders, none included. The whole path must match. They are other globs than those of
permissions (docs/skills.md).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from harn_tui.errors import ConfigError

_MOST_BYTES: Final = 512
_SLASH: Final = 0x2F


@dataclass(slots=True)
class _Automaton:
    """A pattern as a machine whose states are bits: all of them advance at once.

    ``literal`` has the states that each byte leaves forwards, ``any_byte`` those that every byte
    but a slash does. A state of ``star`` keeps all bytes but a slash, of ``double_star`` every
    byte. A state of ``folders`` begins whole folders and that of ``inside`` behind it reads one.
    """

    literal: dict[int, int] = field(default_factory=dict)
    any_byte: int = 0
    star: int = 0
    double_star: int = 0
    folders: int = 0
    inside: int = 0
    length: int = 0

    def matches(self, text: bytes) -> bool:
        states = self._skipped(1)
        for byte in text:
            states = self._skipped(self._after(states, byte))
            if not states:
                return False
        return bool(states >> self.length & 1)

    def _after(self, states: int, byte: int) -> int:
        after = (states & self.literal.get(byte, 0)) << 1
        if byte == _SLASH:
            after |= states & (self.double_star | self.folders)
            return after | (states & self.inside) >> 1
        after |= (states & (self.any_byte | self.folders)) << 1
        return after | states & (self.star | self.double_star | self.inside)

    def _skipped(self, states: int) -> int:
        """Add what follows a part that may match nothing."""
        while True:
            wider = states | (states & (self.star | self.double_star)) << 1
            wider |= (states & self.folders) << 2
            if wider == states:
                return states
            states = wider


def glob_matches(pattern: str, path: str) -> bool:
    """Whether ``path`` matches ``pattern``; takes time linear in the length of ``path``."""
    return _compiled(pattern).matches(path.encode("utf-8", errors="surrogatepass"))


def check_glob(pattern: str) -> None:
    """Raise ConfigError for a pattern that is too long to be one."""
    if len(pattern.encode("utf-8", errors="surrogatepass")) > _MOST_BYTES:
        raise ConfigError(
            f"A glob of `paths` is longer than {_MOST_BYTES} bytes.", hint="Shorten it."
        )


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> _Automaton:
    machine = _Automaton()
    rest = pattern.encode("utf-8", errors="surrogatepass")
    is_segment_start = True
    while rest:
        bit = 1 << machine.length
        if is_segment_start and rest.startswith(b"**/"):
            machine.folders |= bit
            machine.inside |= bit << 1
            machine.length += 2
            rest = rest[3:]
            continue
        if rest.startswith(b"**"):
            machine.double_star |= bit
            rest = rest[2:]
        elif rest.startswith(b"*"):
            machine.star |= bit
            rest = rest[1:]
        else:
            is_segment_start = rest[0] == _SLASH
            _add_byte(machine, rest[0], bit)
            machine.length += 1
            rest = rest[1:]
            continue
        is_segment_start = False
        machine.length += 1
    return machine


def _add_byte(machine: _Automaton, byte: int, bit: int) -> None:
    if byte == ord("?"):
        machine.any_byte |= bit
    else:
        machine.literal[byte] = machine.literal.get(byte, 0) | bit
