"""Begins a run: what it is to remember, before its first event (docs/loop.md, beginning)."""

from contextlib import ExitStack

from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.ids import new_anonymous_session_id, new_loop_id
from harn_tui.loop.beginning_check import ledger_of
from harn_tui.loop.call_ids import CallIds
from harn_tui.loop.callbacks import effective_callbacks
from harn_tui.loop.compact_history import compaction_policy
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.daemon.state import start_daemon
from harn_tui.loop.daemon_snapshot import restore_run
from harn_tui.loop.daemon_turn import daemon_settings
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.llm_transcript import LlmTranscript, WriteLine
from harn_tui.loop.loop_detect import LoopDetector
from harn_tui.loop.messages import message_size, used_call_ids
from harn_tui.loop.state import DAEMON_ACTIVE, LoopState
from harn_tui.loop.tool_set import begin_skills, begin_tools, restore_tools
from harn_tui.permissions.gate import Gate
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.transcripts.session_key import session_key
from harn_tui.transcripts.session_run import SessionRun
from harn_tui.transcripts.session_store import SessionStore
from harn_tui.transcripts.transcript import TranscriptState


def begin_run(request: LoopRequest, config: LoopConfig, policies: PolicySet) -> LoopState:
    """Return the state of a run at its beginning, its session open.

    A session that the store knows goes on with the messages that it has, then those of the request.
    ``policies`` are those in force, the loop's own included. Raises LoopConfigError for options
    that do not go together.
    """
    options = config.options
    callbacks = effective_callbacks(config.callbacks, options, config.cwd)
    policy = compaction_policy(
        options,
        callbacks,
        cwd=config.cwd,
        context_window=config.model_facts.context_window,
    )
    ledger = ledger_of(options)
    detector = LoopDetector(
        options.loop_detect_warn, options.loop_detect_block, options.loop_detect_skip
    )
    skills = begin_skills(config)
    offering = begin_tools(config, skills)
    with ExitStack() as on_failure:
        session = _open_session(config)
        on_failure.callback(session.end, TranscriptState.PAUSED)
        for message in request.history:
            session.record_message(message)
        on_failure.pop_all()
    absent_tools = restore_tools(offering, [*session.loaded_tools, *request.loaded_tools])
    messages = [*session.start.messages, *request.history]
    return LoopState(
        session_id=session.session_id,
        loop_id=new_loop_id(),
        messages=messages,
        calls=request.calls_before,
        loop_detector=detector,
        ledger=ledger,
        compaction=policy,
        callbacks=callbacks,
        skills=skills,
        offering=offering,
        offered=offering.offer(),
        absent_tools=absent_tools,
        gate=_gate(config, policies),
        session=session,
        llm_log=LlmTranscript(
            _until_it_fails(config.llm_log, session.session_id), session_id=session.session_id
        ),
        history_bytes=sum(map(message_size, messages)),
        call_ids=CallIds(used_call_ids(messages)),
    )


def _until_it_fails(write: WriteLine | None, session_id: str) -> WriteLine | None:
    """Return ``write`` as it is called until it fails for the first time, which is told."""
    if write is None:
        return None
    is_broken = False

    def guarded(line: str) -> None:
        nonlocal is_broken
        if is_broken:
            return
        try:
            write(line)
        except BaseException as error:
            # boundary: a program's own log, which the run does not depend on
            if not is_foreign_failure(error):
                raise
            is_broken = True
            tell_failure(session_id, "The log of model calls", error, "it is not continued")

    return guarded


def _gate(config: LoopConfig, policies: PolicySet) -> Gate:
    return Gate(
        rules=config.permissions,
        cwd=config.cwd,
        policies=policies,
        grants=config.grants,
        dynamic=config.dynamic_permissions,
        roots=config.workspace_roots,
        protected=config.protected_paths,
    )


async def begin_daemon(config: LoopConfig, state: LoopState) -> None:
    """Look at what a daemon watches, and go on from the snapshot that it resumes.

    Raises StoreError for a snapshot that cannot be used.
    """
    if not config.options.daemon:
        return
    start = await start_daemon(daemon_settings(config))
    state.daemon, state.daemon_state = start.state, DAEMON_ACTIVE
    state.recorded = list(state.messages)
    if start.snapshot is not None:
        restore_run(state, start.snapshot)


def _open_session(config: LoopConfig) -> SessionRun:
    """Return the run's hand on its session; an anonymous one is gone with the run (10.26)."""
    session_id = session_key("run", config.session_id)
    if config.sessions is not None and session_id is not None:
        return config.sessions.begin_run(session_id)
    return SessionStore().begin_run(session_id or new_anonymous_session_id())
