"""The only place where ids are minted.

Every id is a string. Time-ordered ids are UUIDv7 text (RFC 9562, section 5.7), so that session
folders sort by creation time.
"""

import os
import time
from uuid import UUID


def new_uuid7() -> str:
    """Return a fresh UUIDv7 in canonical lower-case text form."""
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= ((random_bits >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random_bits & ((1 << 62) - 1)
    return str(UUID(int=value))


def new_session_id() -> str:
    """Return an id for a session that is stored."""
    return new_uuid7()


def new_anonymous_session_id() -> str:
    """Return an id for a loop that was given none and is never stored."""
    return f"agent_session_{new_uuid7()}"


IMPORTED_LOOP = "loop_imported_"
"""How the ids of loops begin that another program ran, in a session that was imported."""


def new_loop_id() -> str:
    """Return an id for one run of the loop."""
    return f"loop_{new_uuid7()}"


def new_worker_id() -> str:
    """Return an id for one nested loop."""
    return f"worker_{new_uuid7()}"


def new_feedback_id() -> str:
    """Return an id for one queued line of feedback."""
    return f"feedback_{new_uuid7()}"


def new_request_id() -> str:
    """Return an id for one permission request."""
    return f"permission_{new_uuid7()}"


def new_question_id() -> str:
    """Return an id for one question to the person."""
    return f"question_{new_uuid7()}"


def command_id(number: int) -> str:
    """Return an id for the long-running command with this number in this process."""
    return f"cmd_{os.getpid()}_{time.time_ns()}_{number}"


def command_handle_id(number: int) -> str:
    """Return the short name by which a model polls and stops that command."""
    return f"hto-{os.getpid():x}-{number}"


def new_person_command_id() -> str:
    """Return an id for one command that a person runs in the prompt."""
    return f"person-{new_uuid7()}"


def tool_call_event_id(provider_call_id: str) -> str:
    """Return the id that events carry for the call a provider named ``provider_call_id``."""
    return f"tool-{provider_call_id}"


def server_search_event_id(search_id: str) -> str:
    """Return the id that events carry for a search that the model's server did itself."""
    return f"provider-{search_id}"


def missing_tool_call_id(iteration: int, index: int) -> str:
    """Return a provider-style call id for a call that came without one.

    Args are 0-based; the pair is unique within one loop.
    """
    return f"iter-{iteration}-{index}"
