from harn_tui.events import agent, host
from harn_tui.events.record import Record
from harn_tui.kinds import FeedbackState
from harn_tui.view.model import *  # noqa: F403
from harn_tui.view import model as m


def apply(view, record: Record):
    e = record.event
    t = record.emitted_at_ms
    ch = m.Changes()
    view.event_count = record.index + 1
    view.last_event_at_ms = t
    def add(b):
        view.blocks.append(b)
        ch.blocks.add(len(view.blocks) - 1)
    match e:
        case host.SessionStart():
            view.session_id, view.cwd, view.model, view.provider = e.session_id, e.cwd, e.model, e.provider
            ch.status = True
        case host.UserMessage():
            add(m.UserBlock(t, e.content))
        case host.LoopStart():
            view.is_running = True; view.run_started_at_ms = t; view.run_ended_at_ms = None; ch.status = True
        case host.LoopEnd():
            view.is_running = False; view.run_ended_at_ms = t; view.last_status = e.status; view.last_reason = e.reason
            view.call_started_at_ms = None; ch.status = True
        case agent.TurnStart():
            view.turn += 1; ch.status = True
        case host.LlmCallStart():
            view.call = e.call; view.call_started_at_ms = t; view.first_token_at_ms = None; view.retry_until_ms = None; ch.status = True
        case host.LlmRetry():
            view.retry_until_ms = t + e.delay_ms; ch.status = True
        case host.LlmCallEnd():
            view.call_started_at_ms = None
            view.totals.input_tokens += e.usage.get("input_tokens", 0); view.totals.output_tokens += e.usage.get("output_tokens", 0)
            view.last_input_tokens = e.usage.get("input_tokens", 0); ch.status = True
        case agent.AgentMessageChunk() | agent.AgentThoughtChunk():
            cls = m.ThoughtBlock if isinstance(e, agent.AgentThoughtChunk) else m.AssistantBlock
            if view.first_token_at_ms is None:
                view.first_token_at_ms = t; ch.status = True
            last = view.blocks[-1] if view.blocks else None
            if type(last) is cls and last.is_open:
                last.parts.append(e.content); ch.blocks.add(len(view.blocks) - 1)
            else:
                add(cls(t, view.call, [e.content]))
        case agent.ToolCall():
            if e.tool_call_id not in view.tools_by_id:
                view.tools_by_id[e.tool_call_id] = len(view.blocks)
                add(m.ToolBlock(t, e.tool_call_id, e.tool_name, e.kind, e.status, e.raw_input, turn=view.turn))
            else:
                i = view.tools_by_id[e.tool_call_id]; view.blocks[i].arguments = e.raw_input; ch.blocks.add(i)
        case agent.ToolCallUpdate():
            i = view.tools_by_id[e.tool_call_id]; b = view.blocks[i]
            b.status = e.status; b.duration_ms = e.duration_ms; b.execution_duration_ms = e.execution_duration_ms
            b.error = e.error; b.error_category = e.error_category; b.running_since_ms = t; b.waiting_since_ms = None
            ch.blocks.add(i); ch.status = True
        case agent.Plan():
            view.plan = e.plan; ch.plan = True
        case host.Notice():
            add(m.NoticeBlock(t, e.level, e.text))
        case host.FeedbackStateChanged():
            ch.queue = True
            line = next((q for q in view.queue if q.feedback_id == e.feedback_id), None)
            if e.state in {FeedbackState.WITHDRAWN, FeedbackState.DELIVERED}:
                if line:
                    view.queue.remove(line)
                for i, b in enumerate(view.blocks):
                    if isinstance(b, m.UserBlock) and b.feedback_id == e.feedback_id:
                        b.delivered_before_call = e.call; ch.blocks.add(i)
            elif line:
                line.state = e.state
                if e.content is not None: line.text = e.content
                if e.state is FeedbackState.CLAIMED:
                    add(m.UserBlock(t, line.text, e.feedback_id))
            else:
                view.queue.append(m.QueuedLine(e.feedback_id, e.content or "", e.state, e.boundary, t))
        case host.PermissionRequest():
            view.permissions.append(m.PendingPermission(e.request_id, e.tool_call_id, e.tool_name, e.reason, e.summary, t))
            if e.tool_call_id in view.tools_by_id:
                i = view.tools_by_id[e.tool_call_id]; view.blocks[i].waiting_since_ms = t; ch.blocks.add(i)
            ch.permissions = ch.status = True
        case host.PermissionDecision():
            view.permissions[:] = [p for p in view.permissions if p.request_id != e.request_id]
            ch.permissions = ch.status = True
    return ch
