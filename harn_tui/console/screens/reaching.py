"""Reaches one nested loop among those at work: a line for it, or its end."""

from __future__ import annotations

from collections.abc import Callable

from harn_tui.console.agent_ports import AgentsPort, RunningAgent
from harn_tui.console.plain_text import one_line
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.agent_picker import AgentPicker
from harn_tui.console.screens.steering import Steering

_ENDED = "That agent has ended. What you typed is still here."


class Reaching:
    """What the keys for agents do.

    ``pick`` shows a picker and calls back with the chosen id or ``None``; ``tell`` shows a
    warning to the person, ``confirm`` what was done.
    """

    def __init__(
        self,
        prompt: Prompt,
        steering: Steering,
        *,
        pick: Callable[[AgentPicker, Callable[[str | None], None]], None],
        tell: Callable[[str], None],
        confirm: Callable[[str], None],
    ) -> None:
        self._prompt = prompt
        self._steering = steering
        self._pick = pick
        self._tell = tell
        self._confirm = confirm
        self._agents: AgentsPort | None = None
        self._addressed: RunningAgent | None = None

    @property
    def is_addressing(self) -> bool:
        """Whether the next line goes to an agent."""
        return self._addressed is not None

    def attach(self, agents: AgentsPort) -> None:
        """Take the session's agents."""
        self._agents = agents

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action for agents calls."""
        return {"steer_agent": self._steer, "cancel_agent": self._cancel}

    def steer(self, worker_id: str | None) -> None:
        """Send the prompt's text, or what is typed next, to one agent."""
        self._act_on(worker_id, self._send_or_address)

    def cancel(self, worker_id: str | None) -> None:
        """End one agent."""
        self._act_on(worker_id, self._end)

    def _act_on(self, worker_id: str | None, act: Callable[[RunningAgent], None]) -> None:
        running = () if self._agents is None else self._agents.running
        agent = next((one for one in running if one.worker_id == worker_id), None)
        if agent is None:
            self._tell("That agent is not at work.")
        else:
            act(agent)

    def take_line(self) -> bool:
        """Send the prompt's text to the agent that is addressed; false when none is."""
        if self._addressed is None:
            return False
        if not self._prompt.is_blank:
            self._send(self._addressed)
        return True

    def stop_addressing(self) -> bool:
        """Let the next line go to the session again; false when it would anyway."""
        was_addressing = self.is_addressing
        if was_addressing:
            self._address(None)
        return was_addressing

    def cancel_edit(self) -> None:
        """Let the prompt be for the session again: leave the agent, else the queued line."""
        if not self.stop_addressing():
            self._steering.cancel_edit()

    def _steer(self) -> None:
        if self._steering.is_editing:
            self._tell("A queued line is being edited. Finish that first.")
        else:
            self._choose("Steer which agent?", self._send_or_address)

    def _cancel(self) -> None:
        self._choose("Cancel which agent?", self._end)

    def _choose(self, title: str, act: Callable[[RunningAgent], None]) -> None:
        """Call ``act`` with the only agent at work, or with the one that a person picks."""
        running = {} if self._agents is None else {a.worker_id: a for a in self._agents.running}

        def take(worker_id: str | None) -> None:
            if worker_id is not None:
                act(running[worker_id])

        if not running:
            self._tell("No agent is at work.")
        elif len(running) == 1:
            take(next(iter(running)))
        else:
            self._pick(AgentPicker(title, tuple(running.values())), take)

    def _send_or_address(self, agent: RunningAgent) -> None:
        if self._prompt.is_blank:
            self._address(agent)
        else:
            self._send(agent)

    def _send(self, agent: RunningAgent) -> None:
        """Send the prompt's text; it stays there when the agent cannot have it."""
        self._address(None)
        if self._agents is None or not self._agents.steer(agent.worker_id, self._prompt.real_text):
            self._tell(_ENDED)
            return
        self._prompt.take()
        self._confirm(f"Sent to {one_line(agent.name)}: it reads it before its next model call.")

    def _end(self, agent: RunningAgent) -> None:
        if self._agents is not None and self._agents.cancel(agent.worker_id):
            self._confirm(f"{one_line(agent.name)} is being cancelled.")
        else:
            self._tell("That agent is ending already.")

    def _address(self, agent: RunningAgent | None) -> None:
        self._addressed = agent
        prompt = self._prompt
        if agent is None:
            prompt.say_purpose()
        else:
            title = f"To the agent {one_line(agent.name)}"
            prompt.say_purpose(title, "Enter sends it · Esc goes back", f"Type a line: {title}")
        prompt.focus()
