"""Has HTML turned into text by a process that is ended when it takes too long."""

import asyncio
import contextlib
import json
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.completion import run_to_completion
from harn_tui.tools.process_start import start_process

_WORKER = Path(__file__).with_name("html_worker.py")
MAX_CHARACTERS = 4 * 1024 * 1024
CONVERSION_S = 10

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page says. ``title`` may be empty; ``is_cut`` tells that ``text`` is its beginning."""

    title: str
    text: str
    is_cut: bool


async def html_to_text(html: str, url: str, *, patience_s: float = CONVERSION_S) -> PageContent:
    """Return the text of the page ``html``, which came from ``url``.

    Raises ToolError (``timeout``) for a page that cannot be read within ``patience_s``.
    """
    request = {"url": url, "max_characters": MAX_CHARACTERS, "max_seconds": CONVERSION_S}
    data = await asyncio.to_thread(
        lambda: json.dumps(request).encode() + b"\n" + html.encode("utf-8", "replace")
    )
    # Isolated, so that no file of the working folder is ever imported.
    process = await start_process(
        *(sys.executable, "-I", str(_WORKER)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=Path("/"),
    )
    try:
        async with asyncio.timeout(patience_s):
            output, _ = await process.communicate(data)
    except TimeoutError:
        raise _unreadable(url) from None
    finally:
        await run_to_completion(_end(process))
    if process.returncode != 0:
        log.warning("page not converted exit=%s", process.returncode)
        raise _unreadable(url)
    head, _, text = output.partition(b"\n")
    answer = json.loads(head)
    return PageContent(answer["title"], text.decode("utf-8", "replace"), answer["is_cut"])


def _unreadable(url: str) -> ToolError:
    return ToolError(
        f"The page at {url} could not be turned into text in {CONVERSION_S} s.",
        category=ToolErrorCategory.TIMEOUT,
        hint="Try another page with the same content.",
    )


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()
