from harn_tui.feedback.wrapping import wrap_feedback
from harn_tui.json_types import JsonObject
from harn_tui.skills.query_text import latest_request


def said(content: str, **fields: str) -> JsonObject:
    return {"role": "user", "content": content, **fields}


def runtime(kind: str, content: str = "words of the runtime") -> JsonObject:
    return said(wrap_feedback(kind, content), kind=kind)


def test_loop_10_55_the_runtimes_own_feedback_is_no_request() -> None:
    messages: list[JsonObject] = [
        said("the first"),
        said("deploy it", kind="user"),
        {"role": "assistant", "content": "Done?"},
        runtime("nudge"),
        said("a summary", kind="compaction_summary"),
    ]
    assert latest_request(messages) == "deploy it"


def test_a_steered_line_is_a_request_without_its_wrapper() -> None:
    messages = [said("first"), runtime("user", "now paint\nthe shed")]
    assert latest_request(messages) == "now paint\nthe shed"


def test_loop_10_55_a_callbacks_message_counts_where_it_is_asked_for() -> None:
    messages = [said("deploy it"), runtime("post_turn_callback", "paint it")]
    assert latest_request(messages) == "deploy it"
    assert latest_request(messages, {"post_turn_callback"}) == "paint it"


def test_a_wrapper_tells_its_kind_when_the_message_does_not() -> None:
    assert latest_request([said("a"), said(wrap_feedback("nudge", "b"))]) == "a"


def test_blocks_and_an_empty_history_hold_no_request() -> None:
    blocks: JsonObject = {"role": "user", "content": [{"type": "text", "text": "x"}]}
    assert latest_request([said("a"), blocks]) == "a"
    assert latest_request([]) == ""
