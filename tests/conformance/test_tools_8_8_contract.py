"""The prompt that teaches a tool format: tools 8.8 and 9.12, loop 9.4, corrected by 10.18."""

import pytest

from harn_tui.tagged_text.contract import ContractTool, tool_contract

EDIT = ContractTool(
    "edit",
    "Changes a file.\nCareful.",
    {
        "type": "object",
        "properties": {
            "dry_run": {"type": "boolean", "default": False, "examples": [True]},
            "action": {"type": "string", "enum": ["create", "patch"], "description": "What to do."},
            "path": {"$ref": "#/$defs/FilePath"},
        },
        "required": ["action", "path"],
        "$defs": {"FilePath": {"type": "string"}},
    },
)
EVERY_TAG = ("<tool_call>", "<assistant_prose>", "<user_response>", "<done>")


def contract(
    tool_format: str = "text",
    sentinel: str | None = "##DONE##",
    *,
    examples: str | None = None,
    ledger: bool = False,
    gate: bool = False,
) -> str:
    return tool_contract(
        [EDIT],
        tool_format=tool_format,
        done_sentinel=sentinel,
        tool_examples=examples,
        is_ledger_active=ledger,
        must_act_or_yield=gate,
    )


@pytest.mark.parametrize("tool_format", ["native", "text", "json", "anything"])
def test_tools_8_8_it_begins_with_its_heading_and_names_the_mode(tool_format: str) -> None:
    text = contract(tool_format)
    assert text.startswith("## Tool Calling Contract\n")
    assert f"`{tool_format}`" in text.splitlines()[2]


def test_tools_9_12_the_signature_has_literals_order_and_comments() -> None:
    text = contract()
    assert (
        "/**\n * Changes a file.\n * Careful.\n */\n"
        "declare function edit(args: {\n"
        '  action: "create" | "patch"; // required. What to do\n'
        "  path: FilePath; // required\n"
        "  dry_run?: boolean; // optional. Default: false. Examples: true\n"
        "}): string;"
    ) in text
    assert "type FilePath = string;" in text


def test_tools_9_12_text_mode_documents_every_tag_the_call_and_the_heredoc() -> None:
    text = contract()
    assert "## Response protocol" in text
    for tag in EVERY_TAG:
        assert tag in text
    assert "name({ key: value })" in text
    assert "<<EOF" in text


@pytest.mark.parametrize("tool_format", ["json", "tagged"])
def test_tools_8_1_every_format_but_native_is_the_text_protocol(tool_format: str) -> None:
    assert contract(tool_format).split("\n", 3)[3] == contract("text").split("\n", 3)[3]


def test_tools_9_12_native_mode_has_channel_and_gate_and_nothing_of_the_text_protocol() -> None:
    text = contract("native", gate=True, examples="read({})")
    assert "provider's own tool channel" in text
    assert "## Action gate" in text
    for absent in ("<tool_call>", "<done>", "## Response protocol", "declare function", "read({})"):
        assert absent not in text
    assert "ledger" not in text
    assert text.count("##DONE##") == 1


def test_tools_9_12_examples_stand_before_the_tools_or_not_at_all() -> None:
    text = contract(examples="  read({})\n")
    assert "## Tool call examples\n\nread({})\n" in text
    assert text.index("## Tool call examples") < text.index("## Available tools")
    for blank in (None, "", "  \n"):
        assert "## Tool call examples" not in contract(examples=blank)


def test_tools_9_12_the_action_gate_stands_before_the_examples() -> None:
    text = contract(gate=True, examples="read({})")
    assert text.index("## Action gate") < text.index("## Tool call examples")
    assert "## Action gate" not in contract()


@pytest.mark.parametrize("tool_format", ["native", "text"])
def test_tools_9_12_the_ledger_is_explained_only_when_there_is_one(tool_format: str) -> None:
    text = contract(tool_format, ledger=True)
    assert "## Task ledger" in text
    assert "only ids that the ledger shows" in text
    assert "## Task ledger" not in contract(tool_format)
    if tool_format == "native":
        assert "<tool_call>" not in text


@pytest.mark.parametrize("tool_format", ["native", "text"])
def test_loop_10_18_the_configured_sentinel_is_taught_and_the_default_is_not(
    tool_format: str,
) -> None:
    text = contract(tool_format, "ALL_GOOD")
    assert "ALL_GOOD" in text
    assert "##DONE##" not in text


@pytest.mark.parametrize("tool_format", ["native", "text"])
def test_loop_9_4_completion_is_not_advertised_when_it_is_not_allowed(tool_format: str) -> None:
    text = contract(tool_format, None, gate=True)
    assert "<done>" not in text
    assert "complete, write" not in text
    assert "completion marker" not in text
