"""Opens the log of the model's side, where a person asked for it (docs/llm_transcript.md)."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from harn_tui.errors import StoreError
from harn_tui.sinks.line_writer import LineWriter

DIRECTORY_VARIABLE = "HARN_LLM_TRANSCRIPT_DIR"
FILE_NAME = "llm_transcript.jsonl"


def open_llm_log(environment: Mapping[str, str], on_failure: ExitStack) -> LineWriter | None:
    """Return the writer of the log, ``None`` when the variable is not set; closed on failure.

    Raises StoreError when its folder cannot be made or its file not be opened.
    """
    named = environment.get(DIRECTORY_VARIABLE, "").strip()
    if not named:
        return None
    folder = Path(named).expanduser()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} of {DIRECTORY_VARIABLE} cannot be made: {error.strerror}.",
            hint="Name another folder, or unset the variable.",
        ) from error
    writer = LineWriter(folder / FILE_NAME)
    on_failure.callback(writer.close)
    return writer
