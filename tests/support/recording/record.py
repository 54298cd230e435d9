"""Plays scenes on the real session and keeps their logs (``make sessions``).

Everything is real but the model: loop, tools, permissions, store. The scripted provider plays the
model's side, and acts stand for what a person does.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harn_tui.config.trust import trust
from harn_tui.events.record import Record
from harn_tui.paths import HOME_VARIABLE, config_directory
from harn_tui.session.handle import SessionHandle
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.session_request import SessionRequest
from tests.support.recording.scene import Act, Scene
from tests.support.recording.scenes import SCENES
from tests.support.recording.settled_log import GARDEN, settled

SESSIONS = Path(__file__).parents[3] / "sessions"
_LIMIT_S = 60
_SETTINGS = ('sandbox.commands="off"', "loop.llm_backoff_ms=1", "snapshots.enabled=false")
"""Whoever replays a recorded session has no snapshots of the garden."""


def record_scene(scene: Scene) -> list[str]:
    """Play one scene and return the lines of its log, as they are kept."""
    with _home() as home:
        garden = home / "garden"
        for path, content in scene.files.items():
            file = garden / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        trust(garden, config_directory() / "trusted_folders")
        script = home / "script.jsonl"
        script.write_text("".join(json.dumps(e) + "\n" for e in scene.replies), encoding="utf-8")
        log = asyncio.run(_play(scene, garden, script))
        lines = log.read_text(encoding="utf-8").splitlines()
        folders = {str(garden): GARDEN, str(home): "/home/gardener"}
    return settled(lines, folders, SCENES.index(scene) + 1)


@contextmanager
def _home() -> Iterator[Path]:
    """Make a home whose path has the same length everywhere: estimates of tokens count it."""
    home = Path(tempfile.mkdtemp(prefix="harn-recording-", dir="/tmp")).resolve()
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(home / "home")
    try:
        (home / "garden").mkdir()
        yield home
    finally:
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before
        shutil.rmtree(home)


async def _play(scene: Scene, garden: Path, script: Path) -> Path:
    request = SessionRequest(cwd=garden, script=script, overrides=(*_SETTINGS, *scene.settings))
    session = open_session(request)
    folder = session.folder
    assert folder is not None
    actor = _Actor(session, scene.acts)
    try:
        await session.start()
        session.subscribe(actor.see)
        for text in scene.requests:
            session.submit(text)
            await asyncio.wait_for(session.wait_idle(), _LIMIT_S)
    finally:
        await session.close()
    assert not actor.waiting, f"{scene.name}: {len(actor.waiting)} acts never had their cue"
    return folder / "event_log.jsonl"


class _Actor:
    """Does what the scene's person does, each act once, on its cue."""

    def __init__(self, session: SessionHandle, acts: tuple[Act, ...]) -> None:
        self._session = session
        self.waiting = list(acts)

    def see(self, record: Record) -> None:
        """Act when the next act's cue has come; several acts may have the same one."""
        loop = asyncio.get_running_loop()
        while self.waiting and self.waiting[0].when(record.event):
            act = self.waiting.pop(0)
            loop.call_soon(act.do, self._session, record.event)
            if self.waiting and self.waiting[0].when is not act.when:
                return


def main(names: list[str]) -> int:
    """Record the scenes called ``names``, or all."""
    for scene in SCENES:
        if not names or scene.name in names:
            path = SESSIONS / f"{scene.name}.jsonl"
            lines = record_scene(scene)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            print(f"{path.name}: {len(lines)} events")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
