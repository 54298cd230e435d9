"""What an MCP server offers: tools, resources and prompts, as plain values."""

from dataclasses import asdict, dataclass

from harn_tui.json_types import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool as its server describes it.

    ``name`` is the server's own. ``parameters`` is the whole JSON Schema. The three flags are
    the server's hints, with the protocol's defaults for those it left out, but for
    ``is_destructive``: that is true only when the server says so.
    """

    name: str
    description: str
    parameters: JsonObject
    is_read_only: bool = False
    is_destructive: bool = False
    is_open_world: bool = True


@dataclass(frozen=True, slots=True)
class McpResource:
    """Something that a server lets read. ``size`` is in bytes, ``None`` when it does not say."""

    server: str
    uri: str
    name: str
    description: str = ""
    mime_type: str | None = None
    size: int | None = None

    @property
    def mention(self) -> str:
        """What stands for it in a prompt, behind the ``@``."""
        return f"{self.server}:{self.uri}"


@dataclass(frozen=True, slots=True)
class McpPromptArgument:
    """An argument of a prompt; its value is always text."""

    name: str
    description: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class McpPrompt:
    """A text that a server has ready, with places to fill in."""

    server: str
    name: str
    description: str = ""
    arguments: tuple[McpPromptArgument, ...] = ()

    @property
    def command(self) -> str:
        """What calls it in the prompt line, behind the ``/``."""
        return f"{self.server}:{self.name}"


def offer_to_json(offer: OfferedTool | McpResource | McpPrompt) -> JsonObject:
    """Return ``offer`` as JSON; the three functions below read it back."""
    values: JsonObject = asdict(offer)
    if isinstance(offer, McpPrompt):
        values["arguments"] = [asdict(argument) for argument in offer.arguments]
    return values


def tool_from_json(values: JsonObject) -> OfferedTool:
    """Read back an ``OfferedTool``."""
    parameters = values["parameters"]
    return OfferedTool(
        name=str(values["name"]),
        description=str(values["description"]),
        parameters=parameters if isinstance(parameters, dict) else {},
        is_read_only=values["is_read_only"] is True,
        is_destructive=values["is_destructive"] is True,
        is_open_world=values["is_open_world"] is not False,
    )


def resource_from_json(values: JsonObject) -> McpResource:
    """Read back an ``McpResource``."""
    mime_type, size = values["mime_type"], values["size"]
    return McpResource(
        server=str(values["server"]),
        uri=str(values["uri"]),
        name=str(values["name"]),
        description=str(values["description"]),
        mime_type=None if mime_type is None else str(mime_type),
        size=size if isinstance(size, int) else None,
    )


def prompt_from_json(values: JsonObject) -> McpPrompt:
    """Read back an ``McpPrompt``."""
    arguments = values["arguments"]
    return McpPrompt(
        server=str(values["server"]),
        name=str(values["name"]),
        description=str(values["description"]),
        arguments=tuple(
            _argument(item)
            for item in (arguments if isinstance(arguments, list) else ())
            if isinstance(item, dict)
        ),
    )


def _argument(values: dict[str, JsonValue]) -> McpPromptArgument:
    return McpPromptArgument(
        name=str(values["name"]),
        description=str(values["description"]),
        is_required=values["is_required"] is True,
    )
