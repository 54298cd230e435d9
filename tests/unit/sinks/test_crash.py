"""A real process that is killed while it writes."""

from pathlib import Path

import pytest

from harn_tui.events.agent import TurnStart
from harn_tui.events.codec import decode_record
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
from tests.unit.sinks.python_process import start_python

ENDLESS_WRITER = """
import sys
from pathlib import Path
from harn_tui.events.agent import TurnStart
from harn_tui.events.host import UserMessage
from harn_tui.kinds import HostMessageMode
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
recorder = Recorder("s", LineWriter(Path(sys.argv[1]), rotate_bytes=20_000))
number = 0
while True:
    recorder.handle_event(TurnStart("s", number))
    recorder.handle_event(UserMessage("s", "x" * 100, HostMessageMode.FINISH_STEP))
    if number % 100 == 0:
        print(2 * number + 2, flush=True)
    number += 1
"""


@pytest.mark.parametrize("reports_before_kill", [1, 3, 6])
async def test_killing_the_writer_loses_nothing_that_was_written(
    tmp_path: Path, reports_before_kill: int
) -> None:
    log = tmp_path / "session" / "event_log.jsonl"
    log.parent.mkdir()
    with start_python(ENDLESS_WRITER, str(log)) as process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(reports_before_kill)][-1]
        process.kill()
    writer = LineWriter(log, rotate_bytes=20_000)  # repairs what the kill tore
    content = b"".join(
        path.read_bytes()
        for path in sorted(log.parent.iterdir(), key=lambda p: (len(p.name), p.name))
    )
    assert content.endswith(b"\n")
    indices = [decode_record(line).index for line in content.split(b"\n")[:-1]]
    assert indices == list(range(len(indices)))
    assert len(indices) >= promised
    recorder = Recorder("s", writer, first_index=len(indices))
    recorder.handle_event(TurnStart("s", 0))
    await recorder.close()
    last_line = writer.path.read_bytes().split(b"\n")[-2]
    assert decode_record(last_line).index == len(indices)
