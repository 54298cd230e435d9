"""The models that a session can go over to, asked for and built; and the one that it keeps."""

import asyncio
from pathlib import Path

import httpx
import pytest

from harn_tui.config.provider_choice import ProviderChoice
from harn_tui.config.schema import Configuration, ProviderEntry
from harn_tui.errors import HarnError
from harn_tui.events.host import ModelSwitch, Notice
from harn_tui.providers.http import JsonClient
from harn_tui.providers.rate_limit import RateLimits
from harn_tui.session.handle import SessionHandle
from harn_tui.session.model_offers import ProviderOffer
from harn_tui.session.model_words import find_model
from harn_tui.store.log_reader import read_records
from harn_tui.wiring.model_desk import WiredModels
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.provider import wire_choice
from harn_tui.wiring.session_request import SessionRequest

DEMO = ProviderChoice("demo", "demo", "demo")


def answer(request: httpx.Request) -> httpx.Response:
    """Hosts that tell, tell nothing, refuse all or only to tell, do not answer, and are gone."""
    match request.url.host:
        case "tells":
            return httpx.Response(200, json={"data": [{"id": "claude-sonnet-5"}, {"id": "b"}]})
        case "empty":
            return httpx.Response(200, json={"data": []})
        case "silent":
            return httpx.Response(404, text="no such page")
        case "refuses":
            return httpx.Response(401, json={"error": {"message": "bad key"}})
        case "forbids":
            return httpx.Response(403, json={"error": {"message": "not with this key"}})
        case "busy":
            return httpx.Response(429)
        case "broken":
            return httpx.Response(500)
        case "slow":
            raise httpx.ReadTimeout("nothing came")
        case _:
            raise httpx.ConnectError("refused")


def desk(**entries: ProviderEntry) -> WiredModels:
    configuration = Configuration(providers=entries)
    limits = RateLimits({})
    first = wire_choice(DEMO, configuration, limits)
    return WiredModels(
        configuration,
        first,
        first.provider,
        limits=limits,
        read_image=lambda _: None,
        environment={},
        client_factory=lambda: JsonClient(transport=httpx.MockTransport(answer)),
        find_servers=tuple,
    )


def server(host: str) -> ProviderEntry:
    return ProviderEntry("openai", base_url=f"http://{host}/v1", model="usual")


async def asked(models: WiredModels) -> dict[str, ProviderOffer]:
    offers = await models.providers()
    return {o.name: o for o in await asyncio.gather(*map(models.ask, offers))}


async def test_every_provider_says_what_it_has_or_why_not() -> None:
    names = ("tells", "empty", "silent", "refuses", "gone")
    found = await asked(desk(**{name: server(name) for name in names}))
    assert {n: ([m.name for m in o.models], o.is_usable, o.problem) for n, o in found.items()} == {
        "demo": (["demo"], True, None),
        "tells": (["claude-sonnet-5", "b"], True, None),
        "empty": (["usual"], True, "It does not tell its models."),
        "silent": (["usual"], True, "It does not tell its models."),
        "refuses": ([], False, "refuses answered 401 Unauthorized."),
        "gone": ([], False, "gone does not take a connection."),
    }
    known, unknown = found["tells"].models
    assert known.context_window is not None
    assert known.input_price is not None
    assert unknown.context_window is None


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ("forbids", "forbids answered 403 Forbidden."),
        ("busy", "busy answered 429 Too Many Requests."),
        ("broken", "broken answered 500 Internal Server Error."),
        ("slow", "slow did not answer within 5 s."),
    ],
)
async def test_who_refuses_or_delays_only_the_list_can_be_used(host: str, problem: str) -> None:
    models = desk(**{host: server(host)})
    found = (await asked(models))[host]
    assert (found.problem, found.is_usable, found.is_complete) == (problem, True, False)
    named = await find_model(f"{host}:new", models, provider="demo")
    assert (named.offer.name, named.model) == (host, "new")
    unchecked = await find_model("new", models, provider=host)
    assert (unchecked.offer.name, unchecked.model) == (host, "new")
    assert "was not checked" in unchecked.note
    bound = await models.bind(named.offer, named.model)
    assert bound.model.model == "new"
    await models.aclose()


async def test_what_is_built_is_built_once() -> None:
    models = desk(tells=server("tells"))
    found = await asked(models)
    first = await models.bind(found["tells"], "b")
    assert (await models.bind(found["tells"], "b")).model.provider is first.model.provider
    assert (await models.bind(found["tells"], "c")).model.provider is not first.model.provider
    assert (first.model.provider.name, first.model.model) == ("tells", "b")
    mine = await models.bind(found["demo"], "demo")
    assert mine.model.base_url is None
    await models.aclose()


async def test_what_cannot_be_used_is_not_built() -> None:
    models = desk(keyless=ProviderEntry("anthropic"))
    found = await asked(models)
    with pytest.raises(HarnError, match="keyless cannot be used: There is no key"):
        await models.bind(found["keyless"], "claude")
    with pytest.raises(HarnError, match="elsewhere cannot be used"):
        await models.bind(ProviderOffer("elsewhere", "elsewhere", "m"), "m")


# Which model an opened session has -------------------------------------------------------------


TWO_SERVERS = (
    'provider="one"',
    'providers.one={kind="openai", base_url="http://one/v1", model="a"}',
    'providers.two={kind="openai", base_url="http://two/v1", model="b"}',
)


def request(cwd: Path, **others: object) -> SessionRequest:
    return SessionRequest(cwd, overrides=TWO_SERVERS, session_id="kept", **others)  # type: ignore[arg-type]


async def leave_with(cwd: Path, provider: str, model: str) -> None:
    """Use a session and leave it with another model."""
    session = open_session(request(cwd))
    await session.start()
    session._is_used = True
    desk = session._parts.model_desk
    assert desk is not None
    await desk.providers()
    await session.models.switch(ProviderOffer(provider, provider, model), model)
    await session.close()


async def model_of(session: SessionHandle) -> tuple[str, str]:
    found = session.models.provider_name, session.models.model
    await session.start()
    session._is_used = True
    await session.close()
    return found


async def test_a_switch_outlives_the_process(tmp_path: Path) -> None:
    await leave_with(tmp_path, "two", "c")
    assert await model_of(open_session(request(tmp_path))) == ("two", "c")
    assert await model_of(open_session(request(tmp_path))) == ("two", "c")


async def test_a_first_model_elsewhere_keeps_its_address_when_it_is_gone_back_to(
    tmp_path: Path,
) -> None:
    elsewhere = {"provider": "openai", "base_url": "http://box:8000/v1", "model": "own"}
    session = open_session(request(tmp_path, **elsewhere))
    await session.start()
    session._is_used = True
    desk = session._parts.model_desk
    assert desk is not None
    first, second, *_ = await desk.providers()
    await session.models.switch(second, "c")
    await session.models.switch(first, "own")
    assert session.folder is not None
    log = session.folder / "event_log.jsonl"
    await session.close()
    switches = [r.event for r in read_records(log) if isinstance(r.event, ModelSwitch)]
    assert [(s.provider, s.model, s.base_url) for s in switches] == [
        ("one", "c", None),
        ("openai", "own", "http://box:8000/v1"),
    ]
    again = open_session(request(tmp_path))
    assert again.models.current().base_url == "http://box:8000/v1"
    assert await model_of(again) == ("openai", "own")


async def test_a_named_model_is_one_of_the_kept_provider(tmp_path: Path) -> None:
    await leave_with(tmp_path, "two", "c")
    assert await model_of(open_session(request(tmp_path, model="d"))) == ("two", "d")
    assert await model_of(open_session(request(tmp_path))) == ("two", "d")


async def test_what_a_session_was_started_with_is_kept_with_its_address(tmp_path: Path) -> None:
    named = request(tmp_path, provider=None, base_url="http://127.0.0.1:8080/v1", model="m")
    assert await model_of(open_session(named)) == ("openai", "m")
    again = open_session(request(tmp_path))
    assert again.models.current().base_url == "http://127.0.0.1:8080/v1"
    assert await model_of(again) == ("openai", "m")


async def test_a_named_provider_counts_more_than_what_was_kept(tmp_path: Path) -> None:
    await leave_with(tmp_path, "two", "c")
    assert await model_of(open_session(request(tmp_path, provider="one"))) == ("one", "a")


async def test_what_was_kept_and_is_gone_gives_way_with_a_warning(tmp_path: Path) -> None:
    await leave_with(tmp_path, "two", "c")
    only_one = SessionRequest(tmp_path, overrides=TWO_SERVERS[:2], session_id="kept")
    session = open_session(only_one)
    notices: list[str] = []
    session.subscribe(
        lambda r: notices.append(r.event.text) if isinstance(r.event, Notice) else None
    )
    assert await model_of(session) == ("one", "a")
    (warning,) = [text for text in notices if "The session had" in text]
    assert "c (two), which cannot be used now" in warning
    assert "It goes on with a (one)." in warning


async def test_a_provider_that_cannot_be_used_leaves_no_folder_behind(tmp_path: Path) -> None:
    with pytest.raises(HarnError):
        open_session(SessionRequest(tmp_path, provider="nowhere", session_id="new"))
    session = open_session(request(tmp_path))
    assert session.folder is not None
    assert [path.name for path in session.folder.parent.iterdir()] == ["kept"]
    await session.start()
    await session.close()
