"""Writes tools as TypeScript declarations for the prompt of the text format."""

import json
import re
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tagged_text.typescript import TypeWriter, parameters_of, property_name

LONGEST_SENTENCE: Final = 200

_SENTENCE_END: Final = re.compile(r"[.!?](?=\s|\Z)|\n")


def declaration(name: str, description: str, parameters: JsonObject, types: TypeWriter) -> str:
    """Return ``declare function name(args: { … }): string;`` under a comment that describes it."""
    lines = [*_doc_comment(description), f"declare function {name}(args: {{"]
    for parameter, schema, is_required in parameters_of(parameters):
        mark = "" if is_required else "?"
        written = types.write(schema, parameters)
        comment = _parameter_comment(schema, is_required=is_required)
        lines.append(f"  {property_name(parameter)}{mark}: {written}; // {comment}")
    lines.append("}): string;")
    return "\n".join(lines)


def compact_line(name: str, description: str) -> str:
    """Return one line on a tool: its name and the first sentence of its description."""
    text = description.strip()
    end = _SENTENCE_END.search(text)
    sentence = _one_line(text[: end.end()] if end else text)
    if len(sentence) > LONGEST_SENTENCE:
        sentence = sentence[:LONGEST_SENTENCE].rstrip() + "…"
    return f"- `{name}`: {sentence}" if sentence else f"- `{name}`"


def _doc_comment(description: str) -> list[str]:
    text = description.strip().replace("*/", "*\\/")
    if not text:
        return []
    return ["/**", *(f" * {line}".rstrip() for line in text.splitlines()), " */"]


def _parameter_comment(schema: JsonValue, *, is_required: bool) -> str:
    parts = ["required" if is_required else "optional"]
    if isinstance(schema, dict):
        description = schema.get("description")
        if isinstance(description, str) and description.strip():
            parts.append(_one_line(description).rstrip("."))
        if "default" in schema:
            parts.append(f"Default: {_json(schema['default'])}")
        examples = schema.get("examples")
        if isinstance(examples, list) and examples:
            parts.append(f"Examples: {', '.join(map(_json, examples))}")
    return ". ".join(parts)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)
