"""The bytes that a terminal sends for a key."""

_PLAIN = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "backspace": "\x7f",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "delete": "\x1b[3~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f10": "\x1b[21~",
    "shift+tab": "\x1b[Z",
    "ctrl+underscore": "\x1f",
    "ctrl+space": "\x00",
}
_FINAL_BYTE = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_TILDE_NUMBER = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6}
_KITTY_CODE = {"enter": 13, "tab": 9, "escape": 27, "backspace": 127, "space": 32}
_MODIFIER_BIT = {"shift": 1, "alt": 2, "ctrl": 4}


def key_bytes(name: str) -> bytes:
    """Return what a terminal sends for a key named as Textual names it.

    ``enter``, ``ctrl+c``, ``alt+enter``, ``shift+left``, ``a``. ``ctrl+enter`` and
    ``shift+enter``, which only newer terminals can send, come in the kitty protocol's form.
    """
    if name in _PLAIN:
        return _PLAIN[name].encode()
    if len(name) == 1:
        return name.encode()
    *modifiers, key = name.split("+")
    if unknown := set(modifiers) - set(_MODIFIER_BIT):
        raise ValueError(f"no such modifier: {', '.join(sorted(unknown))}")
    if modifiers == ["ctrl"] and len(key) == 1 and key.isalpha():
        return bytes([ord(key.lower()) & 0x1F])
    if modifiers == ["alt"] and (len(key) == 1 or key == "enter"):
        return b"\x1b" + key_bytes(key)
    return _with_modifiers(key, 1 + sum(_MODIFIER_BIT[modifier] for modifier in modifiers))


def _with_modifiers(key: str, code: int) -> bytes:
    if key in _FINAL_BYTE:
        return f"\x1b[1;{code}{_FINAL_BYTE[key]}".encode()
    if key in _TILDE_NUMBER:
        return f"\x1b[{_TILDE_NUMBER[key]};{code}~".encode()
    if key in _KITTY_CODE:
        return f"\x1b[{_KITTY_CODE[key]};{code}u".encode()
    raise ValueError(f"no such key: {key}")
