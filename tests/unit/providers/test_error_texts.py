import json

import pytest

from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.error_body import ServerMessage, clean_text, message_in_body
from harn_tui.providers.error_category import category_of_response, category_of_stream_error


def body(value: object) -> ServerMessage:
    return message_in_body(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (400, Category.INVALID_REQUEST),
        (401, Category.AUTH),
        (402, Category.QUOTA),
        (403, Category.AUTH),
        (404, Category.NOT_FOUND),
        (408, Category.TIMEOUT),
        (413, Category.INVALID_REQUEST),
        (418, Category.GENERIC),
        (422, Category.INVALID_REQUEST),
        (429, Category.RATE_LIMIT),
        (500, Category.SERVER_ERROR),
        (502, Category.SERVER_ERROR),
        (503, Category.OVERLOADED),
        (504, Category.TIMEOUT),
        (520, Category.SERVER_ERROR),
        (522, Category.TIMEOUT),
        (524, Category.TIMEOUT),
        (529, Category.OVERLOADED),
    ],
)
def test_each_status_has_its_category(status: int, category: Category) -> None:
    assert category_of_response(status, ServerMessage("no luck")) is category


def test_loop_10_07_a_bad_request_that_quotes_a_500_is_not_retried() -> None:
    message = body({"error": {"message": "your text said: error 500, try 503", "type": "x"}})
    category = category_of_response(400, message)
    assert category is Category.INVALID_REQUEST
    assert not category.is_transient


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached"])
def test_loop_10_07_an_exhausted_quota_is_not_a_rate_limit(code: str) -> None:
    category = category_of_response(429, body({"error": {"message": "Pay up.", "code": code}}))
    assert category is Category.QUOTA
    assert not category.is_transient


def test_a_low_credit_balance_is_a_quota_error_though_the_server_says_bad_request() -> None:
    message = body({"error": {"message": "Your credit balance is too low to use the API."}})
    assert category_of_response(400, message) is Category.QUOTA


@pytest.mark.parametrize("status", [400, 413, 422, 429, 500])
@pytest.mark.parametrize(
    "error",
    [
        {"message": "This model's maximum context length is 8192 tokens."},
        {"message": "prompt is too long: 213462 tokens > 200000 maximum"},
        {"message": "nope", "code": "context_length_exceeded"},
        {"message": "the request exceeds the available context size", "code": 400},
        {"message": "nope", "type": "exceed_context_size_error"},
    ],
)
def test_an_overflowing_context_is_recognised_under_any_status(
    status: int, error: dict[str, object]
) -> None:
    assert category_of_response(status, body({"error": error})) is Category.CONTEXT_OVERFLOW


def test_a_tokens_per_minute_limit_is_no_context_overflow() -> None:
    text = "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000."
    message = body({"error": {"message": text, "code": "rate_limit_exceeded"}})
    assert category_of_response(429, message) is Category.RATE_LIMIT


@pytest.mark.parametrize(
    ("error", "category"),
    [
        ({"type": "overloaded_error", "message": "busy"}, Category.OVERLOADED),
        ({"type": "rate_limit_error", "message": "slow"}, Category.RATE_LIMIT),
        ({"type": "api_error", "message": "oops"}, Category.SERVER_ERROR),
        ({"type": "authentication_error", "message": "who"}, Category.AUTH),
        ({"type": "invalid_request_error", "message": "no"}, Category.INVALID_REQUEST),
        ({"code": 500, "message": "oops", "type": "server_error"}, Category.SERVER_ERROR),
        ({"code": 429, "message": "slow"}, Category.RATE_LIMIT),
        ({"code": "insufficient_quota", "message": "pay"}, Category.QUOTA),
        ({"message": "prompt is too long"}, Category.CONTEXT_OVERFLOW),
        ({"message": "something"}, Category.SERVER_ERROR),
    ],
)
def test_an_error_within_a_stream_is_classed_by_its_identifiers(
    error: dict[str, object], category: Category
) -> None:
    assert category_of_stream_error(body({"error": error})) is category


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'{"error": {"message": "a"}}', "a"),
        (b'{"error": "b"}', "b"),
        (b'{"detail": "c"}', "c"),
        (b'{"detail": [{"loc": ["x"]}]}', '[{"loc": ["x"]}]'),
        (b'{"message": "d"}', "d"),
        (b'[{"error": {"message": "e", "status": "UNAVAILABLE"}}]', "e"),
        (b'{"error": "{\\"error\\":{\\"code\\":400,\\"message\\":\\"f\\"}}"}', "f"),
        (b'{"error": "{broken"}', "{broken"),
        (b'{"error": "{\\"a\\": 1}"}', '{"a": 1}'),
        (b"plain words", "plain words"),
        (b"<html><body>502</body></html>", ""),
        (b"", ""),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_the_servers_own_words_are_found_in_every_common_shape(raw: bytes, text: str) -> None:
    assert message_in_body(raw).text == text


def test_error_texts_hold_no_control_or_invisible_characters() -> None:
    assert clean_text("a\x1b[31mred\x07\r\nb\u202ec\u2028d\x9be") == "a [31mred bc d e"


def test_error_texts_are_bounded() -> None:
    shown = clean_text("x" * 10_000)
    assert len(shown) == 500
    assert shown.endswith("…")


def test_error_texts_hide_secrets_even_at_the_bound() -> None:
    text = "y" * 490 + "sk-topsecret-1234567890"
    assert "topsecret" not in clean_text(text, ["sk-topsecret-1234567890", ""])
