"""What follows a turn of text alone, and which nudge (docs/loop.md, post-turn decisions)."""

from tests.e2e.loop_tables.case import Case, Holding, Said, ended, event, feedback, recorded
from tests.e2e.loop_tables.forms import (
    FORMS,
    NATIVE,
    READ,
    SENTINEL,
    TEXT,
    Form,
    done_block,
    loop,
    persistent,
)

DAEMON = "daemon = true\n"
ACT_FIRST = "turn_policy = { require_action_or_yield = true }\n"
NUDGED = {"failed": False, "status": "continue"}
UNREAD = {"failed": True, "parse_error": True}
TOLD_TO_ACT = {"failed": True, "action_required": True}

LONGER_THAN_A_PIPE = "word " * 20_000
"""A reply that the program can only print while somebody reads, so that the run waits meanwhile."""


def _rows(form: Form) -> list[Case]:
    hm = form.says("hm")
    return [
        Case(
            f"row 1: a completion is accepted, {form.name}",
            [form.calls(READ), {"text": form.done}],
            "done",
            persistent(form=form),
            shows=[event("turn_end", iteration=0), recorded("assistant", SENTINEL)],
            turns=[
                {"tool_count": 1},
                {"iteration": 1, "failed": False, "sentinel_hit": True, "text": form.done},
            ],
        ),
        Case(
            f"row 2: calls that cannot be read, not persistent, {form.name}",
            [form.unreadable(), form.says("the answer")],
            "done",
            loop("", form),
            shows=[
                recorded("assistant"),
                feedback("parse_error", "read_file"),
                event("turn_end", iteration=0, turn_info={"failed": True}),
                ended(2),
            ],
            hides=[feedback("nudge")],
            turns=[UNREAD, {"failed": False, "text": Holding("the answer")}],
        ),
        Case(
            f"row 2: calls that cannot be read, persistent, {form.name}",
            [hm, form.unreadable(), hm],
            "stuck",
            persistent("max_nudges = 1", form),
            shows=[feedback("nudge"), feedback("parse_error"), event("loop_stuck")],
            turns=[NUDGED, UNREAD, {"status": "stuck"}],
        ),
        Case(
            f"row 2: calls that cannot be read, daemon, {form.name}",
            [form.unreadable(), hm],
            "idle",
            loop(DAEMON, form),
            shows=[feedback("parse_error"), ended(2)],
            turns=[UNREAD, {"status": "idle"}],
        ),
        Case(
            f"row 5: a plain answer, not persistent, {form.name}",
            [form.says("the answer")],
            "done",
            loop("", form),
            shows=[recorded("assistant", "the answer"), event("turn_end")],
            hides=[feedback("nudge")],
            turns=[{"iteration": 0, "failed": False, "text": Holding("the answer")}],
        ),
        Case(
            f"row 5: not before, it goes on while it calls tools, {form.name}",
            [form.calls(READ), form.calls(READ), form.says("the answer")],
            "done",
            loop("", form),
            result={"llm": {"iterations": 3}},
        ),
        Case(
            f"row 6: a daemon has nothing to say, {form.name}",
            [hm],
            "idle",
            loop(DAEMON, form),
            shows=[recorded("assistant", "hm"), event("turn_end")],
            turns=[{"failed": False, "status": "idle"}],
        ),
        Case(
            f"row 8: one turn of text too many, {form.name}",
            [hm, hm],
            "stuck",
            persistent("max_nudges = 1", form),
            shows=[recorded("assistant", "hm"), feedback("nudge"), recorded("assistant", "hm")],
            turns=[NUDGED, {"failed": False, "status": "stuck"}],
        ),
        Case(
            f"row 8: no nudge is allowed, {form.name}",
            [hm],
            "stuck",
            persistent("max_nudges = 0", form),
            shows=[recorded("assistant", "hm"), event("loop_stuck", max_nudges=0)],
            hides=[feedback("nudge")],
        ),
        Case(
            f"row 9: a nudge, and a call makes the count begin anew, {form.name}",
            [hm, form.calls(READ), hm, {"text": form.done}],
            "done",
            persistent("max_nudges = 1", form),
            shows=[
                recorded("assistant", "hm"),
                feedback("nudge"),
                event("turn_end", iteration=0),
                ended(3),
                feedback("nudge"),
            ],
            turns=[NUDGED, {"tool_count": 1}, NUDGED, {"sentinel_hit": True}],
        ),
        _host_input(form),
        Case(
            f"a persistent daemon is nudged like any persistent loop, {form.name}",
            [hm, hm],
            "stuck",
            persistent(f"max_nudges = 1\n{DAEMON}", form),
            shows=[feedback("nudge"), event("loop_stuck")],
            result={"daemon_state": "stuck"},
        ),
    ]


def _host_input(form: Form) -> Case:
    line = '{"type":"user_message","mode":"finish_step","content":"use tabs"}'
    return Case(
        f"row 7: somebody's words wait, {form.name}",
        [form.says(LONGER_THAN_A_PIPE), form.says("hm"), form.calls(READ), {"text": form.done}],
        "done",
        persistent("max_nudges = 1\ncompaction = false", form),
        shows=[
            event("llm_call_start", call=1),
            event("turn_end", iteration=0),
            event("feedback_injected", kind="user", content="use tabs"),
            ended(2),
            feedback("nudge"),
            event("turn_end", iteration=1),
        ],
        turns=[
            {"failed": False, "status": "host_input"},
            NUDGED,
            {"tool_count": 1},
            {"sentinel_hit": True},
        ],
        says=[Said("llm_call_start", line)],
    )


ACTION_CASES = [
    Case(
        "row 3: a call is demanded once too often",
        [NATIVE.says("hm"), NATIVE.says("hm")],
        "stuck",
        loop(f"max_nudges = 1\n{ACT_FIRST}"),
        shows=[feedback("action_required"), event("loop_stuck", max_nudges=1)],
        turns=[TOLD_TO_ACT, {"failed": False, "status": "stuck"}],
    ),
    *(
        Case(
            f"row 4: a call is demanded, {mode}",
            [NATIVE.says("hm"), NATIVE.calls(READ), NATIVE.says("the answer")],
            status,
            loop(options + ACT_FIRST),
            shows=[feedback("action_required"), ended(2), ended(3)],
            hides=[feedback("nudge")],
            turns=[TOLD_TO_ACT, {"tool_count": 1}, {"failed": False}],
        )
        for mode, options, status in (("not persistent", "", "done"), ("daemon", DAEMON, "idle"))
    ),
    Case(
        "row 4: a call is demanded, persistent",
        [NATIVE.says("hm"), NATIVE.calls(READ), {"text": SENTINEL}],
        "done",
        persistent(ACT_FIRST),
        shows=[feedback("action_required"), ended(2), ended(3)],
        hides=[feedback("nudge")],
        turns=[TOLD_TO_ACT, {"tool_count": 1}, {"sentinel_hit": True}],
    ),
    Case(
        "row 4: a completion before any call is refused for its own reason",
        [{"text": SENTINEL}, NATIVE.calls(READ), {"text": SENTINEL}],
        "done",
        persistent(ACT_FIRST),
        shows=[feedback("sentinel_without_action"), ended(2)],
    ),
    Case(
        "row 4: the text format demands nothing",
        [TEXT.says("the answer")],
        "done",
        loop(ACT_FIRST, TEXT),
        hides=[feedback("action_required")],
    ),
    Case(
        "row 4: without tools nothing is demanded",
        [NATIVE.says("the answer")],
        "done",
        loop(ACT_FIRST),
        ("--no-tools",),
        hides=[feedback("action_required")],
    ),
]

TEXT_TURN_CASES = [*(case for form in FORMS for case in _rows(form)), *ACTION_CASES]

POLICY = "turn_policy = {{ require_action_or_yield = true{0} }}\n"


def _nudge(
    row: str,
    options: str,
    *pieces: str,
    without: tuple[str, ...] = (),
    form: Form = TEXT,
    no_tools: bool = False,
    text: str = "hm",
) -> Case:
    reply = {"text": text} if no_tools else form.says(text)
    return Case(
        f"{row}, {'no tools' if no_tools else form.name}",
        [reply, reply],
        "stuck",
        persistent(f"max_nudges = 1\n{options}", form),
        ("--no-tools",) if no_tools else (),
        shows=[feedback("nudge", *pieces)],
        hides=[feedback("nudge", piece) for piece in without],
    )


CUSTOM = 'nudge = "Go on!"\n'
BLOCK = done_block(SENTINEL)

NUDGE_CASES = [
    _nudge("1: a turn policy comes before the own words", CUSTOM + POLICY.format(""), BLOCK,
           without=("Go on!",)),
    _nudge("1: it tells the limit of prose", POLICY.format(", max_prose_chars = 50"), "50",
           without=("TOO LONG",)),
    _nudge("1: it says when prose was too long", POLICY.format(", max_prose_chars = 5"), "5",
           "TOO LONG", text="far too much"),
    _nudge("1: it is silent of a completion that is not allowed",
           POLICY.format(", allow_done_sentinel = false"), without=(SENTINEL,)),
    _nudge("1: it advertises the bare sentinel", POLICY.format(""), SENTINEL, without=("<done>",),
           no_tools=True),
    _nudge("2: the own words", CUSTOM, "Go on!", without=(SENTINEL,)),
    _nudge("2: the own words", CUSTOM, "Go on!", without=(SENTINEL,), form=NATIVE),
    _nudge("3: the default", "", "tool", BLOCK),
    _nudge("3: the default", "", "tool", SENTINEL, without=("<done>",), form=NATIVE),
    _nudge("3: the default", "", SENTINEL, without=("<done>", "tool"), no_tools=True),
    _nudge("3: the configured sentinel", 'done_sentinel = "FERTIG"\n', "<done>FERTIG</done>",
           without=(SENTINEL,)),
    _nudge("3: no completion is allowed", "turn_policy = { allow_done_sentinel = false }\n", "tool",
           without=(SENTINEL,), form=NATIVE),
    Case(
        "1: after a first call it says that only the provider's channel counts, native",
        [NATIVE.calls(READ), NATIVE.says("hm"), {"text": SENTINEL}],
        "done",
        persistent(POLICY.format("")),
        shows=[feedback("nudge", "tool channel", SENTINEL)],
    ),
]  # fmt: skip
