import pytest

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.endpoint import endpoint_below, usable_key
from tests.unit.providers.wire import settings_of


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("http://localhost:8080", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/v1/", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/v1/chat/completions", "http://localhost:8080/v1/chat/completions"),
        ("https://openrouter.ai/api", "https://openrouter.ai/api/v1/chat/completions"),
        ("https://x.test/api/paas/v4", "https://x.test/api/paas/v4/chat/completions"),
        ("https://g.test/v1beta/openai/", "https://g.test/v1beta/openai/chat/completions"),
        ("https://a.test/v1?key=1", "https://a.test/v1/chat/completions?key=1"),
        (" http://[::1]:8080/v1 ", "http://[::1]:8080/v1/chat/completions"),
    ],
)
def test_a_base_url_is_taken_with_or_without_its_version(base_url: str, url: str) -> None:
    assert endpoint_below(base_url, "chat/completions", "api.openai.com").url == url


def test_the_shown_address_has_no_user_password_or_query() -> None:
    endpoint = endpoint_below("https://me:pw@h.test:444/v1?key=pw", "messages", "x")
    assert endpoint.host == "h.test:444"
    assert endpoint.url_shown == "https://h.test:444/v1/messages"
    assert "pw" not in endpoint.host + endpoint.url_shown


def test_only_the_vendors_own_host_counts_as_official() -> None:
    for base_url, official in {
        "https://api.openai.com/v1": True,
        "https://API.OPENAI.COM": True,
        "https://api.openai.com.evil.test/v1": False,
        "http://localhost:1/api.openai.com": False,
    }.items():
        found = endpoint_below(base_url, "responses", "api.openai.com")
        assert found.is_official is official, base_url


def test_a_custom_server_needs_no_key() -> None:
    endpoint = endpoint_below("http://localhost:1", "messages", "api.anthropic.com")
    assert usable_key(settings_of("anthropic"), endpoint, "ANTHROPIC_API_KEY") is None


@pytest.mark.parametrize("key", [None, "", "  "])
def test_the_official_server_without_a_key_is_an_error_that_names_the_variable(
    key: str | None,
) -> None:
    endpoint = endpoint_below("https://api.openai.com", "responses", "api.openai.com")
    with pytest.raises(ProviderError) as caught:
        usable_key(settings_of("openai", api_key=key), endpoint, "OPENAI_API_KEY")
    assert caught.value.category is ProviderErrorCategory.AUTH
    assert "OPENAI_API_KEY" in str(caught.value)


@pytest.mark.parametrize("key", ["sk-a\nb", "sk-ключ", "sk a", "“sk-1”"])
def test_a_key_that_fits_no_header_is_refused_without_being_shown(key: str) -> None:
    endpoint = endpoint_below("https://api.openai.com", "responses", "api.openai.com")
    with pytest.raises(ProviderError) as caught:
        usable_key(settings_of("openai", api_key=key), endpoint, "OPENAI_API_KEY")
    assert caught.value.category is ProviderErrorCategory.AUTH
    assert key not in str(caught.value)


def test_surrounding_white_space_of_a_key_is_forgiven() -> None:
    endpoint = endpoint_below("https://api.openai.com", "responses", "api.openai.com")
    settings = settings_of("openai", api_key=" sk-1\n")
    assert usable_key(settings, endpoint, "OPENAI_API_KEY") == "sk-1"
