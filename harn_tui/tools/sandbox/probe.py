"""Finds out whether bubblewrap works here: it may be installed and still not be permitted."""

import asyncio
import contextlib
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path

from harn_tui.tools.process_start import start_process
from harn_tui.tools.sandbox.bubblewrap import SandboxLayout, bubblewrap_command

PROGRAM = "bwrap"
_PROBE_TIMEOUT_S = 5.0
_PROBE = SandboxLayout(cwd=Path("/"), temporary=(Path("/tmp"),))


@dataclass(frozen=True, slots=True)
class Availability:
    """``program`` is the path of a bubblewrap that works, ``None`` with the reason in words."""

    program: str | None
    reason: str = ""


class BubblewrapProbe:
    """Looks once and remembers. ``search_path`` replaces the variable PATH when given."""

    def __init__(self, search_path: str | None = None) -> None:
        self._search_path = search_path
        self._found: Availability | None = None
        self._lock = asyncio.Lock()

    async def availability(self) -> Availability:
        """Return whether there is a bubblewrap that works; the first call runs it once."""
        async with self._lock:
            if self._found is None:
                self._found = await self._look()
        return self._found

    async def _look(self) -> Availability:
        program = await asyncio.to_thread(shutil.which, PROGRAM, path=self._search_path)
        if program is None:
            return Availability(None, "bubblewrap is not installed")
        try:
            process = await start_process(
                *bubblewrap_command(program, _PROBE, ("true",)),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=PIPE,
                cwd=Path("/"),
            )
        except OSError as error:
            return Availability(None, f"bubblewrap cannot be started ({error.strerror})")
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                _, errors = await process.communicate()
        except TimeoutError:
            return Availability(None, f"bubblewrap did not answer within {_PROBE_TIMEOUT_S:g} s")
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode == 0:
            return Availability(program)
        words = errors.decode("utf-8", "replace").strip().splitlines()
        said = f" ({words[-1][:200]})" if words else ""
        return Availability(None, f"bubblewrap is installed but does not work here{said}")
