"""Runs of the whole program below its front ends, each killed somewhere: a fork server.

``python -m tests.support.crashing.runs SEED COUNT FOLDER`` loads everything once and forks each
run from there. A killed run's session is opened again by another fork, which brings it to its
end. What then is not as it was promised is printed, with the seed that does it again.
"""

import asyncio
import gc
import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random

from harn_tui.events.host import FeedbackStateChanged, MessageRecorded
from harn_tui.events.record import Record
from harn_tui.kinds import FeedbackState
from harn_tui.session.handle import SessionHandle
from harn_tui.store.feedback_journal import load_pending_feedback
from harn_tui.store.history import delivered_feedback_ids, fold_history
from harn_tui.store.log_reader import read_records
from harn_tui.store.session_folder import SessionFolder
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.session_request import SessionRequest
from tests.support.counted_steps import StepCounter
from tests.support.crashing.death import Death, Measure
from tests.support.crashing.person import Person

SESSION = "crashing"
_CALLS = [
    [("write_file", {"path": "a.txt", "content": "one"})],
    [("read_file", {"path": "a.txt"}), ("write_file", {"path": "b.txt", "content": "two"})],
    [("list_directory", {"path": "."})],
    [("write_file", {"path": "c.txt", "content": "three"})],
]
REPLIES = "".join(
    json.dumps(
        {
            "text": f"Step {number} of the work is about to be done.",
            "tool_calls": [{"name": name, "arguments": arguments} for name, arguments in calls],
            "chunk_chars": 9,
        }
    )
    + "\n"
    for number, calls in enumerate(_CALLS)
)
LAST_REPLY = json.dumps({"match": "*", "text": "Noted.", "chunk_chars": 3})
_LONGEST_S = 60
"""After so many seconds a run has hung and is ended."""


def forked(work: Callable[[int], object]) -> tuple[int, list[dict[str, str]]]:
    """Run ``work`` in a fork; return the status it ended with, and the notes that it wrote.

    ``work`` gets the descriptor to write them to, a line of JSON each.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        signal.alarm(_LONGEST_S)
        try:
            os.close(reading)
            work(writing)
            status = 0
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as notes:
        lines = notes.read().splitlines()
    _, status = os.waitpid(child, 0)
    return status, [json.loads(line) for line in lines]


def play(home: Path, random: Random, death: Death, promises: int) -> None:
    """Play a session from its first line until it has nothing more to do, or dies."""
    death.install()

    async def live() -> None:
        session = opened(home)
        person = Person(session, random, promises)
        session.subscribe(person.take)
        await session.start()
        person.say("begin the work")
        while session.is_running:
            await session.wait_idle()
            for errand in person.errands:
                await asyncio.to_thread(errand.join)
            if session.is_paused:
                session.resume_queue()
        await session.close()

    with asyncio.Runner(loop_factory=StepCounter(death.step).new_event_loop) as runner:
        runner.run(live())


def come_back(home: Path) -> None:
    """Open what was left, let the lines go that wait, and stay until nothing is left to do."""
    Death().install()

    (home / "replies.jsonl").write_text(LAST_REPLY)

    async def live() -> None:
        session = opened(home)
        held: list[str] = []

        def note_held(record: Record) -> None:
            event = record.event
            if isinstance(event, FeedbackStateChanged) and event.state is FeedbackState.HELD:
                held.append(event.feedback_id)

        stop = session.subscribe(note_held)
        await session.start()
        stop()
        for feedback_id in held:
            session.release(feedback_id)
        session.resume_queue()
        while session.is_running:
            await session.wait_idle()
        await session.close()

    asyncio.run(live())


def opened(home: Path) -> SessionHandle:
    """Return the session of ``home``, new or taken up."""
    request = SessionRequest(
        home / "work", provider="scripted", script=home / "replies.jsonl", session_id=SESSION
    )
    return open_session(request)


def problems_after(home: Path, promises: list[dict[str, str]], *, is_over: bool) -> list[str]:
    """Return what is not as it was promised; ``is_over`` when nothing may wait any more."""
    folder = SessionFolder(SESSION, home / "data" / "sessions" / SESSION)
    if not folder.event_log.exists():
        return ["a promise was made and there is no log"] if promises else []
    records = list(read_records(folder.event_log))
    apply_all(SessionView(), records)
    found = _indices(records)
    delivered = delivered_feedback_ids(records)
    pending = load_pending_feedback(folder.feedback_journal, delivered).items
    waiting = {item.feedback_id for item in pending}
    recorded = Counter(
        str(r.event.message.get("feedback_id"))
        for r in records
        if isinstance(r.event, MessageRecorded) and r.event.message.get("feedback_id")
    )
    found += [f"{name} is in the history {n} times" for name, n in recorded.items() if n != 1]
    if is_over and waiting:
        found.append(f"{len(waiting)} lines still wait")
    last = {note["id"]: note for note in promises}
    said = [str(m["content"]) for m in fold_history(records).messages if m["role"] == "user"]
    for name, note in last.items():
        is_there = (name in delivered) + (name in waiting)
        if note["kind"] == "changing":  # it may have come to that or not, but not to both
            if is_there > 1:
                found.append(f"{name} is delivered and queued")
        elif note["kind"] == "withdrawn":
            if is_there:
                found.append(f"{name} was withdrawn and is there")
        elif is_there != 1:
            found.append(f"{name} is {'delivered and queued' if is_there else 'lost'}")
        elif name in delivered and sum(note["text"] in text for text in said) != 1:
            found.append(f"{note['text']!r} is not once in the history")
    return found


def _indices(records: list[Record]) -> list[str]:
    indices = [record.index for record in records]
    return [] if indices == list(range(len(indices))) else ["the events are not numbered in order"]


def prepared(folder: Path) -> Path:
    """Return a new home for one run, with its working folder and its script."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    (folder / "replies.jsonl").write_text(REPLIES + LAST_REPLY)
    os.environ["HARN_TUI_HOME"] = str(folder / "data")
    return folder


def measured(home: Path, seed: int) -> dict[Measure, int]:
    """Return how far the run of ``seed`` comes when nobody kills it."""
    death = Death()

    def work(notes: int) -> None:
        reading = os.open(os.devnull, os.O_WRONLY)
        play(prepared(home), Random(seed), death, reading)
        os.write(notes, json.dumps(asdict(death.progress)).encode() + b"\n")

    status, notes = forked(work)
    assert status == 0, f"seed {seed} does not come to its end"
    return {measure: int(notes[0][measure]) for measure in Measure}


def run_one(home: Path, seed: int, lengths: dict[Measure, int]) -> list[str]:
    """Kill the run of ``seed`` somewhere, take it up again; return what was wrong."""
    random = Random(seed)
    measure = random.choice(tuple(Measure))
    limit = random.randint(1, lengths[measure])
    status = 0
    promises: list[dict[str, str]] = []
    while status == 0:  # one that came to its end before its time is played again, to die earlier
        prepared(home)
        status, promises = forked(partial(play, home, Random(seed), Death(measure, limit)))
        limit = max(1, limit * 2 // 3)
    found = problems_after(home, promises, is_over=False)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        found.append("the run failed, or hung")
    status, _ = forked(lambda _: come_back(home))
    if status != 0:
        found.append("the session does not open again")
    return found + problems_after(home, promises, is_over=True)


def main(seed: int, count: int, folder: Path) -> int:
    """Do ``count`` runs from ``seed`` on, print what was wrong, and return the exit code."""
    home = folder / "home"
    gc.collect()
    gc.freeze()  # forks share what was loaded
    lengths = measured(home, seed)
    failures = 0
    for number in range(seed, seed + count):
        found = run_one(home, number, lengths)
        failures += bool(found)
        for problem in found:
            print(f"seed {number}: {problem}", flush=True)
    print(f"{count} runs were killed, {failures} left something wrong", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
