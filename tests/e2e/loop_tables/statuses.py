"""The statuses in which a run ends, and which of them wins (docs/loop.md, statuses)."""

from tests.e2e.loop_tables.case import Case, Said, ended, event, feedback, recorded
from tests.e2e.loop_tables.forms import (
    FORMS,
    LIST,
    NATIVE,
    READ,
    SENTINEL,
    TEXT,
    loop,
    persistent,
    run_command,
)

HM = NATIVE.says("hm")
ACT_FIRST = "turn_policy = { require_action_or_yield = true }\n"
PRICED = ("--model", "claude-sonnet-5")
DAEMON = "daemon = true\n"
WATCH = 'watch_paths = ["watched"]\nidle_watchdog_attempts = 1\n'
NO_EVENT = (
    event("loop_stuck"),
    event("budget_exhausted"),
    event("daemon_watchdog_tripped"),
)

DONE = [
    Case(
        "done: a plain answer, not persistent",
        [NATIVE.says("the answer")],
        "done",
        hides=NO_EVENT,
        result={"text": "the answer", "error": None},
        is_program=True,
    ),
    *(
        Case(
            f"done: a completion is accepted, {form.name}",
            [form.calls(READ), {"text": form.done}],
            "done",
            persistent(form=form),
            hides=NO_EVENT,
            result={"reason": "the model declared the request complete"},
        )
        for form in FORMS
    ),
    Case(
        "done: the phase changes",
        [NATIVE.says("All is looked at.\nnext_phase: build")],
        "done",
        persistent('break_unless_phase = "look"'),
        hides=NO_EVENT,
        result={"trace": {"phase_changes": 1}},
    ),
    Case(
        "done: a tool that stops the run succeeds",
        [NATIVE.calls(READ)],
        "done",
        persistent('stop_after_successful_tools = ["read_file"]'),
        hides=NO_EVENT,
        result={"reason": "read_file succeeded"},
    ),
    Case(
        "done: the callback stops the run",
        [NATIVE.calls(READ)],
        "done",
        persistent('post_turn_callback = ["echo", "true"]'),
        hides=NO_EVENT,
        result={"reason": "the post-turn callback stopped the run"},
    ),
]

STUCK = [
    Case(
        "stuck: more turns of text than nudges",
        [HM, HM, NATIVE.says("hm " * 100)],
        "stuck",
        persistent("max_nudges = 2"),
        shows=[
            feedback("nudge"),
            feedback("nudge"),
            event(
                "loop_stuck",
                max_nudges=2,
                last_iteration=2,
                tail_excerpt=("hm " * 100).strip()[:240] + "…",
            ),
        ],
        result={"llm": {"iterations": 3}},
        is_program=True,
    ),
    Case(
        "stuck: a call is demanded, and none comes",
        [HM, HM],
        "stuck",
        loop(f"max_nudges = 1\n{ACT_FIRST}"),
        shows=[
            feedback("action_required"),
            event("loop_stuck", max_nudges=1, last_iteration=1, tail_excerpt="hm"),
        ],
    ),
    *(
        Case(
            f"stuck: calls that cannot be read, {form.name}",
            [form.unreadable()] * 3,
            "stuck",
            loop("max_parse_failures = 2", form),
            shows=[
                feedback("parse_error"),
                feedback("parse_error"),
                event("loop_stuck", max_nudges=2, last_iteration=2),
            ],
        )
        for form in FORMS
    ),
]

BUDGETS = [
    Case(
        "budget_exhausted: all turns are used",
        [NATIVE.calls(READ), NATIVE.calls(LIST)],
        "budget_exhausted",
        persistent("max_iterations = 2"),
        shows=[ended(2), event("budget_exhausted", max_iterations=2, reason="iterations")],
        result={"llm": {"iterations": 2}},
        is_program=True,
    ),
    Case(
        "budget_exhausted: all tokens are used",
        [NATIVE.calls(READ) | {"input_tokens": 80, "output_tokens": 20}, HM],
        "budget_exhausted",
        persistent("token_budget = 100"),
        shows=[ended(1), event("budget_exhausted", max_iterations=50, reason="tokens")],
        hides=[ended(2)],
        result={"llm": {"input_tokens": 80, "output_tokens": 20}},
    ),
    Case(
        "budget_exhausted: one token is left",
        [
            NATIVE.calls(READ) | {"input_tokens": 80, "output_tokens": 19},
            {"text": SENTINEL},
        ],
        "done",
        persistent("token_budget = 100"),
        shows=[ended(2)],
        hides=[event("budget_exhausted")],
    ),
    Case(
        "budget_exhausted: the money is spent",
        [NATIVE.calls(READ) | {"input_tokens": 100_000, "output_tokens": 100_000}, HM],
        "budget_exhausted",
        persistent("total_budget_usd = 0.5"),
        PRICED,
        shows=[ended(1), event("budget_exhausted", max_iterations=50, reason="cost")],
        hides=[ended(2)],
    ),
    Case(
        "budget_exhausted: the next call alone would be too dear",
        [HM],
        "budget_exhausted",
        persistent("total_budget_usd = 0.000001"),
        PRICED,
        shows=[event("budget_exhausted", reason="cost")],
        hides=[event("llm_call_start")],
        result={"llm": {"cost_usd": 0.0, "iterations": 1}},
    ),
]

IDLE = [
    Case(
        "idle: nothing can wake the daemon",
        [NATIVE.says("nothing to do")],
        "idle",
        loop(DAEMON),
        hides=NO_EVENT,
        result={"daemon_state": "idle", "daemon_snapshot_path": None},
        is_program=True,
    ),
    Case(
        "idle: a daemon that is done",
        [NATIVE.calls(READ)],
        "idle",
        loop(f'{DAEMON}{WATCH}stop_after_successful_tools = ["read_file"]'),
        hides=NO_EVENT,
        result={"daemon_state": "idle", "reason": "read_file succeeded"},
    ),
]

OTHERS = [
    Case(
        "watchdog: the waits were in vain",
        [NATIVE.says("nothing to do")],
        "watchdog",
        loop(DAEMON + WATCH),
        shows=[event("turn_end"), event("daemon_watchdog_tripped", attempts=1)],
        result={"daemon_state": "watchdog"},
        is_program=True,
    ),
    Case(
        "failed: no required tool succeeded",
        [NATIVE.calls(LIST), NATIVE.says("done")],
        "failed",
        loop('require_successful_tools = ["read_file", "write_file"]'),
        hides=NO_EVENT,
        result={"reason": "none of read_file, write_file succeeded"},
        is_program=True,
    ),
    Case(
        "failed: it does not when one of them did",
        [NATIVE.calls(READ), NATIVE.says("done")],
        "done",
        loop('require_successful_tools = ["read_file", "write_file"]'),
    ),
    Case(
        "cancelled: a control line",
        [NATIVE.calls(run_command("echo hi")), HM],
        "cancelled",
        loop(""),
        shows=[
            event("permission_request"),
            event("tool_call_update", status="failed", error_category="cancelled"),
            recorded("tool", "interrupted"),
            event("turn_end"),
        ],
        hides=[ended(2)],
        says=[Said("permission_request", '{"type":"cancel"}')],
    ),
    Case(
        "error: the model call fails for good",
        [{"error": {"category": "auth", "message": "the key is refused", "status": 401}}],
        "error",
        loop(""),
        shows=[event("turn_start"), event("llm_call_end", stop_reason="error"), event("turn_end")],
        hides=NO_EVENT,
        result={"error": "the key is refused"},
        is_program=True,
    ),
    Case(
        "error: a hook fails",
        [HM],
        "error",
        '[[hooks]]\nevent = "PreAgentTurn"\ncommand = ["false"]\n',
        shows=[event("notice", level="error")],
        hides=[event("turn_start"), event("llm_call_start")],
    ),
]

STATUS_CASES = [*DONE, *STUCK, *BUDGETS, *IDLE, *OTHERS]

SPENT = {"input_tokens": 500, "output_tokens": 500}

PRECEDENCE_CASES = [
    *(
        Case(
            f"1: tokens do not overwrite an accepted completion, {form.name}",
            [form.calls(READ), {"text": form.done, **SPENT}],
            "done",
            persistent("token_budget = 1000", form),
            hides=[event("budget_exhausted")],
        )
        for form in FORMS
    ),
    Case(
        "1: tokens do not overwrite a plain answer",
        [NATIVE.says("the answer") | SPENT],
        "done",
        loop("token_budget = 1000"),
        hides=[event("budget_exhausted")],
    ),
    Case(
        "1: tokens do not overwrite stuck",
        [HM | SPENT],
        "stuck",
        persistent("token_budget = 1000\nmax_nudges = 0"),
        shows=[event("loop_stuck")],
        hides=[event("budget_exhausted")],
    ),
    Case(
        "1: tokens do not overwrite the watchdog",
        [HM | SPENT],
        "watchdog",
        loop(f"token_budget = 1000\n{DAEMON}{WATCH}"),
        shows=[event("daemon_watchdog_tripped")],
        hides=[event("budget_exhausted")],
    ),
    Case(
        "1: tokens end a run that would have been nudged",
        [HM | SPENT, HM],
        "budget_exhausted",
        persistent("token_budget = 1000"),
        shows=[feedback("nudge"), event("budget_exhausted", reason="tokens")],
        hides=[ended(2)],
    ),
    Case(
        "1: what a failed attempt used does not count",
        [
            {"error": {"category": "server_error"}, "text": "x", "cut_after_chars": 1, **SPENT},
            NATIVE.calls(READ) | {"input_tokens": 900, "output_tokens": 99},
            NATIVE.says("the answer"),
        ],
        "done",
        loop("token_budget = 1000"),
        shows=[event("llm_retry"), ended(2)],
        hides=[event("budget_exhausted")],
    ),
    *(
        Case(
            f"2: a completion in the last turn wins over used turns, {form.name}",
            [form.calls(READ), {"text": form.done}],
            "done",
            persistent("max_iterations = 2", form),
            hides=[event("budget_exhausted")],
        )
        for form in FORMS
    ),
    Case(
        "2: stuck in the last turn wins over used turns",
        [HM],
        "stuck",
        persistent("max_iterations = 1\nmax_nudges = 0"),
        hides=[event("budget_exhausted")],
    ),
    Case(
        "3: a daemon never fails for a required tool",
        [NATIVE.says("nothing to do")],
        "idle",
        loop(f'{DAEMON}require_successful_tools = ["read_file"]'),
        result={"tools": {"successful": []}},
    ),
    *(
        Case(
            f"4: a turn with calls that is the last one uses the turns up, {form.name}",
            [form.calls(READ)],
            "budget_exhausted",
            loop("max_iterations = 1", form),
            shows=[event("turn_end"), event("budget_exhausted", reason="iterations")],
        )
        for form in FORMS
    ),
    Case(
        "required tools only make a finished run fail",
        [HM],
        "stuck",
        persistent('max_nudges = 0\nrequire_successful_tools = ["read_file"]'),
    ),
    Case(
        "the text format counts as the native one does",
        [TEXT.says("hm")] * 2,
        "stuck",
        persistent("max_nudges = 1", TEXT),
        shows=[feedback("nudge"), event("loop_stuck", max_nudges=1, last_iteration=1)],
    ),
]
