"""What the demo says and does next: a short tour of the person's own folder.

The tour lists the folder, reads and searches in it, proposes a file, runs a command, and sums up.
Where a tool is not offered, was denied, or the person said otherwise, that station is left out.
"""

import re
from dataclasses import dataclass
from typing import Final

from harn_tui.json_types import JsonObject
from harn_tui.providers.demo_scene import DemoCall, DemoScene
from harn_tui.providers.demo_tools import (
    NOTES_FILE,
    command_arguments,
    path_arguments,
    plan_arguments,
    readable_names,
    search_arguments,
    write_arguments,
)

DEMO_LABEL: Final = (
    "> **Demo.** I am a scripted stand-in, not a language model. The loop, the tools and the"
    " steering around me are the real ones.\n\n"
)

SUMMARY_HEADING: Final = "## What just happened"

_PLAN: Final = (
    "Look at the folder",
    "Read and search a little",
    f"Propose {NOTES_FILE}",
    "Run a short command",
    "Sum up",
)
_SHOWN_NAMES: Final = 6
_SHOWN_LINES: Final = 5
_SEARCHED: Final = "TODO"


@dataclass(frozen=True, slots=True)
class DemoTurn:
    """One assistant turn. ``calls`` are (tool name, arguments); none of them ends the run."""

    text: str
    thought: str = ""
    calls: tuple[tuple[str, JsonObject], ...] = ()


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the person asked for while the demo was at work."""

    stop: bool
    no_writing: bool
    no_command: bool


def next_turn(scene: DemoScene) -> DemoTurn:
    """Return the turn that fits the scene, with answers to new steering in front."""
    turn = _station(scene)
    label = "" if scene.said or scene.request_number > 1 else DEMO_LABEL
    return DemoTurn(
        label + _answer_to_steering(scene) + _remark_on_denial(scene) + turn.text,
        turn.thought,
        turn.calls,
    )


def _station(scene: DemoScene) -> DemoTurn:
    if not scene.tools:
        return _talk_only(scene)
    if scene.request_number > 1 and not _asks_for_tour(scene.request):
        return _follow_up(scene)
    wishes = _wishes(scene.steering)
    if not scene.calls and (scene.can_still_call("list_directory") or "update_plan" in scene.tools):
        return _opening(scene)
    if not wishes.stop:
        if scene.can_still_call("read_file") or scene.can_still_call("search_files"):
            looking = _look_inside(scene)
            if looking.calls:
                return looking
        if scene.can_still_call("write_file") and not wishes.no_writing:
            return _propose_notes(scene)
        if scene.can_still_call("run_command") and not wishes.no_command:
            return _run_command(scene)
    if _has_summed_up(scene):
        return DemoTurn("The tour is over; nothing is left open. Ask for `tour` to see it again.")
    if _plan_is_open(scene):
        return DemoTurn(
            "That was the last station; I close the plan.", "", _plan(scene, len(_PLAN))
        )
    return _summary(scene)


def _opening(scene: DemoScene) -> DemoTurn:
    text = (
        f"You asked: “{_quoted(scene.request)}”.\n\nI cannot really work on that, so here is a"
        " short tour of this folder instead:\n\n"
        "1. **look** at what is here,\n"
        "2. **read** and **search** a little,\n"
        f"3. **propose** a file, `{NOTES_FILE}`: you will be asked first,\n"
        "4. **run** a short command with live output.\n\n"
        "Type while I work: your line reaches me at the next boundary, and I answer it."
    )
    calls = _plan(scene, 0)
    if "list_directory" in scene.tools:
        arguments = path_arguments(scene.tools["list_directory"], ".")
        calls += (("list_directory", arguments),)
    thought = (
        "A new request. I follow a script, so I begin where the script begins: make a plan and"
        " see what is in the folder."
    )
    return DemoTurn(text, thought, calls)


def _look_inside(scene: DemoScene) -> DemoTurn:
    names = readable_names(scene.entries, limit=2)
    calls: tuple[tuple[str, JsonObject], ...] = ()
    if scene.can_still_call("read_file"):
        tool = scene.tools["read_file"]
        calls += tuple(("read_file", path_arguments(tool, name)) for name in names)
    if scene.can_still_call("search_files"):
        tool = scene.tools["search_files"]
        calls += (("search_files", search_arguments(tool, _SEARCHED)),)
    if not calls:
        return DemoTurn("")
    shown = ", ".join(f"`{name}`" for name in scene.entries[:_SHOWN_NAMES])
    more = len(scene.entries) - _SHOWN_NAMES
    folder = f"The folder holds {len(scene.entries)} entries: {shown}"
    folder += f" and {more} more." if more > 0 else "."
    reading = " and ".join(f"`{name}`" for name in names) or "nothing in particular"
    text = f"{folder if scene.entries else 'I could not see any entries.'}\n\n"
    text += f"Next I read {reading} and search for `{_SEARCHED}`, all at the same time."
    thought = "These calls do not depend on each other, so they can run in parallel."
    return DemoTurn(text, thought, _plan(scene, 1) + calls)


def _propose_notes(scene: DemoScene) -> DemoTurn:
    arguments = write_arguments(scene.tools["write_file"], NOTES_FILE, _notes(scene))
    text = (
        f"Now something that changes the folder: I would like to write `{NOTES_FILE}`. It is"
        " harmless, and it is **your decision**: allow it or deny it, I can live with both."
    )
    thought = "Writing needs an approval. I say what I want before I ask."
    return DemoTurn(text, thought, (*_plan(scene, 2), ("write_file", arguments)))


def _run_command(scene: DemoScene) -> DemoTurn:
    arguments = command_arguments(scene.tools["run_command"])
    text = (
        "Last station: a command that takes about two seconds and prints as it goes. Watch its"
        " output arrive, or press the interrupt key and see it stop."
    )
    return DemoTurn(text, "", (*_plan(scene, 3), ("run_command", arguments)))


def _summary(scene: DemoScene) -> DemoTurn:
    rows = "\n".join(f"| `{call.name}` | {_outcome(call)} |" for call in _notable(scene))
    steered = "\n".join(f"- you steered me: “{_quoted(line)}”" for line in scene.steering)
    text = (
        f"{SUMMARY_HEADING}\n\n"
        "| tool | outcome |\n| --- | --- |\n"
        f"{rows or '| none | nothing was called |'}\n\n"
        f"{steered or '- you did not steer me; try it next time by typing while I work'}\n"
        "- every step is in the session's event log: replay it, or take the session up again\n\n"
        "### Use a real model\n\n"
        "```sh\n"
        "harn-tui --provider openai --base-url http://localhost:8080/v1 --model NAME\n"
        "ANTHROPIC_API_KEY=… harn-tui --provider anthropic\n"
        "```\n\n"
        "Name a file of this folder to have it read, or ask for `tour` to see all this again."
    )
    return DemoTurn(text)


def _follow_up(scene: DemoScene) -> DemoTurn:
    read = scene.last_call("read_file")
    if read is not None:
        return DemoTurn(_report(read))
    wanted = _mentioned_entry(scene)
    if wanted is not None and "read_file" in scene.tools:
        call = ("read_file", path_arguments(scene.tools["read_file"], wanted))
        return DemoTurn(f"You named `{wanted}`: I read it.", "A file I have seen listed.", (call,))
    interrupted = "You interrupted me. " if scene.was_interrupted else ""
    return DemoTurn(
        f"{interrupted}You said: “{_quoted(scene.request)}”. As a scripted stand-in I cannot really"
        " answer that, but I can:\n\n"
        "- read a file, when you name one that is in this folder,\n"
        "- give the `tour` again,\n"
        "- be steered: type while I work.\n\n"
        "For real answers start `harn-tui --provider NAME` with a model server or a key."
    )


def _talk_only(scene: DemoScene) -> DemoTurn:
    return DemoTurn(
        f"You said: “{_quoted(scene.request)}”.\n\nNo tools are offered to me in this session, so I"
        " can only talk. With tools I would look around in your folder, propose a file and run a"
        " short command."
    )


def _answer_to_steering(scene: DemoScene) -> str:
    wishes = _wishes(scene.new_steering)
    answers = [f"**You steered me:** “{_quoted(line)}”." for line in scene.new_steering]
    if wishes.stop:
        answers.append("I stop the tour here and sum up.")
    elif wishes.no_writing:
        answers.append("I will not write anything.")
    elif wishes.no_command:
        answers.append("I will not run the command.")
    elif answers:
        answers.append("I have read it and go on.")
    return "\n".join(answers) + "\n\n" if answers else ""


def _remark_on_denial(scene: DemoScene) -> str:
    last = scene.calls[-1] if scene.calls else None
    if last is None or not last.was_denied or _has_summed_up(scene):
        return ""
    return f"You denied `{last.name}`, so it did not happen. I go on without it.\n\n"


def _wishes(lines: tuple[str, ...]) -> _Wishes:
    text = " ".join(lines).lower()
    refuses = any(word in text for word in ("don't", "do not", "dont", "skip", "no ", "without"))
    return _Wishes(
        stop=any(word in text for word in ("stop", "enough", "abort")),
        no_writing=refuses and any(word in text for word in ("writ", "note", "file")),
        no_command=refuses and any(word in text for word in ("command", "run", "shell")),
    )


def _asks_for_tour(request: str) -> bool:
    text = request.lower()
    return any(word in text for word in ("tour", "again", "demo"))


def _has_summed_up(scene: DemoScene) -> bool:
    return any(SUMMARY_HEADING in text for text in scene.said)


def _plan(scene: DemoScene, current: int) -> tuple[tuple[str, JsonObject], ...]:
    tool = scene.tools.get("update_plan")
    return () if tool is None else (("update_plan", plan_arguments(tool, _PLAN, current)),)


def _plan_is_open(scene: DemoScene) -> bool:
    last = scene.last_call("update_plan")
    closed = _plan(scene, len(_PLAN))
    return last is not None and bool(closed) and last.arguments != closed[0][1]


def _notable(scene: DemoScene) -> list[DemoCall]:
    return [call for call in scene.calls if call.name != "update_plan"]


def _outcome(call: DemoCall) -> str:
    if call.result is None:
        return "no result came back"
    if call.was_denied:
        return "denied, not run"
    lines = len(call.result.splitlines())
    return f"{lines} line{'' if lines == 1 else 's'} came back"


def _report(call: DemoCall) -> str:
    if call.result is None or call.was_denied:
        return "I could not read it: the call did not go through."
    lines = call.result.splitlines()
    head = "\n".join(lines[:_SHOWN_LINES])
    # A longer fence than any in the file keeps the file's own fences inside.
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", head)), default=0))
    return f"It has {len(lines)} lines and begins like this:\n\n{fence}\n{head}\n{fence}"


def _mentioned_entry(scene: DemoScene) -> str | None:
    files = [name for name in scene.entries if not name.endswith("/")]
    return next((name for name in files if name.lower() in scene.request.lower()), None)


def _notes(scene: DemoScene) -> str:
    listed = "\n".join(f"- {name}" for name in scene.entries) or "- nothing that I could see"
    return (
        "# Notes of the harn-tui demo\n\n"
        "Written by the built-in demo, a scripted stand-in for a model. Safe to delete.\n\n"
        f"## Entries of this folder\n\n{listed}\n"
    )


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"
