import pytest

from harn_tui.kinds import StopReason
from harn_tui.providers.stop_reasons import neutral_stop_reason


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", StopReason.STOP),
        ("STOP", StopReason.STOP),
        ("end_turn", StopReason.STOP),
        ("stop_sequence", StopReason.STOP),
        ("completed", StopReason.STOP),
        ("length", StopReason.LENGTH),
        ("max_tokens", StopReason.LENGTH),
        ("MAX_TOKENS", StopReason.LENGTH),
        ("max_output_tokens", StopReason.LENGTH),
        ("model_context_window_exceeded", StopReason.LENGTH),
        ("tool_use", StopReason.TOOL_CALLS),
        ("function_call", StopReason.TOOL_CALLS),
        ("content_filter", StopReason.CONTENT_FILTER),
        ("refusal", StopReason.REFUSAL),
        ("pause_turn", StopReason.PAUSE),
        ("something_new", StopReason.OTHER),
        (None, None),
        ("", None),
    ],
)
def test_every_servers_word_has_a_neutral_one(word: str | None, reason: StopReason | None) -> None:
    assert neutral_stop_reason(word, has_calls=False) == reason


@pytest.mark.parametrize("word", ["stop", "completed", None])
def test_a_reply_with_calls_ended_for_them_whatever_the_server_says(word: str | None) -> None:
    assert neutral_stop_reason(word, has_calls=True) is StopReason.TOOL_CALLS


def test_calls_that_were_cut_at_the_limit_ended_at_the_limit() -> None:
    assert neutral_stop_reason("length", has_calls=True) is StopReason.LENGTH


def test_a_refusal_that_is_marked_in_its_text_is_one() -> None:
    assert neutral_stop_reason("stop", has_calls=False, is_refusal=True) is StopReason.REFUSAL
