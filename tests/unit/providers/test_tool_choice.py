import pytest

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.tool_choice import ToolChoice, read_tool_choice


@pytest.mark.parametrize(
    ("value", "choice"),
    [
        ("auto", ToolChoice("auto")),
        ("required", ToolChoice("required")),
        ("any", ToolChoice("required")),
        ("none", ToolChoice("none")),
        ("read_file", ToolChoice("named", "read_file")),
        ({"type": "any"}, ToolChoice("required")),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice("auto")),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "tool", "name": "a"}, ToolChoice("named", "a")),
        ({"type": "function", "name": "a"}, ToolChoice("named", "a")),
        ({"type": "function", "function": {"name": "a"}}, ToolChoice("named", "a")),
    ],
)
def test_loop_7_7_a_choice_is_read_in_every_servers_form(
    value: str | JsonObject, choice: ToolChoice
) -> None:
    assert read_tool_choice(value) == choice


def test_only_what_makes_the_model_call_is_forced() -> None:
    assert [read_tool_choice(v).is_forced for v in ("auto", "none", "required", "x")] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "value", [{}, {"type": "function"}, {"type": "tool", "name": 3}, {"type": "sometimes"}]
)
def test_an_object_that_means_nothing_is_refused_before_it_is_sent(value: JsonObject) -> None:
    with pytest.raises(ProviderError) as caught:
        read_tool_choice(value)
    assert caught.value.category is ProviderErrorCategory.INVALID_REQUEST
    assert "loop.tool_choice" in str(caught.value)
