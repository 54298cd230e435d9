"""Laws of what streams in: it does not matter how the text is cut."""

from collections.abc import Iterable

from hypothesis import given

from harn_tui.tagged_text.candidates import (
    CandidateChange,
    CandidateDetector,
    CandidatePromoted,
    CandidateStarted,
)
from harn_tui.tagged_text.parse import parse_tagged_reply
from harn_tui.tagged_text.visible import VisibleStream, shown_text, visible_text
from tests.unit.tagged_text.reply_texts import SENTINEL, TOOLS, cut_texts, hostile_texts

TAGS = ("tool_call", "assistant_prose", "user_response", "done", "think", "|tool_call|")


def candidates(pieces: Iterable[str]) -> list[CandidateChange]:
    detector = CandidateDetector(TOOLS)
    changes = [change for piece in pieces for change in detector.feed(piece)]
    return changes + detector.finish()


@given(cut_texts())
def test_candidates_do_not_depend_on_how_the_reply_is_cut(texts: tuple[str, list[str]]) -> None:
    text, pieces = texts
    assert candidates(pieces) == candidates([text])


@given(hostile_texts)
def test_every_candidate_starts_once_and_ends_once_before_the_next(text: str) -> None:
    changes = candidates([text])
    assert len(changes) % 2 == 0
    for number, (start, end) in enumerate(zip(changes[::2], changes[1::2], strict=True), start=1):
        assert isinstance(start, CandidateStarted)
        assert not isinstance(end, CandidateStarted)
        assert start.candidate_id == end.candidate_id == f"text-cand-{number}"


@given(hostile_texts)
def test_promoted_candidates_are_parsed_calls_in_the_same_order(text: str) -> None:
    calls = iter(
        [(call.offset, call.name, call.arguments) for call in parse_tagged_reply(text, TOOLS).calls]
    )
    for change in candidates([text]):
        if isinstance(change, CandidatePromoted):
            assert (change.offset, change.tool_name, change.arguments) in calls


@given(cut_texts())
def test_a_stream_shows_the_same_however_it_is_cut(texts: tuple[str, list[str]]) -> None:
    text, pieces = texts
    stream = VisibleStream(SENTINEL)
    shown = "".join(stream.feed(piece) for piece in pieces) + stream.finish()
    assert shown == shown_text(text, done_sentinel=SENTINEL)


@given(hostile_texts)
def test_a_stream_shows_the_visible_text_of_every_reply_without_a_user_response(text: str) -> None:
    text = text.replace("<user_response>", "")
    shown = shown_text(text, done_sentinel=SENTINEL)
    assert shown == visible_text(text, done_sentinel=SENTINEL)


@given(hostile_texts)
def test_a_stream_shows_neither_tags_nor_sentinel_lines(text: str) -> None:
    text = text.replace("`", "")  # within backticks a tag is talked about
    shown = shown_text(text, done_sentinel=SENTINEL)
    assert not [tag for tag in TAGS if f"<{tag}>" in shown or f"</{tag}>" in shown]
    assert SENTINEL not in [line.strip() for line in shown.split("\n")]
    assert shown == shown.strip()
