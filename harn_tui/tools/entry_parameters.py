"""Writes the parameters of a tool entry as the JSON Schema that models and checks work with.

An entry says for each parameter a word for its type, or a schema that may also say ``required``,
``nullable`` and ``example``. All of it is kept (tools oddity 6).
"""

from typing import Final

from harn_tui.errors import ToolDefinitionError
from harn_tui.json_types import JsonObject, JsonValue

_TYPE_WORDS: Final = {
    **{word: word for word in ("string", "integer", "number", "boolean", "array", "object")},
    "null": "null",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
_COMPONENTS: Final = "#/components/schemas/"
_DEFINITIONS: Final = "#/$defs/"
_NOTES: Final = ("description", "default", "examples")
_LISTS_OF_SCHEMAS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")


def parameters_schema(name: str, parameters: JsonValue, document: JsonObject) -> JsonObject:
    """Return the schema of ``parameters``, those of the tool ``name``.

    A whole schema of type ``object`` stays as it is. References to ``components.schemas`` of
    ``document``, the registry that the entry stands in, lead to copies in ``$defs``. Raises
    ToolDefinitionError when ``parameters`` is no table.
    """
    if parameters is None:
        parameters = {}
    if not isinstance(parameters, dict):
        raise ToolDefinitionError(
            f"The parameters of the tool {name} must be a table, not {parameters!r:.80}.",
            hint='Accepted: {"path": "string"}, {"path": {"type": "string", …}} or a JSON Schema.',
        )
    is_schema = parameters.get("type") == "object" and isinstance(
        parameters.get("properties"), dict
    )
    schema = dict(parameters) if is_schema else _object_of(parameters)
    return _with_definitions(schema, document)


def _object_of(parameters: JsonObject) -> JsonObject:
    """Return the closed object of ``parameters``, required ones first."""
    required = {name: part for name, part in parameters.items() if _is_required(part)}
    optional = {name: part for name, part in parameters.items() if name not in required}
    return {
        "type": "object",
        "properties": {name: _part(part) for name, part in (required | optional).items()},
        "required": [*required],
        "additionalProperties": False,
    }


def _is_required(part: JsonValue) -> bool:
    return not isinstance(part, dict) or part.get("required") is not False


def _part(part: JsonValue) -> JsonValue:
    """Return what one parameter accepts; a value that is no schema describes a text."""
    if isinstance(part, str) and part in _TYPE_WORDS:
        return {"type": _TYPE_WORDS[part]}
    if isinstance(part, bool):
        return part
    if not isinstance(part, dict):
        return {"type": "string", "description": str(part)}
    schema = {key: value for key, value in part.items() if key not in {"nullable", "example"}}
    if isinstance(schema.get("required"), bool):
        del schema["required"]
    if isinstance(word := schema.get("type"), str):
        schema["type"] = _TYPE_WORDS.get(word, word)
    if isinstance(inner := schema.get("properties"), dict):
        schema["properties"] = {name: _part(each) for name, each in inner.items()}
        said = [name for name, each in inner.items() if _says_required(each)]
        if said and "required" not in schema:
            schema["required"] = [*said]
    if isinstance(inner := schema.get("items"), dict | str):
        schema["items"] = _part(inner)
    for key in _LISTS_OF_SCHEMAS:
        if isinstance(inner := schema.get(key), list):
            schema[key] = [_part(each) for each in inner]
    if "example" in part:
        schema.setdefault("examples", [part["example"]])
    return _nullable(schema) if part.get("nullable") is True else schema


def _says_required(part: JsonValue) -> bool:
    return isinstance(part, dict) and part.get("required") is True


def _nullable(schema: JsonObject) -> JsonObject:
    kind = schema.get("type")
    if isinstance(kind, str) and schema.keys().isdisjoint({"enum", "const"}):
        return {**schema, "type": [kind, "null"]}
    notes: JsonObject = {key: schema[key] for key in _NOTES if key in schema}
    limits = {key: value for key, value in schema.items() if key not in notes}
    return {**notes, "anyOf": [limits, {"type": "null"}]}


def _with_definitions(schema: JsonObject, document: JsonObject) -> JsonObject:
    """Return ``schema`` with the components of ``document`` that it needs in its ``$defs``."""
    components = document.get("components")
    known = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(known, dict):
        return schema
    needed: dict[str, JsonValue] = {}
    moved = _moved(schema, known, needed)
    if not needed or not isinstance(moved, dict):
        return schema
    own = moved.get("$defs")
    return {**moved, "$defs": {**needed, **(own if isinstance(own, dict) else {})}}


def _moved(part: JsonValue, known: JsonObject, needed: dict[str, JsonValue]) -> JsonValue:
    """Return ``part`` with its references moved, and put what they lead to into ``needed``."""
    if isinstance(part, list):
        return [_moved(each, known, needed) for each in part]
    if not isinstance(part, dict):
        return part
    moved = {key: _moved(value, known, needed) for key, value in part.items()}
    reference = part.get("$ref")
    if isinstance(reference, str) and reference.startswith(_COMPONENTS):
        name = reference.removeprefix(_COMPONENTS)
        if name in known:
            moved["$ref"] = _DEFINITIONS + name
            if name not in needed:
                needed[name] = True  # entered first: a schema may contain itself
                needed[name] = _moved(_part(known[name]), known, needed)
    return moved
