"""A tool call in one line of words: what it does, to what, and what came of it.

Pure functions of the block, for headless output, copies and tests. Everything is made printable.
"""

from dataclasses import dataclass
from enum import StrEnum

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import PERSON_COMMAND, SandboxMode, ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.view.durations import duration_words
from harn_tui.view.model import ToolBlock
from harn_tui.view.patch_names import patch_names
from harn_tui.view.plain import one_line

_OBJECT_CHARS = 200
_FACT_CHARS = 160


class ToolState(StrEnum):
    """How a call stands, in words."""

    ANNOUNCED = "announced"
    WAITING = "waiting for approval"
    ASKING = "waiting for your answer"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"


_GLYPHS = {
    ToolState.ANNOUNCED: "○",
    ToolState.WAITING: "▲",
    ToolState.ASKING: "▲",
    ToolState.RUNNING: "●",
    ToolState.DONE: "✓",
    ToolState.FAILED: "✗",
    ToolState.TIMED_OUT: "✗",
    ToolState.REFUSED: "⊘",
    ToolState.INTERRUPTED: "■",
}
_FAILURES = {
    ToolErrorCategory.PERMISSION_DENIED: ToolState.REFUSED,
    ToolErrorCategory.CANCELLED: ToolState.INTERRUPTED,
    ToolErrorCategory.TIMEOUT: ToolState.TIMED_OUT,
}


@dataclass(frozen=True, slots=True)
class _Verb:
    """A verb as it is ordered, under way, and done."""

    order: str
    going: str
    past: str


_VERBS = {
    "read_file": _Verb("read", "reading", "read"),
    "list_directory": _Verb("list", "listing", "listed"),
    "search_files": _Verb("search for", "searching for", "searched for"),
    "write_file": _Verb("write", "writing", "wrote"),
    "edit_file": _Verb("edit", "editing", "edited"),
    "apply_patch": _Verb("patch", "patching", "patched"),
    "run_command": _Verb("run", "running", "ran"),
    PERSON_COMMAND: _Verb("you run", "you run", "you ran"),
    "start_command": _Verb("start", "starting", "started"),
    "poll_command": _Verb("look at", "looking at", "looked at"),
    "stop_command": _Verb("stop", "stopping", "stopped"),
    "read_output": _Verb("read output", "reading output", "read output"),
    "fetch_url": _Verb("fetch", "fetching", "fetched"),
    "ask_user": _Verb("ask", "asking", "asked"),
    "update_plan": _Verb("update", "updating", "updated"),
    "emit_plan": _Verb("propose", "proposing", "proposed"),
    "run_agent": _Verb("run agent", "running agent", "ran agent"),
}
_VERBS_OF_KINDS = {
    ToolKind.READ: _Verb("read", "reading", "read"),
    ToolKind.EDIT: _Verb("edit", "editing", "edited"),
    ToolKind.DELETE: _Verb("delete", "deleting", "deleted"),
    ToolKind.MOVE: _Verb("move", "moving", "moved"),
    ToolKind.SEARCH: _Verb("search for", "searching for", "searched for"),
    ToolKind.EXECUTE: _Verb("run", "running", "ran"),
    ToolKind.FETCH: _Verb("fetch", "fetching", "fetched"),
}
_CALL = _Verb("call", "calling", "called")
_PLAN_TOOLS = frozenset({"update_plan", "emit_plan"})
_OBJECT_KEYS = (
    *("path", "file_path", "command", "pattern", "query", "url", "name", "title", "task"),
    "question",
)
_COUNTED = (("matches", "match", "matches"), ("entries", "entry", "entries"))


@dataclass(frozen=True, slots=True)
class ToolLine:
    """The parts of the line. ``verb`` has the form that fits the state; ``object`` may be empty."""

    state: ToolState
    glyph: str
    verb: str
    object: str
    facts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The line without its glyph: ``edited app.py +12 -3``, ``run ls, refused``."""
        words = f"{self.verb} {self.object}".rstrip()
        facts = list(self.facts)
        if facts and facts[0].startswith("+"):
            words = f"{words} {facts.pop(0)}"
        return ", ".join([words, *facts])


def tool_state(block: ToolBlock) -> ToolState:
    """Return how the call stands."""
    if block.interrupted:
        return ToolState.INTERRUPTED
    match block.status:
        case ToolCallStatus.COMPLETED:
            return ToolState.DONE
        case ToolCallStatus.FAILED if block.error_category is not None:
            return _FAILURES.get(block.error_category, ToolState.FAILED)
        case ToolCallStatus.FAILED:
            return ToolState.FAILED
        case _ if block.waiting_since_ms is not None:
            return ToolState.ASKING if block.is_asking else ToolState.WAITING
        case ToolCallStatus.IN_PROGRESS:
            return ToolState.RUNNING
        case _:
            return ToolState.ANNOUNCED


def tool_name_words(block: ToolBlock) -> str:
    """Return the name of what ran: of the tool, or that it was a command of the person."""
    is_theirs = block.tool_name == PERSON_COMMAND
    return "your command" if is_theirs else one_line(block.tool_name, _OBJECT_CHARS)


def tool_line(block: ToolBlock) -> ToolLine:
    """Return the line of the call as far as it is known."""
    state = tool_state(block)
    verb, target = _verb_and_object(block)
    facts = tuple(one_line(fact, _FACT_CHARS) for fact in _facts(block, state))
    return ToolLine(state, _GLYPHS[state], _form(verb, state, block), target, facts)


def spoken_tool(block: ToolBlock) -> str:
    """Return the line without its glyph, then the error where the line itself does not tell it."""
    words = tool_line(block)
    if not block.error or _tells_error(block, words.state):
        return words.text
    return f"{words.text}: {one_line(block.error, _OBJECT_CHARS)}"


def _form(verb: _Verb, state: ToolState, block: ToolBlock) -> str:
    if state is ToolState.RUNNING:
        return verb.going
    has_an_end = state in {ToolState.DONE, ToolState.TIMED_OUT} or "exit_code" in block.details
    return verb.past if has_an_end else verb.order


def _verb_and_object(block: ToolBlock) -> tuple[_Verb, str]:
    if block.tool_name in _PLAN_TOOLS:
        return _VERBS[block.tool_name], "the plan"
    target = _object(block)
    verb = _VERBS.get(block.tool_name)
    if verb is None and block.kind is not None and target:
        verb = _VERBS_OF_KINDS.get(block.kind)
    if verb is not None:
        return verb, target
    name = one_line(block.tool_name, _OBJECT_CHARS) or "a tool"
    return _CALL, f"{name} {target}".rstrip()


def _object(block: ToolBlock) -> str:
    """Return what the call acts on: its path, command or pattern, else its first argument."""
    arguments = block.arguments
    if block.tool_name == "apply_patch":
        return one_line(", ".join(_patched_paths(block)), _OBJECT_CHARS)
    if not isinstance(arguments, dict):
        return ""
    if block.tool_name == "search_files" and _as_text(arguments.get("path")):
        found = f"{_as_text(arguments.get('pattern'))} in {_as_text(arguments['path'])}"
        return one_line(found, _OBJECT_CHARS)
    named = [arguments[key] for key in _OBJECT_KEYS if key in arguments]
    first = named[0] if named else next(iter(arguments.values()), None)
    return one_line(_as_text(first), _OBJECT_CHARS)


def _patched_paths(block: ToolBlock) -> list[str]:
    """Return the files that a patch changed; those that it names before that is known."""
    files = block.details.get("files")
    if isinstance(files, list):
        return [_as_text(entry.get("path")) for entry in files if isinstance(entry, dict)]
    arguments = block.arguments
    patch = arguments.get("patch") if isinstance(arguments, dict) else None
    return patch_names(patch) if isinstance(patch, str) else []


def _facts(block: ToolBlock, state: ToolState) -> list[str]:
    facts = [*result_facts(block.details), *_answer_facts(block.details)]
    has_exit_code = "exit_code" in block.details
    if state not in {ToolState.DONE, ToolState.RUNNING} and not (
        state is ToolState.FAILED and has_exit_code
    ):
        facts.append(str(state))
    if block.error and _tells_error(block, state):
        facts[-1] += f": {block.error.strip()}"
    spent = block.execution_duration_ms
    spent = block.duration_ms if spent is None else spent
    if spent is not None:
        facts.append(duration_words(spent))
    return facts


def _tells_error(block: ToolBlock, state: ToolState) -> bool:
    is_meant = state in {ToolState.FAILED, ToolState.REFUSED}
    return is_meant and "exit_code" not in block.details


def result_facts(details: JsonObject) -> list[str]:
    """Return what a call's details say came of it: ``+12 -3``, ``3 matches``, ``exit 1``."""
    facts: list[str] = []
    added, removed = _number(details, "added"), _number(details, "removed")
    if added is not None and removed is not None:
        facts.append(f"+{added} -{removed}")
    if details.get("created") is True:
        facts.append("new file")
    for key, one, many in _COUNTED:
        count = _number(details, key)
        if count is not None:
            facts.append(f"{count:,} {one if count == 1 else many}")
    exit_code = _number(details, "exit_code")
    if exit_code is not None:
        facts.append(f"exit {exit_code}")
    if details.get("sandbox") == SandboxMode.BUBBLEWRAP:
        facts.append("sandboxed")
    return facts


def _answer_facts(details: JsonObject) -> list[str]:
    """Return what a person answered to the question of a call, if it asked one."""
    if "question_id" not in details:
        return []
    if details.get("is_declined") is True:
        return ["declined"]
    answers = details.get("answers")
    texts = [_as_text(one) for one in answers] if isinstance(answers, list) else []
    return [f"answered {'; '.join(texts)}"] if texts else []


def _number(details: JsonObject, key: str) -> int | None:
    value = details.get(key)
    return value if type(value) is int else None


def _as_text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value[: 2 * _OBJECT_CHARS]
    return "" if value is None else str(value)[: 2 * _OBJECT_CHARS]
