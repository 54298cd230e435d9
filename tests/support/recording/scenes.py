"""The scenes that ``make sessions`` records: a gardener and a small garden."""

from collections.abc import Callable

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import LoopEnd, PermissionRequest, ToolOutput
from harn_tui.events.record import Event
from harn_tui.kinds import Boundary, Decision, DecisionScope, ToolCallStatus
from harn_tui.session.handle import SessionHandle
from tests.support.recording.scene import Act, Scene, calls, says

_BEDS = "north: beans, 12 plants\nsouth: kale, 30 plants\neast: empty\n"
_WATER = """\
for bed in north east south west; do
  echo "opening the valve of the $bed bed"
  for litre in 1 2 3 4 5 6; do echo "  $bed: $litre l"; done
  echo "closed"
done
"""
_COMPOST_SKILL = """\
---
name: compost
short: Builds and turns compost heaps.
when_to_use: compost, heap, turning
---
Keep a heap as damp as a wrung-out sponge. Turn it when it is above 65 degrees.
"""
_GAUGES = '''\
from harn_tui.tools.authoring import tool


@tool(kind="read", defer_loading=True)
def moisture_of_heap(heap: str) -> str:
    """Measure the moisture of a compost heap, in percent.

    Args:
        heap: The name of the heap.
    """
    return {"north": "58 percent", "south": "31 percent"}.get(heap, "no such heap")


@tool(kind="read", defer_loading=True)
def wind_speed(place: str) -> str:
    """Measure the speed of the wind, in metres a second.

    Args:
        place: Where.
    """
    return "3 metres a second"
'''


def _runs(name: str) -> Callable[[Event], bool]:
    def is_it(event: Event) -> bool:
        return (
            isinstance(event, ToolCallUpdate)
            and event.tool_name == name
            and event.status is ToolCallStatus.IN_PROGRESS
        )

    return is_it


def _types(
    text: str, boundary: Boundary = Boundary.NEXT_PREFLIGHT
) -> Callable[[SessionHandle, Event], object]:
    return lambda session, _: session.submit(text, boundary)


def _answers(
    decision: Decision, scope: DecisionScope = DecisionScope.ONCE, note: str | None = None
) -> Act:
    def answer(session: SessionHandle, event: Event) -> None:
        assert isinstance(event, PermissionRequest)
        session.answer(event.request_id, decision, scope, note)

    return Act(lambda event: isinstance(event, PermissionRequest), answer)


def _changes_mind(session: SessionHandle, _: Event) -> None:
    """Type a line and take it back before anybody has read it."""
    session.withdraw(session.submit("And the roses too"))


_LISTING = _runs("list_directory")

LONG_TOOL_RUN = Scene(
    name="long-tool-run",
    requests=("Water all beds, and tell me what each one got.",),
    files={"water.sh": _WATER, "beds.txt": _BEDS},
    settings=('permissions.allow={run_command=["sh water.sh"]}',),
    replies=(
        says(
            "I read the beds first, then I open the valves.",
            calls("read_file", path="beds.txt"),
            calls("search_files", pattern="plants", path="."),
            thinking="The script knows the valves. The list of beds says what is worth watering.",
        ),
        says("", calls("run_command", command="sh water.sh")),
        says(
            "| bed | litres |\n|---|---|\n| north | 6 |\n| east | 6 |\n| south | 6 |\n| west | 6 |"
        ),
    ),
)

FAILURES_AND_RETRIES = Scene(
    name="failures-and-retries",
    requests=("Move the kale to the east bed in beds.txt.",),
    files={"beds.txt": _BEDS},
    settings=('permissions.allow={edit_file=["*"]}',),
    replies=(
        {
            "error": {
                "category": "overloaded",
                "message": "The server is busy.",
                "retry_after_ms": 40,
            }
        },
        {"text": "I will look at the file bef", "cut_after_chars": 20},
        says("I look at the file.", calls("read_file", path="bed.txt")),
        {"tool_calls": [{"name": "read_file", "arguments": '{"path": "beds.txt"'}]},
        says("That call was not whole; once more.", calls("read_file", path="beds.txt")),
        says(
            "",
            calls("edit_file", path="beds.txt", old_text="east: bare", new_text="east: kale"),
        ),
        says(
            "The bed is called empty, not bare.",
            calls("edit_file", path="beds.txt", old_text="east: empty", new_text="east: kale"),
        ),
        says("Done: the east bed has the kale now."),
    ),
)

FEEDBACK_AND_INTERRUPT = Scene(
    name="feedback-and-interrupt",
    requests=("Check every bed for snails.", "Good. Note the snails in snails.md."),
    files={"beds.txt": _BEDS},
    settings=('permissions.allow={run_command=["*"], write_file=["*"]}',),
    acts=(
        Act(_runs("read_file"), _types("Only the north bed, please")),
        Act(_LISTING, _changes_mind),
        Act(_LISTING, _types("Then stop for today", Boundary.AFTER_RUN)),
        Act(
            lambda e: isinstance(e, ToolOutput) and "looking" in e.chunk,
            lambda session, _: session.interrupt(),
        ),
        Act(lambda e: isinstance(e, LoopEnd), lambda session, _: session.resume_queue()),
    ),
    replies=(
        says("I read the list of beds.", calls("read_file", path="beds.txt")),
        says("Only the north bed, then.", calls("list_directory", path=".")),
        says("", calls("run_command", command="echo looking; sleep 30")),
        says("I have stopped. Two snails in the north bed so far."),
        says("", calls("write_file", path="snails.md", content="# Snails\n\n- north: 2\n")),
        says("Noted."),
    ),
)

APPROVALS = Scene(
    name="approvals",
    requests=("Clean up the shed: note what is there, and throw the old seeds away.",),
    files={"shed/seeds-2019.txt": "beans\n", "shed/spade.txt": "one\n"},
    acts=(
        _answers(Decision.ALLOW),
        _answers(Decision.DENY, note="Keep them, I want to try whether they still sprout."),
        _answers(Decision.ALLOW, DecisionScope.SESSION),
    ),
    replies=(
        says("I look into the shed.", calls("list_directory", path="shed")),
        says(
            "I write down what is there.",
            calls(
                "write_file", path="shed/list.md", content="# Shed\n\n- seeds of 2019\n- a spade\n"
            ),
        ),
        says("", calls("run_command", command="rm shed/seeds-2019.txt")),
        says("I keep the seeds, and count them instead.", calls("run_command", command="ls shed")),
        says("", calls("run_command", command="ls shed")),
        says("The shed is listed in `shed/list.md`; the seeds of 2019 are still there."),
    ),
)

SUB_AGENT = Scene(
    name="sub-agent",
    requests=("Have an agent count the plants, then tell me the sum.",),
    files={"beds.txt": _BEDS},
    replies=(
        says(
            "I give the counting to an agent.",
            calls(
                "run_agent",
                task="Count the plants of all beds in beds.txt.",
                name="counter",
                tools=["read_file"],
            ),
        ),
        says("I read the beds.", calls("read_file", path="beds.txt")),
        says("12 beans and 30 kale: 42 plants."),
        says("There are **42** plants: 12 beans and 30 kale."),
    ),
)

COMPACTION = Scene(
    name="compaction",
    requests=(
        "When were the beans sown?",
        "And on how many days of the diary did it rain?",
    ),
    files={
        "sown.txt": "day 040: beans, two rows\nday 052: kale\n",
        "diary.txt": "".join(
            f"day {day:03}: {'rain' if day % 9 == 0 else 'watered'}\n" for day in range(1, 161)
        ),
    },
    settings=("loop.compact_threshold=900", 'loop.compaction={type="llm", keep_last=2}'),
    replies=(
        says("I look into the list.", calls("read_file", path="sown.txt")),
        says("The beans were sown on day 40, in two rows."),
        says("That is in the diary.", calls("read_file", path="diary.txt")),
        says("The gardener asked when the beans were sown: on day 40, in two rows (sown.txt)."),
        says("It rained on 17 of the 160 days."),
    ),
)

SKILLS_AND_TOOL_SEARCH = Scene(
    name="skills-and-tool-search",
    requests=("Does the south compost heap need turning or water?",),
    files={
        ".harn/skills/compost/SKILL.md": _COMPOST_SKILL,
        ".harn/tools/gauges.py": _GAUGES,
    },
    settings=("loop.tool_search=true",),
    replies=(
        says(
            "I need a gauge for that.",
            calls("__harn_tool_search", query="moisture of a compost heap"),
        ),
        says("", calls("moisture_of_heap", heap="south")),
        says("At 31 percent the south heap is too dry: water it, and do not turn it yet."),
    ),
)

SCENES = (
    LONG_TOOL_RUN,
    FAILURES_AND_RETRIES,
    FEEDBACK_AND_INTERRUPT,
    APPROVALS,
    SUB_AGENT,
    COMPACTION,
    SKILLS_AND_TOOL_SEARCH,
)
