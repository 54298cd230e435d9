"""read_output: pages of a kept output, and the lines of it that match."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import OutputStream, ToolErrorCategory
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.base import ToolResult
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.output_capture import INLINE_BYTES
from harn_tui.tools.read_output import MAX_LIMIT, read_output_tool
from harn_tui.tools.run_command import run_command_tool
from harn_tui.tools.running_command import CommandServices
from tests.unit.tools.conftest import Workspace

LINES = b"".join(b"line %d of many\n" % number for number in range(10_000))


async def read(workspace: Workspace, data: bytes, **arguments: JsonValue) -> ToolResult:
    blobs = OutputBlobs(workspace.outside)
    tool = read_output_tool(blobs)
    given = {"handle": blobs.store(data).handle, **arguments}
    return await tool.run(validate_arguments(tool, given), workspace.context)


async def test_pages_follow_each_other_without_a_gap(workspace: Workspace) -> None:
    first = await read(workspace, LINES)
    assert first.text.startswith("line 0 of many\n")
    assert f"of {len(LINES):,}; continue with offset=16000]" in first.text
    second = await read(workspace, LINES, offset=16_000, limit=20)
    assert second.text.startswith(LINES[16_000:16_020].decode())
    assert second.details["first_byte"] == 16_000
    assert second.details["end_byte"] == 16_020


async def test_the_last_page_says_that_it_is_the_last(workspace: Workspace) -> None:
    start, end = f"{len(LINES) - 18:,}", f"{len(LINES):,}"
    result = await read(workspace, LINES, offset=len(LINES) - 18)
    assert result.text == f"line 9999 of many\n[bytes {start} to {end} of {end}; this is the end]"


async def test_an_offset_behind_the_end_names_the_size(workspace: Workspace) -> None:
    with pytest.raises(ToolError, match=r"has only 5 bytes.*below 5"):
        await read(workspace, b"12345", offset=5)


async def test_an_empty_output_can_be_read(workspace: Workspace) -> None:
    assert (await read(workspace, b"")).text == "[bytes 0 to 0 of 0; this is the end]"


async def test_bytes_that_are_no_text_are_shown_as_such(workspace: Workspace) -> None:
    result = await read(workspace, b"a\x00b\xff\x1b[31m")
    assert result.text.startswith("a\u2400b\ufffd\x1b[31m\n[bytes 0 to 9")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="aäß€😀\n", min_size=1, max_size=200))
async def test_whatever_the_cuts_characters_stay_whole(workspace: Workspace, text: str) -> None:
    data = text.encode()
    whole = ""
    offset = 0
    while offset < len(data):
        page = await read(workspace, data, offset=offset, limit=16)
        assert page.details["first_byte"] == offset
        end = page.details["end_byte"]
        assert isinstance(end, int)
        whole += data[offset:end].decode("utf-8", "strict")
        assert end > offset
        offset = end
    assert whole == text


async def test_a_pattern_finds_lines_with_the_offset_to_read_on_from(workspace: Workspace) -> None:
    result = await read(workspace, LINES, pattern=r"line 123\d of")
    lines = result.text.splitlines()
    assert len(lines) == 10
    word, offset, text = lines[0].split(":")
    assert (word, text) == ("byte", " line 1230 of many")
    assert (await read(workspace, LINES, offset=int(offset), limit=17)).text.startswith(text[1:])
    later = await read(workspace, LINES, pattern=r"line 123\d of", offset=int(offset) + 1)
    assert later.details == {"matches": 9}


async def test_too_many_matches_are_cut_with_a_note(workspace: Workspace) -> None:
    result = await read(workspace, LINES, pattern="line")
    assert result.details == {"matches": 100}
    assert result.text.endswith("[more matches not shown after the first 100; raise offset]")


async def test_no_match_and_a_wrong_pattern_are_told_apart(workspace: Workspace) -> None:
    assert (await read(workspace, LINES, pattern="absent")).text == "No line matches 'absent'."
    for pattern in ("(", "a\x00b", "x" * 6000, "\ud800"):
        with pytest.raises(ToolError, match="pattern") as caught:
            await read(workspace, LINES, pattern=pattern)
        assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_a_handle_of_nothing_is_an_error_for_the_model(workspace: Workspace) -> None:
    tool = read_output_tool(OutputBlobs(workspace.outside))
    with pytest.raises(ToolError, match="no kept output with the handle 00000000"):
        await tool.run({"handle": "00000000"}, workspace.context)


async def test_limits_are_kept_to_whatever_is_asked_for(workspace: Workspace) -> None:
    tool = read_output_tool(OutputBlobs(workspace.outside))
    arguments: JsonObject = {"handle": "x", "limit": MAX_LIMIT + 1}
    with pytest.raises(ToolError, match="limit"):
        validate_arguments(tool, arguments)


async def test_what_a_command_printed_too_much_of_can_be_read_on(workspace: Workspace) -> None:
    blobs = OutputBlobs(workspace.outside)
    command = run_command_tool(CommandServices(blobs=blobs))
    result = await command.run({"command": "seq 1 20000; echo done >&2"}, workspace.context)
    handle = result.details["output_handle"]
    assert f'read_output with handle "{handle}"' in result.text
    assert result.text.endswith("exit_code=0")
    assert len(result.text) < INLINE_BYTES + 500
    page = await read_output_tool(blobs).run(
        {"handle": handle, "pattern": "^(10000|done)$"}, workspace.context
    )
    assert page.text == "byte:48888: 10000\nbyte:108894: done"


async def test_a_command_that_was_broken_off_leaves_no_blob(workspace: Workspace) -> None:
    def fail(_text: str, _stream: OutputStream) -> None:
        raise RuntimeError("the screen is gone")

    blobs = OutputBlobs(workspace.outside)
    command = run_command_tool(CommandServices(blobs=blobs))
    context = replace(workspace.context, on_output=fail)
    with pytest.raises(RuntimeError, match="the screen is gone"):
        await command.run({"command": "seq 1 200000; sleep 1000"}, context)
    assert list(workspace.outside.iterdir()) == []
