"""The tool ``run_agent``: a task for a nested loop with a context of its own."""

from typing import TYPE_CHECKING

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.late_import import late_module
from harn_tui.loop.ambient import current_loop
from harn_tui.loop.sub_agents.agent_request import read_agent_request, short_name
from harn_tui.loop.sub_agents.child_config import RUN_AGENT_NAME
from harn_tui.tools.base import TimeKeeping, Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.readable import one_line

if TYPE_CHECKING:
    from harn_tui.loop.sub_agents import agent_run
else:
    agent_run = late_module("harn_tui.loop.sub_agents.agent_run")


async def _run(arguments: JsonObject, context: ToolContext) -> ToolResult:
    loop = current_loop()
    if loop is None:
        raise ToolError("An agent can be started from inside a loop only.")
    return await agent_run.AgentRun(loop, read_agent_request(arguments), context).run()


def _summarize(arguments: JsonObject) -> str:
    name, task = short_name(str(arguments.get("name") or "")), str(arguments.get("task", ""))
    return one_line(f"{name}: {task}" if name else task)


RUN_AGENT = Tool(
    name=RUN_AGENT_NAME,
    description=(
        "Give one task to an agent with a fresh context, and get its last message back. It has"
        " your tools and permissions, and sees nothing of this conversation: put everything it"
        " needs into the task, and say what to report. Good for a search or a check that would"
        " fill your own context. Several calls in one turn run at the same time."
    ),
    parameters={
        "type": "object",
        "properties": {
            "task": {
                "type": "string",
                "minLength": 1,
                "description": "What to do, with everything the agent needs to know.",
            },
            "name": {"type": "string", "description": "A name of one to four words for people."},
            "tools": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Names of the only tools it may use; all of yours when left out.",
            },
            "max_iterations": {
                "type": "integer",
                "minimum": 1,
                "description": "Most turns it may take.",
            },
        },
        "required": ["task"],
        "additionalProperties": False,
    },
    # What the nested loop does is judged call by call, so starting it needs no question.
    annotations=ToolAnnotations(ToolKind.THINK, "read_only", runs_beside_others=True),
    run=_run,
    summarize=_summarize,
    time_keeping=TimeKeeping.PEOPLE,
)
