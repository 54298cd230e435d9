"""What ends a run after a turn that called tools (docs/loop.md, post-turn decisions)."""

from tests.e2e.loop_tables.case import Case, Holding, Json, ended, event, feedback, recorded
from tests.e2e.loop_tables.forms import (
    FORMS,
    LIST,
    MISSING,
    NATIVE,
    READ,
    SENTINEL,
    TEXT,
    WRITE,
    Form,
    loop,
    persistent,
    tagged_call,
)

CALLBACK = 'post_turn_callback = ["sh", "callback.sh"]\n'
STOP_BY_READ = 'stop_after_successful_tools = ["read_file"]\n'
SMALL = 'compact_threshold = 1\ncompaction = { type = "truncate", keep_last = 2 }\n'
HALF_READABLE = {
    "text": tagged_call("read_file", '{"path": "a.txt"}') + "\n" + tagged_call("read_file", "{")
}


def callback(printed: str) -> dict[str, str]:
    """Return the file of a callback that keeps what it is told, then prints ``printed``."""
    return {"callback.sh": f"cat > told.json\ncat <<'END'\n{printed}\nEND\n"}


def _stopping_tools(form: Form) -> list[Case]:
    two = form.calls(READ, LIST)
    return [
        Case(
            f"row 1: a stopping tool succeeds after the whole turn, {form.name}",
            [two],
            "done",
            loop(f"{STOP_BY_READ}{CALLBACK}{SMALL}", form),
            files=callback("never asked"),
            shows=[
                event("turn_end", turn_info={"successful_tool_names": ["read_file", LIST[0]]}),
                event("loop_end", status="done"),
            ],
            hides=[feedback("post_turn_callback"), event("transcript_compacted")],
            result={"tools": {"calls": ["read_file", "list_directory"]}},
        ),
        Case(
            f"row 1: a stopping tool that fails stops nothing, {form.name}",
            [form.calls(MISSING), form.says("the answer")],
            "done",
            loop(STOP_BY_READ, form),
            shows=[event("tool_call_update", status="failed"), ended(2)],
            result={"tools": {"successful": []}},
        ),
        Case(
            f"row 1: other tools stop nothing, {form.name}",
            [form.calls(LIST), form.says("the answer")],
            "done",
            loop(STOP_BY_READ, form),
            shows=[ended(2)],
        ),
    ]


def _callbacks(form: Form) -> list[Case]:
    stop = '{"message": "That is enough.", "stop": true}'
    return [
        Case(
            f"row 2: the callback stops the run, its message first, {form.name}",
            [form.calls(READ)],
            "done",
            persistent(f"{CALLBACK}{SMALL}", form),
            files=callback(stop),
            shows=[
                event("turn_end"),
                feedback("post_turn_callback", "That is enough."),
                event("loop_end", status="done"),
            ],
            hides=[event("transcript_compacted")],
        ),
        Case(
            f"row 4: a message alone goes to the model, {form.name}",
            [form.calls(READ), form.says("the answer")],
            "done",
            loop(CALLBACK, form),
            files=callback("Look again."),
            shows=[
                event("turn_end"),
                feedback("post_turn_callback", "Look again."),
                event("llm_call_start", call=2),
            ],
        ),
    ]


def _completions(form: Form) -> list[Case]:
    return [
        Case(
            f"row 3: an accepted completion ends the run after its calls, {form.name}",
            [form.calls(READ), form.calls(LIST, text=form.done)],
            "done",
            persistent(f"{CALLBACK}{SMALL}", form),
            files=callback("Seen."),
            shows=[
                event("turn_end", iteration=1),
                feedback("post_turn_callback", "Seen."),
                event("transcript_compacted", mode="auto"),
                event("loop_end", status="done"),
            ],
            result={"tools": {"calls": ["read_file", "list_directory"]}},
        ),
        Case(
            f"row 4: otherwise it goes on, {form.name}",
            [form.calls(READ), form.calls(LIST), form.says("the answer")],
            "done",
            loop("", form),
            shows=[ended(2), event("turn_end"), ended(3)],
            result={"llm": {"iterations": 3}},
        ),
    ]


def _told(form: Form) -> list[Case]:
    """What hooks, ``turn_end`` and the callback are told, which is the same object."""
    second = {
        "tool_names": ["read_file", "write_file"],
        "tool_results": [
            {"tool_name": "read_file", "status": "error", "rejected": False},
            {"tool_name": "write_file", "status": "rejected", "rejected": True},
        ],
        "successful_tool_names": [],
        "tool_count": 2,
        "iteration": 1,
        "failed": True,
        "consecutive_single_tool_turns": 0,
        "session_tools_used": ["list_directory", "read_file"],
        "session_successful_tools": ["list_directory"],
    }
    first = {
        "tool_names": ["list_directory"],
        "tool_results": [{"tool_name": "list_directory", "status": "ok", "rejected": False}],
        "successful_tool_names": ["list_directory"],
        "tool_count": 1,
        "iteration": 0,
        "failed": False,
        "consecutive_single_tool_turns": 1,
        "session_tools_used": ["list_directory"],
        "session_successful_tools": ["list_directory"],
    }
    return [
        Case(
            f"turn_info tells of every call, refused ones too, {form.name}",
            [form.calls(LIST), form.calls(MISSING, WRITE), form.says("the answer")],
            "done",
            loop(CALLBACK, form),
            files=callback(""),
            shows=[event("turn_end", turn_info=first), event("turn_end", turn_info=second)],
            turns=[first, second, {"iteration": 2, "text": Holding("the answer")}],
            leaves={"told.json": second},
        ),
    ]


def _observations() -> list[Case]:
    pieces = ("[result of read_file]", "alpha", "[end of read_file result]", "[result of list_")
    return [
        Case(
            "the text format reports all results in one message",
            [TEXT.calls(READ, LIST), TEXT.says("the answer")],
            "done",
            loop("", TEXT),
            shows=[
                recorded("assistant", "read_file"),
                feedback("tool_results", *pieces),
                event("turn_end"),
            ],
            hides=[recorded("tool")],
        ),
        Case(
            "the native format answers each call",
            [NATIVE.calls(READ, LIST), NATIVE.says("the answer")],
            "done",
            loop(""),
            shows=[recorded("assistant"), recorded("tool", "alpha"), recorded("tool", "a.txt")],
            hides=[feedback("tool_results")],
        ),
        *(
            Case(
                f"calls that ran and calls that could not be read, {form.name}",
                [HALF_READABLE, form.says("the answer")],
                "done",
                loop(f"{CALLBACK}{SMALL}", form),
                files=callback("Look again."),
                shows=[
                    event("turn_end", turn_info={"tool_names": ["read_file"], "failed": True}),
                    feedback("post_turn_callback"),
                    event("transcript_compacted"),
                    feedback("parse_error", "read_file"),
                ],
            )
            for form in FORMS
        ),
    ]


RETURNED: list[tuple[str, str, list[Json], str]] = [
    ("nothing", "", [], "done"),
    ("blank text", "  ", [], "done"),
    ("true stops", "true", [], "done"),
    ("false goes on", "false", [], "done"),
    ("text as JSON", '"Look."', [feedback("post_turn_callback", "Look.")], "done"),
    ("a message", '{"message": "Look."}', [feedback("post_turn_callback", "Look.")], "done"),
    ("a message that is no text", '{"message": 1, "stop": "yes"}', [], "done"),
    ("a blank message", '{"message": " ", "stop": false}', [], "done"),
    ("a number", "1", [], "done"),
    ("a list", '["Look."]', [], "done"),
]
"""What a callback prints, and what the model is told of it."""


def _returned(what: str, printed: str, told: list[Json], status: str) -> Case:
    must_stop = printed == "true"
    hides = [ended(2)] if must_stop else []
    return Case(
        f"the callback returns: {what}",
        [NATIVE.calls(READ), NATIVE.says("the answer")],
        status,
        loop(CALLBACK),
        files=callback(printed),
        shows=[ended(1), *told] if must_stop else [ended(1), *told, ended(2)],
        hides=hides if told else [*hides, feedback("post_turn_callback")],
    )


OTHERS = [
    Case(
        "the callback fails",
        [NATIVE.calls(READ)],
        "error",
        loop('post_turn_callback = ["sh", "-c", "echo no luck >&2; exit 3"]\n'),
        shows=[
            event("turn_end"),
            event("notice", level="error", text=Holding("post-turn callback", "exit code 3")),
        ],
        hides=[ended(2)],
        result={"error": Holding("no luck")},
    ),
    Case(
        "the callback is never asked about text alone",
        [NATIVE.says("the answer")],
        "done",
        loop('post_turn_callback = ["false"]\n'),
    ),
    Case(
        "the callback may be a program of any kind",
        [NATIVE.calls(READ), NATIVE.says("the answer")],
        "done",
        loop('post_turn_callback = ["python3", "callback.py"]\n'),
        files={
            "callback.py": "import json, sys\n"
            "info = json.load(sys.stdin)\n"
            "print(json.dumps({'message': f'{info[\"tool_count\"]} call(s)'}))\n"
        },
        shows=[feedback("post_turn_callback", "1 call(s)")],
    ),
    Case(
        "a ledger call is counted by nobody",
        [
            NATIVE.calls(("ledger", {"action": "note", "text": "so far, so good"})),
            NATIVE.calls(("ledger", {"action": "mark", "id": "deliverable-1", "status": "done"})),
            {"text": SENTINEL},
        ],
        "done",
        persistent('deliverables = ["a report"]\nmax_nudges = 0\n'),
        shows=[event("turn_end", turn_info={"tool_count": 0, "tool_names": [], "failed": False})],
        result={"tools": {"calls": ["ledger", "ledger"]}},
    ),
    Case(
        "a call that nobody may allow is refused and told",
        [NATIVE.calls(WRITE), NATIVE.says("the answer")],
        "done",
        loop('stop_after_successful_tools = ["write_file"]\n'),
        shows=[
            event("permission_decision", decision="deny"),
            event("tool_call_update", status="failed", error_category="permission_denied"),
            event("turn_end", turn_info={"failed": True, "tool_count": 1}),
            ended(2),
        ],
        result={"tools": {"rejected": ["write_file"], "calls": []}},
    ),
    Case(
        "a call that was approved stops the run",
        [NATIVE.calls(WRITE)],
        "done",
        loop('stop_after_successful_tools = ["write_file"]\n'),
        ("--yes",),
        shows=[event("permission_decision", decision="allow"), event("loop_end", status="done")],
    ),
]

TOOL_TURN_CASES = [
    *(
        case
        for form in FORMS
        for rows in (_stopping_tools, _callbacks, _completions, _told)
        for case in rows(form)
    ),
    *_observations(),
    *(_returned(*row) for row in RETURNED),
    *OTHERS,
]
