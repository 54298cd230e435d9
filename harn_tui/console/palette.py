"""The command palette's entries, made from the table of actions."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from harn_tui.console.action import Action
from harn_tui.console.key_names import show_key
from harn_tui.console.screens.performing import PerformingScreen


class ActionProvider(Provider):
    """Offers every action that the screen below the palette can perform."""

    async def discover(self) -> Hits:
        """Offer all of them while nothing is typed."""
        for action in self._actions():
            yield DiscoveryHit(_title(action), self._perform(action), action.label, action.help)

    async def search(self, query: str) -> Hits:
        """Offer those whose label fits ``query``."""
        matcher = self.matcher(query)
        for action in self._actions():
            score = matcher.match(action.label)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(_title(action)),
                    self._perform(action),
                    action.label,
                    action.help,
                )

    def _actions(self) -> list[Action]:
        return self.screen.palette_actions() if isinstance(self.screen, PerformingScreen) else []

    def _perform(self, action: Action) -> partial[None]:
        assert isinstance(self.screen, PerformingScreen)
        return partial(self.screen.action_perform, action.id)


def _title(action: Action) -> str:
    return f"{action.label}  {show_key(action.keys[0])}" if action.keys else action.label
