"""The words between the console and the process that talks to MCP servers.

Each message is one line of JSON. To the process go ``{"id", "method", "params"}`` and
``{"method": "cancel", "params": {"id"}}``; the end of its input ends it. From it come
``{"id", "result"}``, ``{"id", "error": {"message", "category", "may_repeat"}}`` and
``{"event", …}``.
"""

from enum import StrEnum

LONGEST_LINE_BYTES = 16 * 1024 * 1024
"""The process keeps what it sends below this: 2 MiB of an answer, each byte six as JSON."""


class HostMethod(StrEnum):
    """What the process can be asked.

    ``start`` takes the settings of a server, and starts it anew when it runs; it is answered
    after the events that list what the server offers. ``call`` takes ``server``, ``tool`` and
    ``arguments`` and is answered with ``{"text", "is_error", "details"}``. ``read_resource``
    takes ``server`` and ``uri``, ``get_prompt`` takes ``server``, ``name`` and ``arguments``;
    both are answered with ``{"text"}``.
    """

    START = "start"
    CALL = "call"
    READ_RESOURCE = "read_resource"
    GET_PROMPT = "get_prompt"
    CANCEL = "cancel"


class HostEvent(StrEnum):
    """What the process tells by itself.

    The first three carry ``server`` and ``offers``, all of one sort. ``ended`` carries
    ``server`` and ``reason``, ``progress`` the ``id`` of a call and ``text``, ``notice``
    ``server`` and ``text`` for a person. ``unusable`` carries the ``reason`` why no server can
    be reached at all.
    """

    TOOLS = "tools"
    RESOURCES = "resources"
    PROMPTS = "prompts"
    ENDED = "ended"
    PROGRESS = "progress"
    NOTICE = "notice"
    UNUSABLE = "unusable"
