"""What a reply in the text format says."""

from dataclasses import dataclass

from harn_tui.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class TextCall:
    """One call that can run. It has no id: the loop gives each call of a turn its own.

    ``raw`` is its source, ``name({ … })``. ``offset`` is where it begins in the reply, its tag or
    label included; the candidate that announced it while it streamed in has the same.
    """

    name: str
    arguments: JsonObject
    raw: str
    offset: int


@dataclass(frozen=True, slots=True)
class TaggedReply:
    """A parsed reply.

    ``errors`` has one sentence for each call that could not be parsed, ``violations`` what is
    against the grammar though nothing was lost by it. ``prose`` joins the ``<assistant_prose>``
    blocks, ``user_response`` the ``<user_response>`` blocks, each with a blank line; empty ones
    count as absent. ``done_body`` is the last body of a ``<done>`` block, trimmed and not empty.
    ``canonical`` writes all accepted blocks anew, without what stood around them.
    """

    calls: tuple[TextCall, ...] = ()
    errors: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    prose: str = ""
    user_response: str | None = None
    done_body: str | None = None
    canonical: str = ""

    @property
    def said(self) -> str:
        """What the turn says to a person: the user response, else the prose, else ``""``."""
        return self.prose if self.user_response is None else self.user_response
