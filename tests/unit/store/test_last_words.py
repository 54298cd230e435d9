from pathlib import Path

from harn_tui.store.last_words import last_words
from harn_tui.store.session_folder import SessionFolder
from tests.support.terminal import REPOSITORY


def test_a_call_is_named_once_with_all_its_arguments_and_once_with_its_result(
    tmp_path: Path,
) -> None:
    log = REPOSITORY / "sessions" / "feedback-and-interrupt.jsonl"
    folder = SessionFolder("one", tmp_path)
    folder.event_log.write_bytes(log.read_bytes())
    calls = [words.text.split("\n") for words in last_words(folder, 100) if words.is_tool]
    assert [words for words in calls if words[0] == "run_command"] == [
        ["run_command", "echo looking; sleep 30"],
        ["run_command", "interrupted"],
    ]
    assert [words[:2] for words in calls if words[0] == "list_directory"] == [
        ["list_directory", "."],
        ["list_directory", "."],
    ]
