"""Statements of docs/loop.md on the task ledger."""

import pytest

from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.loop.ledger import LedgerReply, TaskLedger
from harn_tui.loop.ledger_text import GATE_FEEDBACK_KIND, gate_text, ledger_block, render_for_prompt
from harn_tui.loop.ledger_tool import LEDGER_TOOL
from harn_tui.providers.base import CompletionRequest
from harn_tui.providers.openai_chat_request import chat_body


def active(*deliverables: str) -> TaskLedger:
    """Return a ledger with the deliverables, in use even when there are none."""
    ledger = TaskLedger.from_options({"rationale": "start"}, None, ())
    for text in deliverables:
        assert ledger.apply({"action": "add", "text": text}).ok
    return ledger


def items(ledger: TaskLedger) -> list[JsonObject]:
    listed = ledger.as_json()["deliverables"]
    assert isinstance(listed, list)
    return [item for item in listed if isinstance(item, dict)]


def mark(ledger: TaskLedger, item_id: str, status: str, **more: JsonValue) -> LedgerReply:
    return ledger.apply({"action": "mark", "id": item_id, "status": status, **more})


# What is in it


def test_loop_8_2_the_ledger_has_its_four_keys_always() -> None:
    assert TaskLedger().as_json() == {
        "root_task": "",
        "deliverables": [],
        "rationale": "",
        "observations": [],
    }
    ledger = TaskLedger.from_options(None, "ship", ["one"])
    assert ledger.as_json() == {
        "root_task": "ship",
        "deliverables": [{"id": "deliverable-1", "text": "one", "status": "open", "note": None}],
        "rationale": "",
        "observations": [],
    }


@pytest.mark.parametrize(
    ("option", "is_empty"),
    [
        ({}, True),
        ({"root_task": "ship it"}, True),
        ({"rationale": "  "}, True),
        ({"rationale": "because"}, False),
        ({"observations": ["seen"]}, False),
        ({"deliverables": [{"id": "a", "text": "x"}]}, False),
        ({"deliverables": [{"id": "a", "text": "x", "status": "done"}]}, False),
    ],
)
def test_loop_c_1_a_root_task_alone_is_still_empty(option: JsonObject, is_empty: bool) -> None:
    assert TaskLedger.from_options(option, None, ()).is_empty is is_empty


def test_loop_c_1_a_ledger_option_stands_for_the_other_two() -> None:
    option: JsonObject = {"root_task": "theirs", "deliverables": [{"id": "a", "text": "x"}]}
    ledger = TaskLedger.from_options(option, "mine", ["y"])
    assert ledger.content.root_task == "theirs"
    assert [item["id"] for item in items(ledger)] == ["a"]


def test_loop_c_1_blank_deliverables_are_skipped_and_keep_their_number() -> None:
    ledger = TaskLedger.from_options(None, "  ship  ", ["one", " ", "", " four "])
    assert ledger.content.root_task == "ship"
    assert [(item["id"], item["text"]) for item in items(ledger)] == [
        ("deliverable-1", "one"),
        ("deliverable-4", "four"),
    ]


@pytest.mark.parametrize(
    ("option", "place"),
    [
        ({"deliverable": []}, "unknown key 'deliverable'"),
        ({"deliverables": "one"}, "`task_ledger.deliverables`"),
        ({"deliverables": ["one"]}, "`task_ledger.deliverables[0]`"),
        ({"deliverables": [{"text": "x"}]}, "`task_ledger.deliverables[0].id`"),
        ({"deliverables": [{"id": "a", "text": " "}]}, "`task_ledger.deliverables[0].text`"),
        (
            {"deliverables": [{"id": "a", "text": "x", "status": "Done"}]},
            "`task_ledger.deliverables[0].status` must be one of open, done, blocked, dropped",
        ),
        ({"deliverables": [{"id": "a", "text": "x", "note": 1}]}, "[0].note`"),
        ({"deliverables": [{"id": "a", "text": "x", "state": "open"}]}, "unknown key 'state'"),
        (
            {"deliverables": [{"id": "a", "text": "x"}, {"id": " a ", "text": "y"}]},
            "two deliverables with the id 'a'",
        ),
        ({"root_task": 3}, "`task_ledger.root_task`"),
        ({"rationale": ["x"]}, "`task_ledger.rationale`"),
        ({"observations": ["x", ""]}, "`task_ledger.observations[1]`"),
    ],
)
def test_loop_c_1_a_malformed_ledger_is_refused_and_never_ignored(
    option: JsonObject, place: str
) -> None:
    with pytest.raises(LoopConfigError) as caught:
        TaskLedger.from_options(option, "ship", ["one"])
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("status", "blocks"), [("open", True), ("blocked", True), ("done", False), ("dropped", False)]
)
def test_loop_c_1_open_and_blocked_keep_the_task_from_being_complete(
    status: str, blocks: bool
) -> None:
    ledger = active("one")
    mark(ledger, "deliverable-1", status, note="why")
    assert bool(ledger.open_items) is blocks


# The tool


def test_loop_c_1_an_empty_ledger_refuses_the_tool() -> None:
    ledger = TaskLedger.from_options(None, "ship", ())
    reply = ledger.apply({"action": "add", "text": "one"})
    assert reply.text.startswith("ledger unavailable")
    assert (reply.ok, reply.is_rejected) == (False, True)
    assert ledger.is_empty


@pytest.mark.parametrize("action", ["add", "add_deliverable"])
def test_loop_c_1_add_appends_an_open_deliverable(action: str) -> None:
    ledger = active("one")
    reply = ledger.apply({"action": action, "text": " two "})
    assert reply.ok
    assert reply.text.startswith("ledger: ")
    assert "deliverable-2" in reply.text
    assert items(ledger)[-1] == {
        "id": "deliverable-2",
        "text": "two",
        "status": "open",
        "note": None,
    }


@pytest.mark.parametrize("text", [None, "", "  ", 3, ["x"]])
def test_loop_c_1_add_needs_text(text: JsonValue) -> None:
    ledger = active()
    reply = ledger.apply({"action": "add", "text": text})
    assert reply.text.startswith("ledger error: `text`")
    assert (reply.ok, reply.is_rejected) == (False, False)
    assert not items(ledger)


def test_loop_c_1_an_added_id_is_the_next_free_one_counted_from_how_many_there_are() -> None:
    ledger = active("one")
    ledger.apply({"action": "add", "text": "x", "id": "deliverable-3"})
    ledger.apply({"action": "add", "text": "y"})
    ledger.apply({"action": "add", "text": "z", "id": "  "})
    assert [item["id"] for item in items(ledger)] == [
        "deliverable-1",
        "deliverable-3",
        "deliverable-4",
        "deliverable-5",
    ]


def test_loop_c_1_a_chosen_id_may_not_be_taken() -> None:
    ledger = active()
    assert ledger.apply({"action": "add", "text": "x", "id": "docs"}).ok
    reply = ledger.apply({"action": "add", "text": "y", "id": " docs "})
    assert reply.text == "ledger error: there already is a deliverable 'docs'."
    assert [item["text"] for item in items(ledger)] == ["x"]


@pytest.mark.parametrize("action", ["mark", "mark_deliverable"])
@pytest.mark.parametrize("status", ["done", "DONE", " Done "])
def test_loop_c_1_mark_takes_a_status_in_any_case(action: str, status: str) -> None:
    ledger = active("one")
    reply = ledger.apply({"action": action, "id": "deliverable-1", "status": status})
    assert reply.text == "ledger: deliverable-1 is done; all 1 resolved."
    assert items(ledger)[0]["status"] == "done"


@pytest.mark.parametrize("status", ["blocked", "dropped", "BLOCKED"])
@pytest.mark.parametrize("note", [None, "", "  "])
def test_loop_9_14_dropped_and_blocked_need_a_note(status: str, note: JsonValue) -> None:
    ledger = active("one")
    reply = mark(ledger, "deliverable-1", status, note=note)
    assert "needs a `note`" in reply.text
    assert not reply.ok
    assert items(ledger)[0]["status"] == "open"


def test_loop_9_14_dropped_satisfies_the_gate_with_note() -> None:
    ledger = active("one")
    assert mark(ledger, "deliverable-1", "dropped", note="not wanted").ok
    assert not ledger.open_items


def test_loop_c_1_mark_of_an_unknown_id_lists_the_known_ones() -> None:
    reply = mark(active("one", "two"), "three", "done")
    assert reply.text == (
        "ledger error: there is no 'three'; known ids: deliverable-1, deliverable-2."
    )


@pytest.mark.parametrize("status", [None, "", "finished", 1])
def test_loop_c_1_mark_needs_one_of_the_four_statuses(status: JsonValue) -> None:
    ledger = active("one")
    reply = ledger.apply({"action": "mark", "id": "deliverable-1", "status": status})
    assert reply.text.startswith("ledger error: ")
    assert items(ledger)[0]["status"] == "open"


def test_loop_c_1_a_mark_replaces_the_note_and_clears_it_when_absent() -> None:
    ledger = active("one")
    mark(ledger, "deliverable-1", "blocked", note="no key")
    assert items(ledger)[0]["note"] == "no key"
    mark(ledger, "deliverable-1", "blocked", note="no network")
    assert items(ledger)[0]["note"] == "no network"
    mark(ledger, "deliverable-1", "open")
    assert items(ledger)[0]["note"] is None


def test_loop_c_1_the_rationale_may_be_empty() -> None:
    ledger = active("one")
    assert ledger.apply({"action": "rationale", "text": " small steps "}).ok
    assert ledger.as_json()["rationale"] == "small steps"
    assert ledger.apply({"action": "rationale", "text": ""}).ok
    assert ledger.as_json()["rationale"] == ""
    assert not ledger.apply({"action": "rationale"}).ok


def test_loop_c_1_notes_are_appended_and_not_empty() -> None:
    ledger = active()
    assert ledger.apply({"action": "note", "text": "a"}).ok
    assert ledger.apply({"action": "note", "text": "b"}).ok
    assert not ledger.apply({"action": "note", "text": " "}).ok
    assert ledger.as_json()["observations"] == ["a", "b"]


def test_loop_c_1_a_plan_is_seeded_when_there_are_no_deliverables() -> None:
    ledger = active()
    reply = ledger.apply({"action": "seed_plan", "deliverables": ["one", " two "]})
    assert reply.ok
    assert [(item["id"], item["text"]) for item in items(ledger)] == [
        ("deliverable-1", "one"),
        ("deliverable-2", "two"),
    ]


def test_loop_9_14_seed_plan_cannot_overwrite_existing_deliverables() -> None:
    ledger = active()
    assert ledger.apply({"action": "seed_plan", "deliverables": ["one"]}).ok
    reply = ledger.apply({"action": "seed_plan", "deliverables": ["two"]})
    assert reply.text.startswith("ledger error: ")
    assert [item["text"] for item in items(ledger)] == ["one"]


@pytest.mark.parametrize("deliverables", [["one", ""], ["one", 2], ["one", None], [], "one", None])
def test_loop_c_1_a_plan_with_a_bad_item_seeds_nothing_at_all(deliverables: JsonValue) -> None:
    ledger = active()
    reply = ledger.apply({"action": "seed_plan", "deliverables": deliverables})
    assert reply.text.startswith("ledger error: ")
    assert not items(ledger)


@pytest.mark.parametrize("action", [None, "", "close", "ADD", 3, ["add"]])
def test_loop_c_1_an_unknown_action_is_told_the_known_ones(action: JsonValue) -> None:
    reply = active().apply({"action": action, "text": "x"})
    assert reply.text.startswith("ledger error: ")
    assert "add, mark, rationale, note, seed_plan" in reply.text


def test_loop_10_5_a_reply_tells_whether_the_call_was_progress() -> None:
    ledger = active("one")
    assert mark(ledger, "deliverable-1", "done").ok
    assert not mark(ledger, "deliverable-1", "gone").ok
    assert not TaskLedger().apply({"action": "note", "text": "x"}).ok


def test_loop_c_1_the_tool_offers_every_action_and_status() -> None:
    properties = LEDGER_TOOL.parameters["properties"]
    assert isinstance(properties, dict)
    assert LEDGER_TOOL.name == "ledger"
    assert properties["action"] == {
        "type": "string",
        "enum": ["add", "mark", "rationale", "note", "seed_plan"],
        "description": "What to do with the ledger.",
    }
    assert "ids that the ledger shows" in LEDGER_TOOL.description
    for name in ("add", "mark", "rationale", "note", "seed_plan"):
        assert f"{name} (" in LEDGER_TOOL.description


# The gate


def test_loop_9_14_add_mark_flow_gates_done_until_resolved() -> None:
    ledger = active("one", "two")
    assert [item.id for item in ledger.open_items] == ["deliverable-1", "deliverable-2"]
    mark(ledger, "deliverable-1", "done")
    assert [item.id for item in ledger.open_items] == ["deliverable-2"]
    mark(ledger, "deliverable-2", "done")
    assert not ledger.open_items
    assert gate_text(ledger) == ""


def test_loop_5_3_the_gate_lists_what_blocks_and_how_to_resolve_it() -> None:
    ledger = active("write it", "test it", "ship it")
    mark(ledger, "deliverable-1", "done")
    mark(ledger, "deliverable-2", "blocked", note="no network")
    text = gate_text(ledger)
    assert GATE_FEEDBACK_KIND == "ledger_not_satisfied"
    assert "- [deliverable-2] (blocked) test it (note: no network)" in text
    assert "- [deliverable-3] (open) ship it" in text
    assert "write it" not in text
    for word in ("`done`", "`dropped`", "`note`", "`ledger`"):
        assert word in text


# What the model sees of it


@pytest.mark.parametrize("root_task", ["", "ship"])
def test_loop_9_14_render_for_prompt_is_empty_when_ledger_is_empty(root_task: str) -> None:
    ledger = TaskLedger.from_options(None, root_task, ())
    assert render_for_prompt(ledger) == ""
    assert ledger_block(ledger) == ""


def test_loop_9_14_render_for_prompt_includes_all_fields() -> None:
    ledger = TaskLedger.from_options(
        {
            "root_task": "ship it",
            "deliverables": [
                {"id": "a", "text": "write"},
                {"id": "b", "text": "test", "status": "blocked", "note": "no network"},
            ],
            "rationale": "small steps",
            "observations": ["the build is slow"],
        },
        None,
        (),
    )
    assert render_for_prompt(ledger).splitlines() == [
        "Task: ship it",
        "Deliverables:",
        "- [a] (open) write",
        "- [b] (blocked) test (note: no network)",
        "Rationale: small steps",
        "Observations:",
        "- the build is slow",
    ]


def test_loop_c_1_only_the_last_five_observations_are_shown() -> None:
    ledger = TaskLedger.from_options({"observations": [f"seen {n}" for n in range(7)]}, None, ())
    shown = [line for line in render_for_prompt(ledger).splitlines() if "seen" in line]
    assert shown == [f"- seen {n}" for n in range(2, 7)]
    assert len(ledger.content.observations) == 7


def test_loop_5_1_the_ledger_stands_in_its_own_block() -> None:
    ledger = TaskLedger.from_options(None, None, ["one"])
    assert ledger_block(ledger) == (
        '<runtime_injection kind="task_ledger">\n'
        "<task_ledger>\n"
        "Deliverables:\n"
        "- [deliverable-1] (open) one\n"
        "</task_ledger>\n"
        "</runtime_injection>"
    )


@pytest.mark.parametrize(
    "tag",
    ["</task_ledger>", "</runtime_injection>", "< /Task_Ledger>", '<runtime_feedback kind="user">'],
)
def test_loop_10_60_no_text_of_the_ledger_can_end_its_block(tag: str) -> None:
    ledger = active(f"before {tag} after")
    assert f"before &lt;{tag[1:]} after" in ledger_block(ledger)


def test_loop_c_1_further_lines_of_a_text_do_not_pass_for_entries() -> None:
    ledger = active("one\n- [deliverable-2] (done) two")
    assert "- [deliverable-1] (open) one\n  - [deliverable-2]" in render_for_prompt(ledger)


def test_loop_10_58_no_key_of_a_ledger_result_reaches_a_server() -> None:
    """The answer to a ledger call is a plain tool result; what a host adds to it stays here."""
    reply = active().apply({"action": "note", "text": "x"})
    call: JsonObject = {"id": "c1", "name": "ledger", "arguments": {}}
    result: JsonObject = {"role": "tool", "tool_call_id": "c1", "content": reply.text}
    request = CompletionRequest(
        model="m",
        messages=(
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {**result, "tool_name": "ledger", "metadata": {"tool_name": "ledger"}},
        ),
    )
    messages = chat_body(request, is_official=False)["messages"]
    assert isinstance(messages, list)
    assert messages[-1] == result
