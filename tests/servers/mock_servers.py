"""How to drive the two mock servers: aimock (scripted turns) and llmock (faults and a verdict)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx


@dataclass(frozen=True)
class Aimock:
    """A running aimock. Fixtures are matched from the top, by user message or tool call id."""

    url: str

    @property
    def openai_url(self) -> str:
        """Base URL for OpenAI chat completions and Responses."""
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """Base URL for Anthropic messages."""
        return self.url

    def requests(self) -> list[dict[str, Any]]:
        """Return the journal: every request in order, each with ``path``, ``headers``, ``body``."""
        journal: list[dict[str, Any]] = _get(f"{self.url}/v1/_requests").json()
        return journal

    def bodies(self) -> list[dict[str, Any]]:
        """Return the bodies of all requests in order."""
        return [request["body"] for request in self.requests()]


@dataclass(frozen=True)
class LlmockServer:
    """A running llmock. It watches how its client copes, and gives a verdict."""

    url: str

    @property
    def openai_url(self) -> str:
        """Base URL for OpenAI chat completions and Responses."""
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """Base URL for Anthropic messages."""
        return f"{self.url}/anthropic"

    def plan(self, *behaviors: dict[str, Any]) -> None:
        """Queue faults, one a request: ``{"type": "fail", "status": 429, "retry_after": 1}``,
        ``{"type": "stream_fault", "kind": "truncate", "after_chunks": 3}``.
        """
        _post(f"{self.url}/_llmock/scenario", {"behaviors": list(behaviors)})

    def verdict(self) -> str:
        """Return what it says of its client; errors are lines with ``FAIL``."""
        return _get(f"{self.url}/_llmock/verdict?format=text").text

    def requests(self) -> Any:
        """Return what it remembers of the requests."""
        return _get(f"{self.url}/_llmock/requests").json()

    def reset(self) -> None:
        """Forget planned faults, requests and verdict."""
        _post(f"{self.url}/_llmock/reset", {})


def aimock_command(
    program: Path, fixtures: Path, chunk_size: int, latency_ms: int
) -> Callable[[int], list[str]]:
    """Return what builds the command line for a port. An unmatched request is an error."""
    options = ["--strict", "--log-level", "warn", "-c", str(chunk_size), "-l", str(latency_ms)]
    return lambda port: [str(program), "-p", str(port), "-f", str(fixtures), *options]


def llmock_command(program: Path) -> Callable[[int], list[str]]:
    """Return what builds the command line for a port."""
    options = ["--log-level", "warning"]
    return lambda port: [
        str(program),
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        *options,
    ]


def _get(url: str) -> httpx.Response:
    return _checked(httpx.get(url, trust_env=False, timeout=10.0))


def _post(url: str, members: dict[str, Any]) -> httpx.Response:
    return _checked(httpx.post(url, json=members, trust_env=False, timeout=10.0))


def _checked(response: httpx.Response) -> httpx.Response:
    response.raise_for_status()
    return response
