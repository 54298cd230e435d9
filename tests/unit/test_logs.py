import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.logs import (
    LOG_FILE_NAME,
    MAX_LOG_BYTES,
    REDACTED,
    close_logging,
    configure_logging,
    redact,
    secret_values,
)

SECRET = "s3cr3t-value-of-some-length"


@pytest.fixture(autouse=True)
def _closed_log() -> Iterator[None]:
    yield
    close_logging()


@pytest.mark.parametrize(
    "name",
    ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "MY_SECRET", "apikey"],
)
def test_the_value_of_a_variable_with_a_secret_name_is_redacted(name: str) -> None:
    assert (
        redact(f"sent {SECRET} to the server", {name: SECRET}) == f"sent {REDACTED} to the server"
    )


@pytest.mark.parametrize("name", ["PATH", "KEYBOARD_LAYOUT", "TOKENIZERS", "PWD", "SSH_AUTH_SOCK"])
def test_the_value_of_an_ordinary_variable_is_kept(name: str) -> None:
    assert redact(f"at {SECRET}", {name: SECRET}) == f"at {SECRET}"


def test_short_values_are_not_taken_for_secrets() -> None:
    assert redact("it is true", {"USE_TOKEN": "true"}) == "it is true"


def test_a_secret_that_contains_another_disappears_whole() -> None:
    environment = {"A_TOKEN": "abcdefgh", "B_TOKEN": "abcdefgh-and-more"}
    assert secret_values(environment) == ["abcdefgh-and-more", "abcdefgh"]
    assert redact("x abcdefgh-and-more y", environment) == f"x {REDACTED} y"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key sk-proj-abcdefghijklmnop rejected", f"key {REDACTED} rejected"),
        ("Authorization: Bearer abc.def-ghi", f"Authorization: Bearer {REDACTED}"),
        ('{"authorization": "Basic dXNlcjpwYXNz"}', f'{{"authorization": "Basic {REDACTED}"}}'),
        ("x-api-key: 0123456789", f"x-api-key: {REDACTED}"),
        ("GET /v1?api_key=0123456789&x=1", f"GET /v1?api_key={REDACTED}&x=1"),
        ("token ghp_0123456789abcdefABCDEF", f"token {REDACTED}"),
    ],
)
def test_keys_of_known_shapes_are_redacted(text: str, expected: str) -> None:
    assert redact(text, {}) == expected


def test_words_that_only_resemble_a_key_are_kept() -> None:
    text = "task-output-waiting-for-input and risk-assessment-document are words"
    assert redact(text, {}) == text


@given(before=st.text(), after=st.text())
def test_a_secret_never_survives_whatever_stands_around_it(before: str, after: str) -> None:
    assert SECRET not in redact(before + SECRET + after, {"SOME_API_KEY": SECRET})


@given(st.text())
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text, {"SOME_API_KEY": SECRET})
    assert redact(once, {"SOME_API_KEY": SECRET}) == once


def test_a_log_line_and_its_traceback_are_redacted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", SECRET)
    path = configure_logging(tmp_path / "logs")
    try:
        raise ValueError(f"refused {SECRET}")
    except ValueError:
        logging.getLogger("harn_tui.somewhere").exception("call failed key=%s", SECRET)
    written = path.read_text(encoding="utf-8")
    assert "call failed" in written
    assert "Traceback" in written
    assert SECRET not in written


def test_the_log_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = configure_logging(tmp_path / "logs")
    assert path == tmp_path / "logs" / LOG_FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_configuring_twice_moves_the_log_and_writes_each_line_once(tmp_path: Path) -> None:
    first = configure_logging(tmp_path / "first")
    second = configure_logging(tmp_path / "second")
    logging.getLogger("harn_tui.somewhere").warning("a line")
    assert first.read_text(encoding="utf-8") == ""
    assert second.read_text(encoding="utf-8").count("a line") == 1


def test_nothing_is_printed_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_logging(tmp_path)
    logging.getLogger("harn_tui.somewhere").error("only in the file")
    assert capfd.readouterr() == ("", "")


def test_a_large_log_is_set_aside_when_the_program_starts(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE_NAME).write_bytes(b"x" * MAX_LOG_BYTES)
    path = configure_logging(tmp_path)
    assert path.stat().st_size == 0
    assert (tmp_path / "harn-tui.log.1").stat().st_size == MAX_LOG_BYTES


def test_text_that_utf8_cannot_carry_is_logged_all_the_same(tmp_path: Path) -> None:
    path = configure_logging(tmp_path)
    logging.getLogger("harn_tui.somewhere").warning("half a pair: %s", "\ud83d")
    assert "half a pair" in path.read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_log_that_cannot_be_written_says_nothing_on_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / LOG_FILE_NAME).symlink_to("/dev/full")
    configure_logging(tmp_path)
    logging.getLogger("harn_tui.store").error("nobody hears this")
    close_logging()
    assert capsys.readouterr().err == ""
