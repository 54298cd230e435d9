"""Candidates of text calls while a reply streams in: tools 3.5, 3.6, 9.8, with ODD-26."""

import pytest

from harn_tui.tagged_text.candidates import (
    CandidateAborted,
    CandidateDetector,
    CandidatePromoted,
    CandidateStarted,
)
from tests.conformance.text_replies import outcomes, parse, stream

CALL = '<tool_call>read({ path: "a" })</tool_call>'
PROMOTED = ["P()", "promoted(read)"]


@pytest.mark.parametrize("cut", range(len(CALL)))
def test_tools_3_6_a_tagged_call_split_anywhere_is_promoted(cut: int) -> None:
    assert stream([CALL[:cut], CALL[cut:]]) == [
        CandidateStarted("text-cand-1", ""),
        CandidatePromoted("text-cand-1", "read", {"path": "a"}, offset=0),
    ]


def test_tools_3_6_a_tag_that_is_never_closed_is_aborted_at_the_end() -> None:
    [started, aborted] = stream(["<tool_call>", "read({", "})"])
    assert started == CandidateStarted("text-cand-1", "")
    assert isinstance(aborted, CandidateAborted)
    assert "did not close" in aborted.error


@pytest.mark.parametrize(
    "text",
    [
        "read ({ a: 1 })",
        "reader({ a: 1 })",
        "- read({ a: 1 })",
        "<read({ a: 1 })>",
        "",
        "mystery({",
    ],
)
def test_tools_3_6_what_is_no_call_opens_no_candidate(text: str) -> None:
    assert outcomes(text) == []


def test_tools_3_6_a_tag_in_the_middle_of_a_line_opens_no_candidate() -> None:
    assert outcomes(f"text {CALL}") == []


def test_tools_3_6_a_call_of_no_tool_fails_and_the_next_tag_on_the_line_is_seen() -> None:
    text = f"<tool_call>a</tool_call>{CALL}"
    assert outcomes(text) == ["P()", "failed", *PROMOTED]


@pytest.mark.parametrize(
    "body", ["", " \n", '{"name": "read"}', "foo({ a: 1 })", "read {}", "read()"]
)
def test_tools_3_6_a_tag_without_a_call_that_can_run_fails(body: str) -> None:
    assert outcomes(f"<tool_call>{body}</tool_call>") == ["P()", "failed"]


def test_tools_odd_26_a_label_that_the_parser_accepts_is_accepted_by_the_detector() -> None:
    assert outcomes("<tool_call>tool_code: read({})</tool_call>") == PROMOTED
    assert outcomes("tool_code: read({})") == ["P(read)", "promoted(read)"]


@pytest.mark.parametrize("before", ["</assistant_prose>", "<assistant_prose>a</assistant_prose>"])
@pytest.mark.parametrize("between", ["", " ", "\n"])
def test_tools_odd_26_a_tag_after_another_tag_on_the_line_is_seen(
    before: str, between: str
) -> None:
    assert outcomes(before + between + CALL) == PROMOTED


def test_tools_3_6_words_behind_the_call_in_its_tag_do_no_harm() -> None:
    assert outcomes("<tool_call>read({}) and more</tool_call>") == PROMOTED


def test_tools_odd_26_a_failed_bare_candidate_does_not_blind_the_detector() -> None:
    text = 'read(x)\nmore text\nread({ path: "a" })'
    assert outcomes(text) == ["P(read)", "failed", "P(read)", "promoted(read)"]


def test_tools_odd_26_a_bare_candidate_fails_on_its_own_line_and_not_at_the_end() -> None:
    detector = CandidateDetector(("read",))
    assert len(detector.feed("read(x)\n")) == 2
    assert detector.finish() == []


def test_tools_3_6_only_the_first_call_of_a_line_is_a_candidate() -> None:
    assert outcomes("read({ a: 1 })read({ a: 2 })") == ["P(read)", "promoted(read)"]


def test_tools_3_6_calls_in_a_fence_are_no_candidates() -> None:
    text = "```\nread({ a: 1 })\n```\nread({ a: 2 })\n"
    [_, promoted] = stream([text])
    assert isinstance(promoted, CandidatePromoted)
    assert promoted.arguments == {"a": 2}
    assert outcomes("```\n<tool_call>read({})</tool_call>\n```") == []


def test_tools_odd_30_a_closing_tag_in_a_heredoc_is_content() -> None:
    call = "read({ a: <<END\n</tool_call>\nEND\n})"
    assert outcomes(f"<tool_call>{call}</tool_call>") == PROMOTED
    assert outcomes(call) == ["P(read)", "promoted(read)"]


def test_tools_odd_26_a_call_without_an_object_fails_as_it_does_in_the_parser() -> None:
    assert outcomes("read()") == ["P(read)", "failed"]
    assert parse("read()").errors


def test_tools_9_8_bare_candidate_promotes_on_balanced_close() -> None:
    assert stream(['read({ path: "a', '.md" })']) == [
        CandidateStarted("text-cand-1", "read"),
        CandidatePromoted("text-cand-1", "read", {"path": "a.md"}, offset=0),
    ]


def test_tools_9_8_bare_candidate_aborts_on_malformed_arguments() -> None:
    assert outcomes("edit({ a: 1 b", ("edit",)) == ["P(edit)", "failed"]


def test_tools_9_8_deltas_split_within_an_identifier_do_not_commit_early() -> None:
    detector = CandidateDetector(("read",))
    assert detector.feed("re") == []
    assert len(detector.feed("ad({})")) == 2


def test_tools_9_8_empty_deltas_and_streams_emit_nothing() -> None:
    assert stream([]) == []
    assert stream(["", ""]) == []


def test_tools_9_8_candidates_in_sequence_each_get_an_id_of_their_own() -> None:
    changes = stream(["read({})\nread({})\n"])
    assert [change.candidate_id for change in changes] == [
        "text-cand-1",
        "text-cand-1",
        "text-cand-2",
        "text-cand-2",
    ]


def test_tools_odd_22_a_promoted_candidate_is_found_among_the_parsed_calls_by_its_offset() -> None:
    text = f"read({{ a: 1 }})\n{CALL}\ntext <tool_call>read({{ b: 2 }})</tool_call>"
    promoted = [change for change in stream([text]) if isinstance(change, CandidatePromoted)]
    parsed = {call.offset: call.arguments for call in parse(text).calls}
    assert [parsed[change.offset] for change in promoted] == [{"a": 1}, {"path": "a"}]
    assert len(parsed) == 3


@pytest.mark.parametrize("tag", ["assistant_prose", "user_response", "done", "think"])
def test_tools_3_5_calls_in_other_blocks_are_no_candidates(tag: str) -> None:
    assert outcomes(f"<{tag}>\nread({{}})\n{CALL}\n</{tag}>\n{CALL}") == PROMOTED
