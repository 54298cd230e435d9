import html
import json
import re

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    Delta,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallStarted,
    ToolSchema,
)
from harn_tui.providers.demo import DemoProvider
from harn_tui.providers.demo_tools import NOTES_FILE, readable_names

LISTING = "README.md\n.env\nsrc/\nsetup.py\nphoto.png\nuv.lock\ntoken.txt"
DENIAL = json.dumps({"error": "permission_denied", "reason": "The person said no."}, indent=2)


def tool(name: str, *parameters: str) -> ToolSchema:
    properties: JsonObject = {parameter: {"type": "string"} for parameter in parameters}
    return ToolSchema(name, name, {"type": "object", "properties": properties})


PLAN = ToolSchema(
    "update_plan",
    "plan",
    {
        "type": "object",
        "properties": {
            "steps": {
                "type": "array",
                "items": {"type": "object", "properties": {"content": {}, "status": {}}},
            }
        },
    },
)
TOOLS = (
    PLAN,
    tool("list_directory", "path"),
    tool("read_file", "path", "offset", "limit"),
    tool("search_files", "pattern", "path"),
    tool("write_file", "path", "content"),
    tool("run_command", "command", "timeout_s"),
)
RESULTS = {
    "update_plan": "{}",
    "list_directory": LISTING,
    "read_file": "1\t# Title\n2\ttext",
    "search_files": "setup.py:3: # TODO tidy",
    "write_file": f"wrote {NOTES_FILE}",
    "run_command": "demo step 1 of 5\nexit code 0",
}


class Conversation:
    """A loop in miniature: keeps the messages and answers calls with prepared results."""

    def __init__(
        self, tools: tuple[ToolSchema, ...] = TOOLS, results: dict[str, str] | None = None
    ) -> None:
        self.tools = tools
        self.results = {**RESULTS, **(results or {})}
        self.messages: list[JsonObject] = []
        self.turns: list[Completion] = []

    def say(self, content: str) -> None:
        self.messages.append({"role": "user", "content": content})

    def steer(self, line: str, kind: str = "user") -> None:
        wrapped = f'<runtime_feedback kind="{kind}">\n{html.escape(line)}\n</runtime_feedback>'
        self.messages.append({"role": "user", "content": wrapped, "feedback_id": "f"})

    async def turn(self) -> Completion:
        request = CompletionRequest("demo", tuple(self.messages), system="s", tools=self.tools)
        reply = await DemoProvider(pace_s=0).complete(request, lambda _delta: None)
        self.turns.append(reply)
        calls: list[JsonObject] = [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for call in reply.tool_calls
        ]
        self.messages.append(
            {"role": "assistant", "content": reply.text, "tool_calls": list(calls)}
        )
        for call in reply.tool_calls:
            self.messages.append(
                {
                    "role": "tool",
                    "tool_call_id": call.id,
                    "tool_name": call.name,
                    "content": self.results[call.name],
                }
            )
        return reply

    async def run(self) -> Completion:
        """Turns until one makes no calls; more than ten would be a demo that never ends."""
        for _ in range(10):
            reply = await self.turn()
            if not reply.tool_calls:
                return reply
        raise AssertionError("the demo does not come to an end")

    def called(self) -> list[str]:
        return [call.name for turn in self.turns for call in turn.tool_calls]

    def arguments_of(self, name: str) -> list[JsonObject]:
        return [
            call.arguments or {}
            for turn in self.turns
            for call in turn.tool_calls
            if call.name == name
        ]


async def test_the_tour_visits_every_tool_and_ends_in_a_summary() -> None:
    talk = Conversation()
    talk.say("Please fix my bug")
    last = await talk.run()
    others = [name for name in talk.called() if name != "update_plan"]
    assert others == [
        "list_directory",
        "read_file",
        "read_file",
        "search_files",
        "write_file",
        "run_command",
    ]
    assert re.search(r"^## ", last.text, re.MULTILINE)
    assert re.search(r"^- ", last.text, re.MULTILINE)
    assert re.search(r"^\| --- \| --- \|$", last.text, re.MULTILINE)
    assert "```sh" in last.text
    assert last.stop_reason == "stop"


async def test_the_first_text_says_that_this_is_no_model() -> None:
    talk = Conversation()
    talk.say("Hello")
    first = await talk.turn()
    assert "scripted stand-in, not a language model" in first.text.split("\n")[0]
    assert first.thinking
    assert "Hello" in first.text
    second = await talk.turn()
    assert "scripted stand-in" not in second.text


async def test_it_reads_what_the_listing_really_holds_and_nothing_secret() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    assert talk.arguments_of("read_file") == [{"path": "README.md"}, {"path": "setup.py"}]
    notes = talk.arguments_of("write_file")[0]
    assert notes["path"] == NOTES_FILE
    assert "photo.png" in str(notes["content"])


def test_hidden_locked_and_secret_files_are_never_picked_for_reading() -> None:
    entries = (".env.md", "poetry.lock", "my-secrets.txt", "tokens.json", "a/", "b.txt", NOTES_FILE)
    assert readable_names(entries, 9) == ["b.txt"]


async def test_independent_calls_are_made_in_one_turn() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    together = [call.name for call in talk.turns[1].tool_calls]
    assert together == ["update_plan", "read_file", "read_file", "search_files"]


async def test_the_plan_moves_on_and_is_closed() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    statuses = [
        [step["status"] for step in plan["steps"]]  # type: ignore[union-attr,index,call-overload]
        for plan in talk.arguments_of("update_plan")
    ]
    assert statuses[0] == ["in_progress", "pending", "pending", "pending", "pending"]
    assert statuses[-1] == ["completed"] * 5
    assert len(statuses) == len({tuple(row) for row in statuses})


async def test_call_ids_never_repeat_within_a_conversation() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    talk.say("again please")
    await talk.run()
    ids = [call.id for turn in talk.turns for call in turn.tool_calls]
    assert len(ids) == len(set(ids)) > 12


async def test_a_steered_line_is_answered_in_the_next_text_and_only_there() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.turn()
    talk.steer('use <b> & "quotes"')
    steered = await talk.turn()
    assert steered.text.startswith('**You steered me:** “use <b> & "quotes"”.')
    following = await talk.turn()
    assert "You steered me" not in following.text


async def test_several_steered_lines_are_all_answered() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.turn()
    talk.steer("first")
    talk.steer("second")
    text = (await talk.turn()).text
    assert "“first”" in text
    assert "“second”" in text


async def test_feedback_of_the_runtime_is_not_taken_for_the_persons_words() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.turn()
    talk.steer("you must continue", kind="nudge")
    reply = await talk.turn()
    assert "You steered me" not in reply.text
    assert reply.tool_calls


async def test_steering_to_stop_ends_the_tour_with_its_summary() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.turn()
    talk.steer("stop, that is enough")
    last = await talk.run()
    assert "write_file" not in talk.called()
    assert "run_command" not in talk.called()
    assert "you steered me: “stop, that is enough”" in last.text


@pytest.mark.parametrize(
    ("line", "left_out"),
    [("don't write any file", "write_file"), ("skip the command please", "run_command")],
)
async def test_steering_against_one_station_leaves_it_out(line: str, left_out: str) -> None:
    talk = Conversation()
    talk.say("go")
    await talk.turn()
    talk.steer(line)
    await talk.run()
    assert left_out not in talk.called()
    assert {"write_file", "run_command"} - {left_out} < set(talk.called())


async def test_a_line_that_comes_after_the_summary_is_still_answered() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    talk.steer("one more thing")
    reply = await talk.turn()
    assert "You steered me:** “one more thing”" in reply.text
    assert not reply.tool_calls


@pytest.mark.parametrize("denied", ["list_directory", "write_file", "run_command"])
async def test_a_denied_tool_is_noticed_said_and_not_asked_for_again(denied: str) -> None:
    talk = Conversation(results={denied: DENIAL})
    talk.say("go")
    last = await talk.run()
    assert talk.called().count(denied) == 1
    assert any(f"You denied `{denied}`" in turn.text for turn in talk.turns)
    assert f"| `{denied}` | denied, not run |" in last.text


async def test_output_that_mentions_a_denial_far_down_is_no_denial() -> None:
    output = "demo step 1 of 5\n" * 40 + "ls: Permission denied"
    talk = Conversation(results={"run_command": output})
    talk.say("go")
    await talk.run()
    assert not any("You denied" in turn.text for turn in talk.turns)


async def test_a_file_that_speaks_of_denials_is_not_taken_for_one() -> None:
    talk = Conversation(results={"read_file": "1\t# Access denied\n2\t```\n3\t`````"})
    talk.say("go")
    await talk.run()
    talk.say("show README.md")
    reply = await talk.run()
    assert not any("You denied" in turn.text for turn in talk.turns)
    assert reply.text.endswith("\n``````")


async def test_a_read_that_the_policy_refuses_is_a_denial() -> None:
    talk = Conversation(results={"read_file": DENIAL})
    talk.say("go")
    assert "| `read_file` | denied, not run |" in (await talk.run()).text


@pytest.mark.parametrize("missing", [tool.name for tool in TOOLS])
async def test_a_tool_that_is_not_offered_is_never_called(missing: str) -> None:
    offered = tuple(tool for tool in TOOLS if tool.name != missing)
    talk = Conversation(offered)
    talk.say("go")
    last = await talk.run()
    assert missing not in talk.called()
    assert "## What just happened" in last.text


async def test_without_any_tools_it_only_talks() -> None:
    talk = Conversation(())
    talk.say("Hello there")
    reply = await talk.run()
    assert len(talk.turns) == 1
    assert "stand-in" in reply.text
    assert "Hello there" in reply.text


async def test_with_only_unknown_tools_it_calls_nothing() -> None:
    talk = Conversation((tool("launch_rocket"),))
    talk.say("go")
    await talk.run()
    assert talk.called() == []


async def test_a_file_named_in_a_follow_up_is_read_and_reported() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    talk.turns.clear()
    talk.say("what is in setup.py?")
    reply = await talk.run()
    assert talk.arguments_of("read_file") == [{"path": "setup.py"}]
    assert "2 lines" in reply.text
    assert "# Title" in reply.text


async def test_a_short_follow_up_gets_a_short_answer() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    talk.say("thanks!")
    reply = await talk.turn()
    assert reply.tool_calls == ()
    assert "“thanks!”" in reply.text


async def test_an_interruption_is_noticed() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.turn()
    talk.messages[-1]["interrupted"] = True
    talk.messages.append({"role": "assistant", "content": "half", "interrupted": True})
    talk.say("wait")
    assert "You interrupted me" in (await talk.turn()).text


async def test_a_tour_can_be_asked_for_again() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    talk.turns.clear()
    talk.say("tour")
    await talk.run()
    assert "run_command" in talk.called()


async def test_arguments_follow_the_names_of_the_offered_schema() -> None:
    other = (
        tool("list_directory", "directory"),
        tool("search_files", "query"),
        tool("run_command", "cmd"),
    )
    talk = Conversation(other)
    talk.say("go")
    await talk.run()
    assert talk.arguments_of("list_directory") == [{"directory": "."}]
    assert talk.arguments_of("search_files") == [{"query": "TODO"}]
    assert list(talk.arguments_of("run_command")[0]) == ["cmd"]


async def test_the_deltas_add_up_and_come_in_pieces_of_readable_size() -> None:
    deltas: list[Delta] = []
    request = CompletionRequest("demo", ({"role": "user", "content": "go"},), tools=TOOLS)
    reply = await DemoProvider(pace_s=0).complete(request, deltas.append)
    texts = [delta.text for delta in deltas if isinstance(delta, TextDelta)]
    assert deltas[0] == Accepted()
    assert "".join(texts) == reply.text
    assert "".join(d.text for d in deltas if isinstance(d, ThoughtDelta)) == reply.thinking
    assert all(60 <= len(text) <= 100 for text in texts[:-1])
    for index, call in enumerate(reply.tool_calls):
        assert ToolCallStarted(index, call.id, call.name) in deltas
        fragments = [
            delta.fragment
            for delta in deltas
            if isinstance(delta, ToolArgumentsDelta) and delta.index == index
        ]
        assert json.loads("".join(fragments)) == call.arguments


async def test_the_same_conversation_gives_the_same_turn() -> None:
    request = CompletionRequest("demo", ({"role": "user", "content": "go"},), tools=TOOLS)
    provider = DemoProvider(pace_s=0)
    first = await provider.complete(request, lambda _delta: None)
    assert await provider.complete(request, lambda _delta: None) == first
    await provider.aclose()


async def test_usage_grows_with_the_conversation() -> None:
    talk = Conversation()
    talk.say("go")
    await talk.run()
    inputs = [turn.usage.input_tokens for turn in talk.turns if turn.usage]
    assert inputs == sorted(set(inputs))
    assert all(turn.usage and turn.usage.output_tokens > 0 for turn in talk.turns)


async def test_a_done_sentinel_that_the_system_prompt_asks_for_ends_the_last_text() -> None:
    request = CompletionRequest(
        "demo", ({"role": "user", "content": "hi"},), system="End with ##DONE##."
    )
    reply = await DemoProvider(pace_s=0).complete(request, lambda _delta: None)
    assert reply.text.endswith("\n\n##DONE##")
