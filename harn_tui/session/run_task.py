"""One run of the loop as a task that the session owns."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from harn_tui.errors import HarnError
from harn_tui.events.host import Notice
from harn_tui.feedback.item import FeedbackItem
from harn_tui.kinds import LoopStatus, NoticeLevel
from harn_tui.late_import import late_module
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import AskPermission, LoopConfig, LoopRequest
from harn_tui.loop.result import LoopResult
from harn_tui.session.conversation import Conversation
from harn_tui.session.models import SessionModels
from harn_tui.session.parts import SessionParts
from harn_tui.session.services import SessionServices
from harn_tui.sinks.emit import emit
from harn_tui.skills.substitution import SkillContext

if TYPE_CHECKING:
    from harn_tui.loop import run as loop_run
else:
    loop_run = late_module("harn_tui.loop.run")

log = logging.getLogger(__name__)


class SessionRun:
    """A run from its prompt to its end, or from the calls that an earlier process left waiting.

    ``result`` is ``None`` when the run could not finish.
    """

    def __init__(
        self,
        parts: SessionParts,
        *,
        prompt: FeedbackItem | None,
        conversation: Conversation,
        services: SessionServices,
        models: SessionModels,
        ask: AskPermission,
        on_end: Callable[["SessionRun"], None],
    ) -> None:
        self.control = RunControl()
        self.prompt = prompt
        self.result: LoopResult | None = None
        self._parts = parts
        self._services = services
        self._models = models
        self._ask = ask
        self._request = LoopRequest(
            prompt=prompt.content if prompt else None,
            history=conversation.messages,
            feedback_id=prompt.feedback_id if prompt else None,
            takes_up_calls=prompt is None,
            calls_before=conversation.calls,
            skills_before=conversation.skills,
            loaded_tools=conversation.loaded_tools,
        )
        self._on_end = on_end
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; ``on_end`` is called once, from the event loop, after the task has ended."""
        self._task = asyncio.create_task(self._run(), name=f"run {self._parts.session_id}")
        self._task.add_done_callback(lambda _: self._on_end(self))

    @property
    def would_end_alike(self) -> bool:
        """Whether another run would only fail again, so that the person has to look first.

        A run that was too dear to begin leaves its prompt queued, and must not be started by it.
        """
        status = LoopStatus.ERROR if self.result is None else self.result.status
        prompt = self.prompt
        is_unread = prompt is not None and self._parts.feedback.get(prompt.feedback_id) is not None
        return status is LoopStatus.ERROR or (is_unread and status is not LoopStatus.CANCELLED)

    async def _run(self) -> None:
        try:
            await self._services.preparation.wait()
            if self.prompt is None:
                await self._services.wait_started()  # the calls may be of their servers' tools
            self.result = await loop_run.run_agent_loop(
                self._request, self._config(), control=self.control
            )
        except HarnError as error:
            self._report(str(error))
        except Exception as error:
            # boundary: a bug in a run must end that run, not the console
            log.exception("run failed session_id=%s", self._parts.session_id)
            self._report(f"The run ended with an internal error: {error}. See the log file.")

    def _report(self, text: str) -> None:
        emit(Notice(self._parts.session_id, NoticeLevel.ERROR, text))

    def _config(self) -> LoopConfig:
        # A choice of the last moment is left to the loop, which does all that goes with it.
        parts, model = self._parts, self._models.in_force
        return LoopConfig(
            provider=model.provider,
            model=model.model,
            tools=parts.tools,
            session_id=parts.session_id,
            cwd=parts.cwd,
            workspace_roots=parts.workspace_roots,
            system=parts.system,
            options=parts.options,
            permissions=parts.permissions,
            policies=parts.policies,
            protected_paths=parts.protected_paths,
            grants=parts.grants,
            ask_permission=self._ask,
            ask_person=parts.questions.ask,
            llm_log=parts.llm_log.append if parts.llm_log else None,
            more_tools=self._services.current_tools,
            skills=parts.skills,
            skill_context=SkillContext(session_id=parts.session_id),
            must_skills_be_signed=parts.must_skills_be_signed,
            skill_servers=self._services.mcp_servers,
            has_native_tool_search=model.has_native_tool_search,
            current_model=self._models.current,
            wants_compaction=self._services.compaction.take,
            hooks=parts.hooks,
            callbacks=parts.callbacks,
            wake=parts.wake,
            find_attachments=self._services.attachments.find,
            feedback=parts.feedback,
            host_messages=parts.host_messages,
            session_end=parts.session_end,
            model_facts=model.facts,
            output_blobs=parts.output_blobs,
            tool_fixtures=parts.tool_fixtures,
            snapshots=parts.snapshots,
            agents=parts.agents,
            child_host=parts.child_host,
        )
