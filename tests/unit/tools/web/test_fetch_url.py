"""fetch_url: pages of a server on loopback, and what is refused before anything is sent."""

import asyncio
import gzip
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator

import httpx
import pytest

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.base import ToolResult
from harn_tui.tools.fetch_url import fetch_url_tool
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.web.http_get import FetchLimits, LookUp, PageFetcher, look_up
from tests.unit.tools.conftest import Workspace
from tests.unit.tools.web.page_server import PageServer, page, redirect, serving

LOOPBACK = FetchLimits(private_hosts=("127.0.0.1", "pages.test"), max_bytes=100_000)


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with serving() as served:
        yield served


def names(**addresses: str) -> LookUp:
    """Return a look-up of ``pages_test="127.0.0.1"`` and the like; others are as they are."""
    known = {name.replace("_", "."): address.split() for name, address in addresses.items()}

    async def find(host: str, port: int) -> list[str]:
        return known[host] if host in known else await look_up(host, port)

    return find


async def fetch(
    workspace: Workspace,
    url: str,
    *,
    limits: FetchLimits = LOOPBACK,
    transport: httpx.AsyncBaseTransport | None = None,
    find: LookUp = look_up,
    **arguments: JsonValue,
) -> ToolResult:
    fetcher = PageFetcher(limits, transport=transport, look_up=find)
    tool = fetch_url_tool(fetcher, OutputBlobs(workspace.outside))
    return await tool.run(validate_arguments(tool, {"url": url, **arguments}), workspace.context)


async def refused(workspace: Workspace, url: str, **options: object) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await fetch(workspace, url, **options)  # type: ignore[arg-type] # the tests know them
    return caught.value


async def test_a_page_becomes_text_with_its_title_and_links(
    workspace: Workspace, server: PageServer
) -> None:
    html = "<title>T</title><h1>Grüße</h1><p><a href=x>more</a><script>no()</script>"
    server.pages["/a/b"] = page(html.encode())
    result = await fetch(workspace, server.url("/a/b"))
    assert result.ok
    assert result.text == (
        f"[{server.url('/a/b')} answered 200]\n# T\n\n# Grüße\n\n[more]({server.url('/a/x')})"
    )
    assert result.details["status"] == 200
    assert result.details["content_type"] == "text/html; charset=utf-8"
    (request,) = server.requests
    assert "user-agent: harn-tui" in request
    assert "cookie" not in request


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b'{"a": [1, 2]}', "application/json", '{"a": [1, 2]}'),
        (b"<b>as it is</b>", "text/plain", "<b>as it is</b>"),
        ("grün".encode("latin-1"), "text/plain; charset=ISO-8859-1", "grün"),
        (b"a: 1", "application/yaml", "a: 1"),
        (b"<r/>", "application/atom+xml", "<r/>"),
        (b"<!DOCTYPE html><p>found out", None, "found out"),
        (b"plain words", None, "plain words"),
        (b"a\x1b[31m\xffb", "text/plain", "a\x1b[31m\ufffdb"),
        (b"", "text/html", "(the page is empty)"),
        ("x\0y".encode("utf-16"), "text/plain", "x\u2400y"),
    ],
)
async def test_other_text_is_given_as_it_is(
    workspace: Workspace, server: PageServer, body: bytes, content_type: str | None, text: str
) -> None:
    server.pages["/"] = page(body, content_type)
    assert (await fetch(workspace, server.url())).text.partition("\n")[2] == text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG", "image/png"),
        (b"words", "application/octet-stream"),
        (b"a\x00b", "text/html"),
        (b"\x7fELF\x00", None),
    ],
)
async def test_what_is_no_text_is_refused(
    workspace: Workspace, server: PageServer, body: bytes, content_type: str | None
) -> None:
    server.pages["/"] = page(body, content_type)
    error = await refused(workspace, server.url())
    assert "is no text" in str(error)
    assert (content_type or "binary data") in str(error) or content_type == "text/html"


async def test_an_answer_that_says_failure_is_shown_as_one(
    workspace: Workspace, server: PageServer
) -> None:
    result = await fetch(workspace, server.url("/absent"))
    assert not result.ok
    assert "answered 404]\nnothing here" in result.text


async def test_redirects_are_followed_and_the_last_address_is_told(
    workspace: Workspace, server: PageServer
) -> None:
    server.pages |= {"/1": redirect("/2"), "/2": redirect("3", "307 Temporary Redirect"),
                     "/3": page(b"<p>there")}  # fmt: skip
    result = await fetch(workspace, server.url("/1"))
    assert result.details["url"] == server.url("/3")
    assert result.details["redirects"] == 2


async def test_redirects_without_end_are_given_up(workspace: Workspace, server: PageServer) -> None:
    server.pages["/"] = redirect("/")
    error = await refused(workspace, server.url())
    assert "more than 5 redirects" in str(error)
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]:80/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0/",
        "http://inner.test/",
        "//10.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://user:secret@127.0.0.1/",
        "http://[broken/",
    ],
)
async def test_a_redirect_to_what_is_not_public_is_refused(
    workspace: Workspace, server: PageServer, target: str
) -> None:
    server.pages["/"] = redirect(target)
    error = await refused(workspace, server.url(), find=names(inner_test="192.168.0.1"))
    assert "secret" not in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "https://inner.test/",
        "http://mixed.test/",
        "http://LOCALHOST./",
    ],
)
async def test_private_addresses_are_refused_before_anything_is_sent(
    workspace: Workspace, url: str
) -> None:
    sent: list[httpx.Request] = []
    error = await refused(
        workspace,
        url,
        limits=FetchLimits(),
        transport=httpx.MockTransport(lambda request: _note(sent, request)),
        find=names(
            inner_test="fd00::1",
            mixed_test="93.184.216.34 127.0.0.1",
            LOCALHOST_="127.0.0.1",
            localhost_="127.0.0.1",
        ),
    )
    assert error.category is ToolErrorCategory.PERMISSION_DENIED
    assert "not a public address" in str(error)
    assert "fetch.private_hosts" in str(error)
    assert sent == []


def _note(sent: list[httpx.Request], request: httpx.Request) -> httpx.Response:
    sent.append(request)
    return httpx.Response(200, text="hello", headers={"content-type": "text/plain"})


async def test_a_name_is_looked_up_once_and_that_address_is_connected_to(
    workspace: Workspace,
) -> None:
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    sent: list[httpx.Request] = []
    result = await fetch(
        workspace,
        "https://pages.example:8443/x#part",
        limits=FetchLimits(),
        transport=httpx.MockTransport(lambda request: _note(sent, request)),
        find=rebinding,
    )
    assert result.text.endswith("hello")
    assert asked == ["pages.example"]
    (request,) = sent
    assert request.url.host == "93.184.216.34"
    assert request.headers["host"] == "pages.example:8443"
    assert request.extensions["sni_hostname"] == "pages.example"


async def test_the_server_sees_the_name_that_was_asked_for(
    workspace: Workspace, server: PageServer
) -> None:
    server.pages["/"] = page(b"<p>x")
    await fetch(workspace, server.url("/", "pages.test"), find=names(pages_test="127.0.0.1"))
    assert f"host: pages.test:{server.port}" in server.requests[0]


@pytest.mark.parametrize("allowed", ["*", "127.0.0.1", "127.0.0.1:PORT"])
async def test_private_hosts_of_the_configuration_are_allowed(
    workspace: Workspace, server: PageServer, allowed: str
) -> None:
    server.pages["/"] = page(b"<p>x")
    limits = FetchLimits(private_hosts=(allowed.replace("PORT", str(server.port)),))
    assert (await fetch(workspace, server.url(), limits=limits)).ok


@pytest.mark.parametrize("allowed", ["127.0.0.1:1", "localhost", "127.0.0", ""])
async def test_other_hosts_stay_refused(
    workspace: Workspace, server: PageServer, allowed: str
) -> None:
    await refused(workspace, server.url(), limits=FetchLimits(private_hosts=(allowed,)))
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "example.org",
        "http://",
        "http:///x",
        "http://user@example.org/",
        "http://user:pw@example.org/",
        "javascript:alert(1)",
        "http://exa mple.org:x/",
        "http://[::1/",
        "https://example.org:99999/",
        "http://a\x00b/",
        "http://\ud800/",
        "http://example.org/" + "x" * 9000,
    ],
)
async def test_what_is_no_address_of_a_page_is_refused(workspace: Workspace, url: str) -> None:
    error = await refused(
        workspace, url, transport=httpx.MockTransport(lambda request: _note([], request))
    )
    assert error.category in {ToolErrorCategory.SCHEMA_VALIDATION, ToolErrorCategory.NETWORK}


async def test_a_name_that_nobody_knows_is_an_error_of_the_network(workspace: Workspace) -> None:
    error = await refused(workspace, "http://no-such-name.test/")
    assert error.category is ToolErrorCategory.NETWORK
    assert "cannot be looked up" in str(error)


async def test_a_large_page_is_cut_and_what_was_read_is_kept(
    workspace: Workspace, server: PageServer
) -> None:
    server.pages["/"] = page(b"line of text\n" * 20_000, "text/plain")
    result = await fetch(workspace, server.url())
    assert result.details["bytes"] == 100_000
    assert result.details["is_cut"] is True
    assert "this is its beginning]" in result.text
    assert "read_output with handle" in result.text
    blob = workspace.outside / str(result.details["output_sha256"])
    assert blob.stat().st_size == 100_000


async def test_a_compressed_page_is_unpacked_and_a_bomb_cut(
    workspace: Workspace, server: PageServer
) -> None:
    zipped = ("Content-Encoding: gzip",)
    server.pages["/page"] = page(gzip.compress(b"<p>small"), headers=zipped)
    server.pages["/bomb"] = page(gzip.compress(b"\n" * 50_000_000), "text/plain", headers=zipped)
    server.pages["/lie"] = page(b"<p>not zipped", headers=zipped)
    server.pages["/br"] = page(b"x", headers=("Content-Encoding: br",))
    assert (await fetch(workspace, server.url("/page"))).text.endswith("small")
    assert (await fetch(workspace, server.url("/bomb"))).details["bytes"] == 100_000
    for path in ("/lie", "/br"):
        error = await refused(workspace, server.url(path))
        assert error.category is ToolErrorCategory.NETWORK


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("behaviour", [drip, silence])
async def test_a_server_that_never_comes_to_an_end_is_given_up(
    workspace: Workspace, server: PageServer, behaviour: object
) -> None:
    server.pages["/"] = behaviour  # type: ignore[assignment] # one of the two above
    error = await refused(workspace, server.url(), timeout_s=1)
    assert error.category is ToolErrorCategory.TIMEOUT
    assert "within 1 s" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
    ],
)
async def test_an_answer_that_breaks_the_protocol_is_an_error_of_the_network(
    workspace: Workspace, server: PageServer, answer: bytes
) -> None:
    server.pages["/"] = answer
    assert (await refused(workspace, server.url())).category is ToolErrorCategory.NETWORK


async def test_nobody_listening_is_an_error_of_the_network(workspace: Workspace) -> None:
    async with serving() as gone:
        url = gone.url()
    error = await refused(workspace, url)
    assert error.category is ToolErrorCategory.NETWORK
    assert "cannot be fetched" in str(error)


async def test_the_proxies_of_the_environment_are_not_used(
    workspace: Workspace, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.pages["/"] = page(b"<p>direct")
    assert (await fetch(workspace, server.url())).text.endswith("direct")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
async def test_the_certificate_must_be_that_of_the_name_not_of_the_address(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = workspace.root / "key", workspace.root / "certificate"
    await asyncio.to_thread(
        subprocess.run,
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", str(key), "-out", str(certificate), "-subj", "/CN=pages.test",
         "-addext", "subjectAltName=DNS:pages.test"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with serving(context) as server:
        server.pages["/"] = page(b"<p>safe")
        find = names(pages_test="127.0.0.1", other_test="127.0.0.1")
        limits = FetchLimits(private_hosts=("*",))
        good = f"https://pages.test:{server.port}/"
        assert (await fetch(workspace, good, limits=limits, find=find)).text.endswith("safe")
        for host in ("other.test", "127.0.0.1"):
            url = f"https://{host}:{server.port}/"
            error = await refused(workspace, url, limits=limits, find=find)
            assert "certificate" in str(error).lower()


async def test_certificates_that_cannot_be_read_are_an_error_and_not_a_crash(
    workspace: Workspace, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(workspace.root / "absent"))
    assert "SSL_CERT_FILE" in str(await refused(workspace, server.url()))


async def test_a_cancelled_fetch_closes_its_connection(
    workspace: Workspace, server: PageServer
) -> None:
    began = asyncio.Event()

    async def begin(_writer: asyncio.StreamWriter) -> None:
        began.set()
        await asyncio.Event().wait()

    server.pages["/"] = begin
    task = asyncio.create_task(fetch(workspace, server.url()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
