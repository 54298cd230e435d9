"""A server of somebody else's as a child process on a free port of this machine."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.05


def free_port() -> int:
    """Return a port on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running_server(
    command: Callable[[int], list[str]],
    *,
    health_path: str,
    folder: Path,
    start_timeout_s: float = START_TIMEOUT_S,
) -> Iterator[str]:
    """Run a server until the block ends and yield its URL, without a path.

    ``command(port)`` is its command line. It runs in ``folder``, where its output is kept, in a
    process group of its own, which is killed on the way out. It is up when ``health_path``
    answers with 200; an AssertionError with its output tells when it never is.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(port),
            cwd=folder,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(folder),
                "LANG": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_healthy(process, url + health_path, log, start_timeout_s)
            yield url
        finally:
            _stop(process)


def _wait_until_healthy(
    process: subprocess.Popen[bytes], url: str, log: Path, timeout_s: float
) -> None:
    deadline = time.monotonic() + timeout_s
    with httpx.Client(trust_env=False, timeout=2.0) as client:
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if client.get(url).status_code == 200:
                    return
            time.sleep(_POLL_S)
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise AssertionError(f"the server did not answer at {url} within {timeout_s:g} s:\n{said}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            continue
        return
