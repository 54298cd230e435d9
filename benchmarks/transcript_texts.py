"""Texts for the benchmarks, the same in every run: mixed answers and single giant blocks."""

import random

_VOCABULARY = (
    "the a of to and in that it is for with as on at this which session event token frame width"
    " block scroll window queue prompt tool result stream buffer cursor render layout terminal"
    " boundary feedback message pending delivered error retry model context budget"
)
_WORDS = _VOCABULARY.split()


def text_of(kind: str, chars: int, seed: int = 1) -> str:
    """Return at least ``chars`` characters cut to them; ``kind`` is mixed, prose, fence, …"""
    source = random.Random(f"{kind} {seed}")
    makers = {"mixed": _mixed, "prose": _sentence, "fence": _code, "table": _row, "list": _item}
    start = {"fence": "```python\n", "table": "| a | b | c |\n|---|---|---|\n"}
    parts = [start.get(kind, "")]
    length = len(parts[0])
    while length < chars:
        parts.append(makers[kind](source))
        length += len(parts[-1])
    return "".join(parts)[:chars]


def _words(source: random.Random, count: int) -> str:
    return " ".join(source.choice(_WORDS) for _ in range(count))


def _sentence(source: random.Random) -> str:
    words = _words(source, source.randint(6, 18))
    if source.random() < 0.2:
        words += f" **{_words(source, 2)}** and `{source.choice(_WORDS)}`"
    return words.capitalize() + ". "


def _code(source: random.Random) -> str:
    name = source.choice(_WORDS)
    indent = "    " * source.randint(0, 2)
    return f"{indent}{name}_{source.randint(0, 99)} = call({name!r}, {source.random():.3f})  # x\n"


def _row(source: random.Random) -> str:
    return f"| {_words(source, 2)} | {_words(source, 3)} | {source.randint(0, 9999)} |\n"


def _item(source: random.Random) -> str:
    return f"- {_words(source, source.randint(4, 14))}\n"


def _mixed(source: random.Random) -> str:
    choice = source.random()
    if choice < 0.55:
        return "".join(_sentence(source) for _ in range(3)) + "\n\n"
    if choice < 0.80:
        return "".join(_item(source) for _ in range(4)) + "\n"
    if choice < 0.90:
        return "```python\n" + "".join(_code(source) for _ in range(8)) + "```\n\n"
    if choice < 0.95:
        rows = "".join(_row(source) for _ in range(4))
        return f"| a | b | c |\n|---|---|---|\n{rows}\n"
    return f"## {_words(source, 4)}\n\n"
