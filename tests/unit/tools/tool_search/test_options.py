import pytest

from harn_tui.errors import ConfigError
from harn_tui.tools.tool_search.mode import ToolSearchMode, search_mode
from harn_tui.tools.tool_search.options import ToolSearchOptions, tool_search_options


def test_every_short_form_is_understood() -> None:
    assert tool_search_options(None) is None
    assert tool_search_options(False) is None
    assert tool_search_options(True) == ToolSearchOptions("bm25", "auto", "bm25")
    assert tool_search_options("regex") == ToolSearchOptions("regex", "auto", "regex")
    assert tool_search_options({}) == ToolSearchOptions()


def test_a_table_sets_everything() -> None:
    table = {
        "variant": "regex",
        "mode": "client",
        "strategy": "host",
        "always_loaded": ["a1"],
        "budget_tokens": 500,
        "name": "find_tools",
        "include_stub_listing": True,
    }
    options = tool_search_options(table)
    assert options == ToolSearchOptions("regex", "client", "host", ("a1",), 500, "find_tools", True)
    assert options.event_name == "tool_search_tool_regex"


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (3, "wrong value"),
        ("semantic", "bm25, regex"),
        ({"varaint": "bm25"}, "Did you mean `variant`"),
        ({"mode": "server"}, "auto, native, client"),
        ({"strategy": "magic"}, "semantic"),
        ({"always_loaded": "a1"}, "list of tool names"),
        ({"budget_tokens": 0}, "at least 1"),
        ({"budget_tokens": True}, "at least 1"),
        ({"budget_tokens": 1.5}, "at least 1"),
        ({"name": "two words"}, "letters"),
        ({"include_stub_listing": "yes"}, "true or false"),
    ],
)
def test_wrong_options_are_refused(value: object, part: str) -> None:
    with pytest.raises(ConfigError, match=part):
        tool_search_options(value)


def mode(
    wanted: str, *, exposes: bool = False, is_text: bool = False, is_forced: bool = False
) -> str:
    options = tool_search_options({"mode": wanted})
    assert options is not None
    return search_mode(
        options,
        model="some-model",
        exposes_native=exposes,
        is_native_tool_format=not is_text,
        is_forced=is_forced,
    ).value


def test_auto_means_native_where_the_server_searches_and_client_elsewhere() -> None:
    assert mode("auto", exposes=True) == "native"
    assert mode("auto") == "client"
    assert mode("auto", exposes=True, is_text=True) == "client"
    assert mode("client", exposes=True) == "client"
    assert mode("native", exposes=True) == "native"


def test_native_search_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not expose native") as caught:
        mode("native")
    assert "client" in (caught.value.hint or "")


def test_a_person_may_vouch_for_a_server() -> None:
    assert mode("native", is_forced=True) == mode("auto", is_forced=True) == "native"


def test_calls_written_as_text_exclude_native_search() -> None:
    with pytest.raises(ConfigError, match="text"):
        mode("native", exposes=True, is_text=True)
    assert ToolSearchMode(mode("auto", is_text=True, is_forced=True)) is ToolSearchMode.CLIENT
