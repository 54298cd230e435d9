"""Gives the built-in tools what they need of the session: its sandbox, its blobs, its queue."""

from pathlib import Path

from harn_tui.config.schema import Configuration
from harn_tui.events.host import Notice
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import NoticeLevel
from harn_tui.loop.asking import ask_person
from harn_tui.permissions.workspace_roots import parse_roots
from harn_tui.sinks.emit import emit
from harn_tui.store.session_folder import SessionFolder
from harn_tui.tools.builtin import BuiltinServices
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.running_command import CommandServices
from harn_tui.tools.sandbox.command_sandbox import CommandSandbox, SandboxSettings
from harn_tui.tools.web.http_get import FetchLimits, PageFetcher


def wire_builtin_services(
    configuration: Configuration, cwd: Path, folder: SessionFolder, feedback: FeedbackQueue
) -> BuiltinServices:
    """Return the services of the session in ``folder``, which gets its long outputs too.

    Folders of the sandbox are below ``cwd``. Raises ConfigError for one that cannot be resolved.
    Whoever opens the session ends ``jobs`` with each run, and closes them with the session.
    """
    table = configuration.sandbox
    writable = parse_roots("sandbox.writable", list(table.writable), cwd) or ()
    sandbox = CommandSandbox(
        SandboxSettings(table.commands, table.network, tuple(map(str, writable)), table.keep_env),
        on_notice=lambda text: emit(Notice(folder.session_id, NoticeLevel.WARNING, text)),
    )
    commands = CommandServices(sandbox, OutputBlobs(folder.blobs))
    return BuiltinServices(
        commands=commands,
        jobs=CommandJobs(feedback.push_threadsafe, commands),
        fetcher=PageFetcher(FetchLimits(configuration.private_hosts)),
        ask_user=ask_person,
    )
