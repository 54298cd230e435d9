"""The tools that every session has, and those that need something of the session."""

from dataclasses import dataclass, field

from harn_tui.tools.apply_patch import APPLY_PATCH
from harn_tui.tools.ask_user import AskUser, ask_user_tool
from harn_tui.tools.base import Tool
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.edit_file import EDIT_FILE
from harn_tui.tools.fetch_url import fetch_url_tool
from harn_tui.tools.list_directory import LIST_DIRECTORY
from harn_tui.tools.plan import EMIT_PLAN, UPDATE_PLAN
from harn_tui.tools.poll_command import poll_command_tool
from harn_tui.tools.read_file import READ_FILE
from harn_tui.tools.read_output import read_output_tool
from harn_tui.tools.run_command import run_command_tool
from harn_tui.tools.running_command import CommandServices
from harn_tui.tools.search_files import SEARCH_FILES
from harn_tui.tools.start_command import start_command_tool
from harn_tui.tools.stop_command import stop_command_tool
from harn_tui.tools.web.http_get import PageFetcher
from harn_tui.tools.write_file import WRITE_FILE


@dataclass(frozen=True, slots=True)
class BuiltinServices:
    """What a session gives its built-in tools; a tool is left out when what it needs is ``None``.

    ``commands.blobs`` also keeps long pages, and is what ``read_output`` reads.
    """

    commands: CommandServices = field(default_factory=CommandServices)
    jobs: CommandJobs | None = None
    fetcher: PageFetcher | None = None
    ask_user: AskUser | None = None


def builtin_tools(services: BuiltinServices | None = None) -> tuple[Tool, ...]:
    """Return the built-in tools in the order in which a model is told of them.

    ``None`` stands for a session that gives nothing.
    """
    given = services or BuiltinServices()
    blobs = given.commands.blobs
    return (
        READ_FILE,
        LIST_DIRECTORY,
        SEARCH_FILES,
        WRITE_FILE,
        EDIT_FILE,
        APPLY_PATCH,
        run_command_tool(given.commands),
        *(_job_tools(given.jobs) if given.jobs else ()),
        *((read_output_tool(blobs),) if blobs else ()),
        *((fetch_url_tool(given.fetcher, blobs),) if given.fetcher else ()),
        *((ask_user_tool(given.ask_user),) if given.ask_user else ()),
        UPDATE_PLAN,
        EMIT_PLAN,
    )


def _job_tools(jobs: CommandJobs) -> tuple[Tool, ...]:
    return start_command_tool(jobs), poll_command_tool(jobs), stop_command_tool(jobs)
