"""What a skill is: instructions for one kind of work, and what is said about them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

SkillHook: TypeAlias = Callable[[], Awaitable[None]]
Invocation: TypeAlias = Literal["auto", "explicit"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who vouches for a skill. It comes from a verifier, never from the skill's own file.

    ``error`` says why a signature that is there does not count, ``None`` when nothing is wrong.
    """

    is_signed: bool = False
    is_trusted: bool = False
    signer_fingerprint: str | None = None
    error: str | None = None


UNSIGNED = Provenance()


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill (docs/skills.md).

    ``short`` is one line for lists. ``prompt`` is the body with its placeholders. ``paths`` are
    globs of files that the skill is about. ``allowed_tools`` are tool names, ``namespace:TAG``
    or ``*``. ``invocation`` ``explicit`` keeps matching away, while ``load_skill`` still works;
    a skill that is not ``is_model_invocable`` can be had by neither. The hooks are those of
    programs that embed the loop; a file cannot have any. ``directory`` is ``None`` for a skill
    that came from no file, and ``source`` says in words where it came from.
    """

    name: str
    namespace: str = ""
    short: str = ""
    description: str = ""
    when_to_use: str = ""
    prompt: str = ""
    paths: tuple[str, ...] = ()
    allowed_tools: tuple[str, ...] = ()
    requires_mcp: tuple[str, ...] = ()
    model: str | None = None
    effort: str | None = None
    invocation: Invocation = "auto"
    is_model_invocable: bool = True
    is_user_invocable: bool = True
    must_be_signed: bool = False
    trusted_signers: tuple[str, ...] = ()
    provenance: Provenance = UNSIGNED
    on_activate: SkillHook | None = None
    on_deactivate: SkillHook | None = None
    directory: Path | None = None
    source: str = ""

    @property
    def skill_id(self) -> str:
        """The name with its namespace before it, which no other skill of a set has."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def can_match(self) -> bool:
        """Whether a prompt may activate the skill without anybody naming it on purpose."""
        return self.is_model_invocable and self.invocation == "auto"
