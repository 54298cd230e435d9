"""What can be offered where the cursor stands: commands behind ``/``, mentions behind ``@``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from harn_tui.console.action import Action
from harn_tui.console.completion.candidate import MAX_CANDIDATES, Candidate, Offer
from harn_tui.console.completion.file_index import RECENT_BONUS, FileIndex
from harn_tui.console.completion.fuzzy import fold, score
from harn_tui.console.key_names import show_key
from harn_tui.console.ports import Clock
from harn_tui.console.prompt_ports import OfferedPrompt, OfferedResource, PromptSourcesPort
from harn_tui.prompt_lines.mentions import mention_being_typed, mention_text
from harn_tui.prompt_lines.slash import command_asked_for, command_being_typed

_MAX_OF_SERVERS = 300
"""So many resources or prompts are matched at a key; servers have fewer."""
_FIRST_RESOURCES = 3
"""So many stand before the files while nothing is typed."""


class CompletionSources:
    """Looks up candidates. ``commands`` returns the actions that are usable now, by name.

    ``recent`` returns the paths that go first. Without a session there are no files and nothing
    of servers.
    """

    def __init__(
        self,
        commands: Callable[[], Mapping[str, Action]],
        recent: Callable[[], Collection[str]],
        now_ms: Clock,
    ) -> None:
        self.files = FileIndex(now_ms)
        self._commands = commands
        self._recent = recent
        self._session: PromptSourcesPort | None = None
        self._resources: tuple[Sequence[OfferedResource], list[Candidate]] = ((), [])

    def attach(self, session: PromptSourcesPort) -> None:
        """Take what the session offers."""
        self._session = session
        self.files.list_files = session.list_files

    def prompts(self) -> Sequence[OfferedPrompt]:
        """Return the prompts of the servers."""
        if self._session is None:
            return ()
        offered = self._session.prompts()[:_MAX_OF_SERVERS]
        return [prompt for prompt in offered if prompt.command.isprintable()]

    def offer_at(self, text: str, cursor: int, shown: Offer | None) -> Offer | None:
        """Return at once what is offered at ``cursor``; ``None`` where nothing is typed for it.

        With many files these are the ones of ``shown`` that still fit; ``matched`` has them all.
        """
        typed = command_being_typed(text, cursor)
        if typed is not None:
            return self._commands_for(typed)
        mention = mention_being_typed(text, cursor)
        if mention is None:
            return None
        start, query = mention
        if self.files.is_large:
            is_same = shown is not None and shown.start == start
            return self._mentions_for(start, query, shown.candidates if is_same and shown else ())
        found = self.files.match(query, self._recent(), MAX_CANDIDATES)
        return self._mentions_for(start, query, [_file(path) for path in found])

    async def matched(self, offer: Offer) -> Offer:
        """Return ``offer``, of a mention, with the files that fit best."""
        found = await self.files.match_in_thread(offer.query, self._recent(), MAX_CANDIDATES)
        return self._mentions_for(offer.start, offer.query, [_file(path) for path in found])

    def _mentions_for(self, start: int, query: str, files: Sequence[Candidate]) -> Offer:
        served = self._served()
        kept = [file for file in files if not file.also]
        mixed = [*kept, *served] if query else [*served[:_FIRST_RESOURCES], *kept]
        return Offer(start, query, _best(query, mixed, self._recent()), self.files.note)

    def _served(self) -> list[Candidate]:
        """Return the resources as entries, made again only when they have changed."""
        listed = self._session.resources()[:_MAX_OF_SERVERS] if self._session else ()
        if self._resources[0] != listed:
            entries = [_resource(one) for one in listed if one.mention.isprintable()]
            self._resources = (listed, entries)
        return self._resources[1]

    def _commands_for(self, typed: str) -> Offer:
        prompts = {prompt.command: prompt for prompt in self.prompts()}
        asked = command_asked_for(f"/{typed}", prompts)
        if asked is not None and asked[0] in prompts and len(typed) > len(asked[0]):
            return _arguments_for(typed, prompts[asked[0]])
        commands = self._commands()
        return Offer(
            start=0,
            query=typed,
            candidates=_best(
                typed,
                [
                    *(_command(name, action) for name, action in commands.items()),
                    *(_prompt(prompt) for prompt in prompts.values()),
                ],
            ),
        )


def _arguments_for(typed: str, prompt: OfferedPrompt) -> Offer:
    """Return the arguments of ``prompt`` that can still be given behind its name."""
    rest = typed[len(prompt.command) :]
    word = rest[max(rest.rfind(" "), rest.rfind("\t")) + 1 :]
    given = {part.partition("=")[0] for part in rest.split() if "=" in part}
    candidates = [
        Candidate(
            label=f"{argument.name}=",
            insertion=f"{argument.name}=",
            detail=argument.description,
            aside="needed" if argument.is_required else "",
            needs_tab=True,
        )
        for argument in prompt.arguments
        if argument.name not in given and argument.name.startswith(word)
    ]
    start = 1 + len(typed) - len(word)
    return Offer(start, word, tuple(candidates) if "=" not in word else ())


def _command(name: str, action: Action) -> Candidate:
    return Candidate(
        label=name,
        insertion=f"/{name}",
        detail=action.help,
        aside=show_key(action.keys[0]) if action.keys else "",
        also=action.label,
    )


def _prompt(prompt: OfferedPrompt) -> Candidate:
    ending = " " if prompt.arguments else ""
    return Candidate(prompt.command, f"/{prompt.command}{ending}", prompt.description)


def _file(path: str) -> Candidate:
    text = mention_text(path)
    if not path.endswith("/"):
        return Candidate(path, f"{text} ")
    # What lies in the folder can be typed on, so a quote that was opened stays open.
    return Candidate(path, text.removesuffix('"'))


def _resource(resource: OfferedResource) -> Candidate:
    words = " · ".join(part for part in (resource.name, resource.description) if part)
    insertion = f"{mention_text(resource.mention)} "
    return Candidate(resource.mention, insertion, words, also=resource.name or resource.mention)


def _best(
    query: str, candidates: Sequence[Candidate], recent: Collection[str] = ()
) -> tuple[Candidate, ...]:
    """Return those that fit, best first; all in their order while nothing is typed."""
    if not query:
        return tuple(candidates[:MAX_CANDIDATES])
    wanted = fold(query)
    scored = [
        (points + (RECENT_BONUS if one.label in recent else 0), one)
        for one in candidates
        if (points := _points(wanted, one)) is not None
    ]
    scored.sort(key=lambda pair: -pair[0])
    return tuple(one for _, one in scored[:MAX_CANDIDATES])


def _points(query: str, candidate: Candidate) -> int | None:
    found = [score(query, fold(text)) for text in (candidate.label, candidate.also) if text]
    return max((points for points in found if points is not None), default=None)
