"""What counts as a declared completion, and which gates it must pass (docs/loop.md, completion)."""

from tests.e2e.loop_tables.case import Case, Json, ended, event, feedback, recorded
from tests.e2e.loop_tables.forms import (
    FORMS,
    MISSING,
    NATIVE,
    READ,
    SENTINEL,
    TEXT,
    WRITE,
    Form,
    done_block,
    loop,
    persistent,
    prose,
    run_command,
)

NO_TOOLS = ("--no-tools",)
NOT_ALLOWED = "turn_policy = { allow_done_sentinel = false }\n"
LEDGER = 'deliverables = ["a report"]\n'
VERIFIED = "exit_when_verified = true\n"
GATES = ("sentinel_without_action", "ledger_not_satisfied", "verification_gate")
NO_GATE = [feedback(kind) for kind in GATES]


def _mark(status: str, note: str = "seen to") -> tuple[str, Json]:
    fields = {"action": "mark", "id": "deliverable-1", "status": status, "note": note}
    return ("ledger", fields)


def _accepted(row: str, text: str, options: str = "", form: Form = NATIVE, **more: object) -> Case:
    """A reply that ends a run, one that has acted when there are tools."""
    has_tools = more.get("arguments") != NO_TOOLS
    script = [form.calls(READ), {"text": text}] if has_tools else [{"text": text}]
    return Case(
        row,
        script,
        "done",
        persistent(options, form),
        arguments=NO_TOOLS if not has_tools else (),
        hides=[*NO_GATE, feedback("nudge")],
        result={"reason": "the model declared the request complete"},
    )


def _ignored(
    row: str,
    text: str,
    options: str = "",
    form: Form = NATIVE,
    *,
    has_tools: bool = True,
    told: tuple[Json, ...] = (),
    untold: tuple[Json, ...] = (),
) -> Case:
    """A reply that asks for no end: the model is nudged, and then stuck with the same reply."""
    script = [form.calls(READ)] if has_tools else []
    return Case(
        row,
        [*script, {"text": text}, {"text": text}],
        "stuck",
        persistent(f"max_nudges = 1\n{options}", form),
        arguments=() if has_tools else NO_TOOLS,
        shows=[*told, feedback("nudge"), event("loop_stuck")],
        hides=[*NO_GATE, *untold],
    )


SIGNAL_CASES = [
    _accepted("tagged: the last of several blocks counts",
              f"{done_block('PLAN')}\n{done_block(SENTINEL)}", form=TEXT),
    _accepted("tagged: beside prose", f"{prose('All is done.')}\n{done_block(SENTINEL)}",
              form=TEXT),
    _accepted("tagged: in the native format", f"All is done.\n{done_block(SENTINEL)}"),
    _accepted("plain: native, on a line of its own", f"All is done.\n{SENTINEL}"),
    _accepted("user response: native",
              "<user_response>All is done.</user_response>"),
    _accepted("user response: text", "<user_response>All is done.</user_response>", form=TEXT),
    _accepted("the configured sentinel, native", "FERTIG", 'done_sentinel = "FERTIG"'),
    _accepted("the configured sentinel, text", done_block("FERTIG"), 'done_sentinel = "FERTIG"',
              TEXT),
    _ignored("the built-in sentinel when another is configured, native", SENTINEL,
             'done_sentinel = "FERTIG"\n'),
    _ignored("the built-in sentinel when another is configured, text", done_block(SENTINEL),
             'done_sentinel = "FERTIG"\n', TEXT),
    _ignored("10.24: plain: within a sentence", f"I shall write {SENTINEL} in the end."),
    _ignored("10.24: plain: within fenced code", f"```\n{SENTINEL}\n```"),
    _ignored("10.24: without tools: within a sentence", f"I shall write {SENTINEL} in the end.",
             has_tools=False),
]  # fmt: skip

SITUATION_CASES = [
    *(
        Case(
            f"not persistent: it ends by other rules, {form.name}",
            [{"text": form.done}],
            "done",
            loop("", form),
            hides=NO_GATE,
            result={"reason": "the model finished"},
        )
        for form in FORMS
    ),
    *(
        Case(
            f"not persistent: a call is still answered, {form.name}",
            [form.calls(READ, text=form.done), form.says("the answer")],
            "done",
            loop("", form),
            shows=[ended(2)],
            result={"reason": "the model finished"},
        )
        for form in FORMS
    ),
    _ignored("text with tools, the bare sentinel in prose: stray text", SENTINEL, form=TEXT,
             told=(feedback("protocol_violation"),)),
    _ignored("text with tools, another body: ignored in silence", done_block("other"), form=TEXT,
             untold=(feedback("protocol_violation"),)),
    *(
        _accepted(f"{row}, {form.name}", text, form=form, arguments=NO_TOOLS)
        for form in FORMS
        for row, text in (
            ("10.3: no tools, prose and a block", f"{prose('Done.')}\n{done_block(SENTINEL)}"),
            ("no tools, a block alone", done_block(SENTINEL)),
            ("no tools, the bare sentinel in prose", f"Done.\n{SENTINEL}"),
        )
    ),
    _ignored("no tools, tagged prose and the bare sentinel outside", f"{prose('Hm.')}\n{SENTINEL}",
             form=TEXT, has_tools=False),
    *(
        Case(
            f"a completion beside calls: they run, then it ends, {form.name}",
            [form.calls(READ, text=form.done)],
            "done",
            persistent(form=form),
            shows=[event("tool_call_update", status="completed"), event("turn_end")],
            result={"llm": {"iterations": 1}},
        )
        for form in FORMS
    ),
    *(
        Case(
            f"no tool has run: refused, {form.name}",
            [{"text": form.done}, form.calls(READ), {"text": form.done}],
            "done",
            persistent(form=form),
            shows=[recorded("assistant"), feedback("sentinel_without_action"), ended(2)],
            hides=[feedback("nudge")],
            turns=[{"status": "continue"}, {"tool_count": 1}, {"sentinel_hit": True}],
        )
        for form in FORMS
    ),
    Case(
        "10.48: a refused call is no action",
        [NATIVE.calls(WRITE), {"text": SENTINEL}, NATIVE.calls(READ), {"text": SENTINEL}],
        "done",
        persistent(),
        shows=[ended(2), feedback("sentinel_without_action")],
    ),
    Case(
        "10.48: a call that ran and failed is one",
        [NATIVE.calls(MISSING), {"text": SENTINEL}],
        "done",
        persistent(),
        hides=NO_GATE,
    ),
    Case(
        "no tool has run: refused until it is stuck",
        [{"text": SENTINEL}, {"text": SENTINEL}],
        "stuck",
        persistent("max_nudges = 1"),
        shows=[feedback("sentinel_without_action"), event("loop_stuck")],
        hides=[feedback("nudge")],
    ),
    *(
        Case(
            f"the ledger has {status} items: refused, {form.name}",
            [
                form.calls(READ),
                form.calls(_mark(status)),
                {"text": form.done},
                form.calls(_mark("done")),
                {"text": form.done},
            ],
            "done",
            persistent(LEDGER, form),
            shows=[
                ended(3),
                feedback("ledger_not_satisfied", "deliverable-1", "a report"),
                ended(5),
            ],
            result={"ledger_done_rejections": 1},
        )
        for form in FORMS
        for status in ("open", "blocked")
    ),
    Case(
        "the ledger has dropped items: accepted",
        [NATIVE.calls(_mark("dropped")), {"text": SENTINEL}],
        "done",
        persistent(LEDGER),
        hides=NO_GATE,
        result={"task_ledger": {"deliverables": [{"id": "deliverable-1", "status": "dropped"}]}},
    ),
    Case(
        "verification is missing: refused",
        [NATIVE.calls(READ), {"text": SENTINEL}, {"text": SENTINEL}],
        "stuck",
        persistent(f"max_nudges = 1\n{VERIFIED}"),
        shows=[ended(2), feedback("verification_gate", "no verification has run")],
        hides=[feedback("nudge")],
    ),
    Case(
        "every closed gate is told",
        [{"text": SENTINEL}, {"text": SENTINEL}],
        "stuck",
        persistent(f"max_nudges = 1\n{LEDGER}{VERIFIED}"),
        shows=[
            feedback("ledger_not_satisfied"),
            feedback("verification_gate"),
            feedback("sentinel_without_action"),
        ],
    ),
    _ignored("an empty block: a breach of the grammar", "<done></done>", form=TEXT,
             told=(feedback("protocol_violation"),)),
    _ignored("10.2: not allowed: a valid sentinel is refused, native", SENTINEL, NOT_ALLOWED),
    _ignored("10.2: not allowed: a valid sentinel is refused, text", done_block(SENTINEL),
             NOT_ALLOWED, TEXT),
    _ignored("not allowed: a user response does not complete",
             "<user_response>All is done.</user_response>", NOT_ALLOWED, TEXT),
]  # fmt: skip

PHASE = 'break_unless_phase = "look"\n'


def _phase(row: str, status: str, *texts: str, options: str = PHASE, hides: bool = False) -> Case:
    return Case(
        row,
        [{"text": text} for text in texts],
        status,
        persistent(f"max_nudges = 0\n{options}"),
        hides=NO_GATE if hides else (),
        result={"trace": {"phase_changes": 1 if status == "done" else 0}},
    )


PHASE_CASES = [
    _phase("phase: another one needs no tool to have run", "done", "next_phase: build",
           hides=True),
    _phase("phase: the same one", "stuck", "next_phase: look"),
    _phase("phase: the last line counts", "stuck", "next_phase: build\nnext_phase: look"),
    _phase("phase: none is configured", "stuck", "next_phase: build", options=""),
    _phase("10.47: phase: the ledger's gate holds", "stuck", "next_phase: build",
           options=PHASE + LEDGER),
    _phase("10.47: phase: the verification's gate holds", "stuck", "next_phase: build",
           options=PHASE + VERIFIED),
    Case(
        "phase: not persistent, it is no signal",
        [NATIVE.calls(READ, text="next_phase: build"), NATIVE.says("the answer")],
        "done",
        loop(PHASE),
        result={"trace": {"phase_changes": 0}, "reason": "the model finished"},
    ),
]  # fmt: skip

COMPLETION_CASES = [*SIGNAL_CASES, *SITUATION_CASES, *PHASE_CASES]


def _verified(row: str, status: str, *replies: Json, form: Form = NATIVE, **more: object) -> Case:
    options = str(more.get("options", ""))
    told = more.get("told")
    return Case(
        row,
        replies,
        status,
        persistent(f"max_nudges = 0\n{VERIFIED}{options}", form),
        ("--yes",),
        shows=[feedback("verification_gate", str(told))] if told else [],
        hides=[] if told else [feedback("verification_gate")],
    )


PASSES, FAILS = run_command("true"), run_command("exit 3")
DONE: Json = {"text": SENTINEL}

VERIFICATION_CASES = [
    *(
        _verified(f"a command that succeeds verifies, {form.name}", "done",
                  form.calls(PASSES), {"text": form.done}, form=form)
        for form in FORMS
    ),
    _verified("a command that fails does not", "stuck", NATIVE.calls(FAILS), DONE,
              told="exit code 3"),
    _verified("the last one counts: it failed", "stuck",
              NATIVE.calls(PASSES), NATIVE.calls(FAILS), DONE, told="exit code 3"),
    _verified("the last one counts: it succeeded", "done",
              NATIVE.calls(FAILS), NATIVE.calls(PASSES), DONE),
    _verified("10.25: what it prints counts for nothing", "stuck",
              NATIVE.calls(run_command("echo exit_code=0; exit 1")), DONE, told="exit code 1"),
    _verified("10.25: one in the completing turn counts", "done",
              NATIVE.calls(PASSES, text=SENTINEL)),
    _verified("10.25: a later edit makes it void", "stuck",
              NATIVE.calls(PASSES), NATIVE.calls(WRITE), DONE, told="no verification has run"),
    _verified("10.25: an edit that was verified again", "done",
              NATIVE.calls(PASSES), NATIVE.calls(WRITE), NATIVE.calls(PASSES), DONE),
    _verified("10.25: reading does not make it void", "done",
              NATIVE.calls(PASSES), NATIVE.calls(READ), DONE),
    _verified("10.25: another tool may verify", "done", NATIVE.calls(READ), DONE,
              options='verification_tools = ["read_file"]\n'),
    _verified("10.25: then a command does not", "stuck", NATIVE.calls(PASSES), DONE,
              options='verification_tools = ["read_file"]\n', told="read_file"),
    Case(
        "without exit_when_verified nothing needs to be verified",
        [NATIVE.calls(FAILS), DONE],
        "done",
        persistent(),
        ("--yes",),
        hides=NO_GATE,
    ),
]  # fmt: skip
