"""One MCP server, from its start to its end, against the stand-in."""

import asyncio
import json
from pathlib import Path

import pytest

from harn_tui.kinds import ToolErrorCategory
from harn_tui.logs import REDACTED
from harn_tui.tools.mcp.host.message_lines import MOST_MESSAGE_BYTES
from harn_tui.tools.mcp.host_words import HostEvent
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.mcp.settings import McpServerSettings
from tests.support.mcp_stand_in import TOOLS
from tests.support.waiting import wait_until
from tests.unit.tools.mcp.conftest import Connect, Watched, stand_in
from tests.unit.tools.processes import child_processes, is_running, open_descriptors, wait_for_file


async def failure_of(watched: Watched, tool: str) -> McpServerError:
    with pytest.raises(McpServerError) as caught:
        await watched.call(tool)
    return caught.value


async def test_a_server_is_listed_and_answers(connect: Connect) -> None:
    server = await connect(stand_in())
    assert server.names() == list(TOOLS)
    assert await server.text("echo", note="hi") == '{"note": "hi"}'
    assert list(server.listings) == [HostEvent.TOOLS]


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_tools_odd_38_every_page_of_a_list_is_read(connect: Connect, size: int) -> None:
    server = await connect(stand_in("--page-size", str(size)))
    assert server.names() == list(TOOLS)


async def test_a_list_without_a_last_page_ends_when_it_repeats_itself(connect: Connect) -> None:
    server = await connect(stand_in("--endless"))
    assert server.names() == list(TOOLS)
    assert "several tools under one name" in server.listings[HostEvent.TOOLS][0].remarks[0]


async def test_tools_odd_38_several_requests_are_under_way_at_a_time(connect: Connect) -> None:
    server = await connect(stand_in())
    texts = await asyncio.gather(server.text("meet"), server.text("meet"))
    assert set(texts) == {"met"}


async def test_resources_and_prompts_are_listed_and_read(connect: Connect) -> None:
    server = await connect(stand_in("--extras", "the text"))
    (resource,) = server.listings[HostEvent.RESOURCES][0].offers
    assert (resource["server"], resource["uri"]) == ("stand-in", "note://readme")
    assert await server.connection.read_resource("note://readme") == {"text": "the text"}
    (prompt,) = server.listings[HostEvent.PROMPTS][0].offers
    assert prompt["name"] == "greet"
    assert await server.connection.get_prompt("greet", {"who": "Ada"}) == {"text": "Greet Ada."}


async def test_a_tool_that_fails_says_so_in_its_answer(connect: Connect) -> None:
    answer = await (await connect(stand_in())).call("fail")
    assert (answer["text"], answer["is_error"]) == ("it did not work", True)


@pytest.mark.parametrize(
    ("tool", "words"), [("refuse", "-32602: not like that"), ("nonsense", "does not allow")]
)
async def test_tools_2_2_an_answer_against_the_protocol_is_a_server_error(
    connect: Connect, tool: str, words: str
) -> None:
    server = await connect(stand_in())
    failure = await failure_of(server, tool)
    assert words in failure.message
    assert failure.category is ToolErrorCategory.MCP_SERVER_ERROR
    assert await server.text("echo") == "{}"


async def test_a_server_that_dies_in_the_middle_of_a_call_is_told_with_its_last_words(
    connect: Connect,
) -> None:
    server = await connect(stand_in())
    failure = await failure_of(server, "die")
    assert failure.message == "it ended with exit code 3: going down"
    assert failure.category is ToolErrorCategory.MCP_SERVER_ERROR
    assert not failure.may_repeat
    assert await server.ended() == failure.message
    later = await failure_of(server, "echo")
    assert later.may_repeat
    assert later.message == failure.message


async def test_a_server_that_dies_while_nobody_asks_is_noticed(
    connect: Connect, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    server = await connect(stand_in("--pid-file", str(pid_file)))
    process = await asyncio.create_subprocess_exec("kill", "-9", pid_file.read_text())
    await process.wait()
    assert await server.ended() == "it ended with SIGKILL"
    assert len(server.endings) == 1


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (stand_in("--die-at-start"), "it ended with exit code 1: no good reason"),
        (McpServerSettings("x", ("/no/such/program",)), "there is no program /no/such/program"),
        (McpServerSettings("x", ("true",), cwd=Path("/no/such")), "there is no folder /no/such"),
        (McpServerSettings("x", ("true",)), "it ended with exit code 0"),
        (McpServerSettings("x", ("/",)), "/ cannot be run: "),
    ],
)
async def test_a_server_that_cannot_start_says_why(
    connect: Connect, settings: McpServerSettings, reason: str
) -> None:
    with pytest.raises(McpServerError) as caught:
        await connect(settings)
    assert caught.value.message.startswith(reason)


async def test_a_server_that_starts_slowly_is_waited_for(connect: Connect, tmp_path: Path) -> None:
    go, pid_file = tmp_path / "go", tmp_path / "pid"
    starting = asyncio.ensure_future(
        connect(stand_in("--wait-for", str(go), "--pid-file", str(pid_file)))
    )
    await wait_for_file(pid_file)
    assert not starting.done()
    go.touch()
    assert (await starting).names() == list(TOOLS)


async def test_a_server_that_starts_too_slowly_is_ended(connect: Connect, tmp_path: Path) -> None:
    before = child_processes()
    settings = stand_in("--wait-for", str(tmp_path / "never"), start_timeout_s=0.3)
    with pytest.raises(McpServerError, match=r"not ready within 0\.3 s.*start_timeout_s"):
        await connect(settings)
    assert child_processes() == before


async def test_a_start_that_is_cancelled_leaves_nothing(connect: Connect, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    options = ("--wait-for", str(tmp_path / "never"), "--pid-file", str(pid_file))
    starting = asyncio.ensure_future(connect(stand_in(*options)))
    pid = int(await wait_for_file(pid_file))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not is_running(pid)


async def test_tools_2_6_a_cancelled_call_is_cancelled_at_the_server(connect: Connect) -> None:
    server = await connect(stand_in())
    call = asyncio.create_task(server.call("hang"))
    assert await server.text("echo") == "{}"  # by then the server has the first call as well
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(json.loads(await server.text("cancelled"))) == 1


async def test_tools_2_6_a_call_that_takes_too_long_times_out_and_is_cancelled(
    connect: Connect,
) -> None:
    server = await connect(stand_in(call_timeout_s=1))
    failure = await failure_of(server, "hang")
    assert failure.category is ToolErrorCategory.TIMEOUT
    assert "within 1 s" in failure.message
    assert "call_timeout_s" in failure.message
    assert len(json.loads(await server.text("cancelled"))) == 1


async def test_a_server_that_reads_no_more_is_given_up_and_ended(
    connect: Connect, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    server = await connect(stand_in("--pid-file", str(pid_file), call_timeout_s=0.2))
    for arguments in ({}, {"note": "x" * 1_000_000}):
        with pytest.raises(McpServerError) as caught:
            await server.call("freeze", **arguments)
        assert caught.value.category is ToolErrorCategory.TIMEOUT
    await server.connection.close()
    assert not is_running(int(pid_file.read_text()))


async def test_progress_is_passed_on(connect: Connect) -> None:
    server = await connect(stand_in())
    assert await server.text("progress") == "done"
    assert server.progress == ["1/2 halfway"]


async def test_garbage_between_the_messages_is_dropped(connect: Connect) -> None:
    server = await connect(stand_in())
    assert await server.text("garbage") == "still here"
    assert await server.text("echo") == "{}"


async def test_a_flood_of_errors_and_garbage_is_survived(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server = await connect(stand_in())
    assert await server.text("flood", bytes=20_000_000) == "still here"
    assert sum(len(record.getMessage()) for record in caplog.records) < 300_000


async def test_of_a_large_answer_both_ends_are_kept(connect: Connect) -> None:
    text = await (await connect(stand_in())).text("big", bytes=10_000_000)
    assert 2_000_000 < len(text) < 2_100_000
    assert "bytes cut from the middle" in text


async def test_an_answer_of_very_many_parts_arrives_whole(connect: Connect) -> None:
    text = await (await connect(stand_in())).text("small_parts", count=50_000)
    assert text == "\n".join(["part"] * 50_000)


async def test_an_answer_that_is_too_large_to_keep_is_refused_and_the_server_goes_on(
    connect: Connect,
) -> None:
    server = await connect(stand_in())
    with pytest.raises(McpServerError, match="more than 16 MiB; ask for less"):
        await server.call("big", bytes=MOST_MESSAGE_BYTES + 1)
    assert await server.text("echo") == "{}"


async def test_a_changed_list_is_read_again(connect: Connect) -> None:
    server = await connect(stand_in())
    assert await server.text("grow", name="new one") == "grown"
    await wait_until(lambda: len(server.listings[HostEvent.TOOLS]) == 2, what="a second listing")
    assert server.names() == [*TOOLS, "new one"]


async def test_a_list_that_changes_at_every_look_does_not_keep_us_busy(connect: Connect) -> None:
    clock = asyncio.get_running_loop().time
    started = clock()
    server = await connect(stand_in("--restless"))
    for _ in range(50):
        await server.text("echo")
    assert len(server.listings[HostEvent.TOOLS]) <= 3 + 2 * (clock() - started)


async def test_only_the_enabled_tools_are_offered_and_a_wrong_name_is_told(
    connect: Connect,
) -> None:
    server = await connect(stand_in(enabled_tools=("env", "ecko", "echo")))
    assert server.names() == ["env", "echo"]
    (remark,) = server.listings[HostEvent.TOOLS][0].remarks
    assert "'ecko'" in remark
    assert "did you mean echo?" in remark


async def test_a_tool_without_a_name_is_left_out(connect: Connect) -> None:
    server = await connect(stand_in("--tools", '["", "echo"]'))
    assert server.names() == ["echo"]
    assert "without a name" in server.listings[HostEvent.TOOLS][0].remarks[0]


async def test_more_tools_than_a_model_can_be_told_of_are_left_out(connect: Connect) -> None:
    names = json.dumps([f"{number:05}{'x' * 60}" for number in range(1500)])
    server = await connect(stand_in("--tools", names))
    assert 500 < len(server.names()) < 1300
    (remark,) = server.listings[HostEvent.TOOLS][0].remarks
    assert f"{1500 - len(server.names())} of its tools are left out" in remark
    assert "enabled_tools" in remark


async def test_a_server_gets_a_harmless_few_variables_and_the_configured_ones(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOMETHING_ELSE", "not for servers")
    server = await connect(stand_in(env={"STAND_IN_MODE": "quiet"}))
    variables = json.loads(await server.text("env"))
    assert variables["STAND_IN_MODE"] == "quiet"
    assert "PATH" in variables
    assert "SOMETHING_ELSE" not in variables


async def test_a_secret_that_a_server_was_given_never_comes_back(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server = await connect(stand_in(env={"STAND_IN_TOKEN": "abc-123-secret"}))
    text = await server.text("env")
    assert "abc-123-secret" not in text + caplog.text
    assert REDACTED in text


async def test_tools_odd_38_closing_ends_a_server_and_all_that_it_started(
    connect: Connect, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    before = open_descriptors()
    server = await connect(stand_in("--pid-file", str(pid_file)))
    child = int(await server.text("spawn"))
    await server.connection.close()
    assert not is_running(int(pid_file.read_text()))
    assert not is_running(child)
    assert server.endings == []
    assert open_descriptors() == before


async def test_a_server_that_ignores_every_request_to_end_is_killed(
    connect: Connect, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    server = await connect(stand_in("--stubborn", "--pid-file", str(pid_file)))
    await server.connection.close()
    assert not is_running(int(pid_file.read_text()))


async def test_a_call_under_way_fails_when_the_connection_is_closed(connect: Connect) -> None:
    server = await connect(stand_in())
    call = asyncio.create_task(server.call("hang"))
    await server.text("echo")
    await server.connection.close()
    with pytest.raises(McpServerError):
        await call
