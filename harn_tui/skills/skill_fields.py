"""Makes a skill of named fields: those of a file's front matter, or of an entry in a program.

Values of front matter are texts, lists and tables; an entry may hold true booleans as well.
Hyphen and underscore are the same in a key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from harn_tui.errors import ConfigError
from harn_tui.skills.path_globs import check_glob
from harn_tui.skills.skill import UNSIGNED, Invocation, Provenance, Skill, SkillHook

NAMESPACE_PREFIX: Final = "namespace:"
EVERY_TOOL: Final = "*"

_NAME = re.compile(r"[^\W_][\w.-]{0,63}")
_MOST_ITEMS = 200
_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
_HOOKS: Final = frozenset({"on_activate", "on_deactivate"})
_OF_OTHER_AGENTS: Final = frozenset({"license", "compatibility", "metadata", "version"})
_READ: Final = frozenset(
    {
        "name",
        "namespace",
        "short",
        "description",
        "when_to_use",
        "prompt",
        "paths",
        "allowed_tools",
        "mcp",
        "requires_mcp",
        "model",
        "effort",
        "invocation",
        "disable_model_invocation",
        "user_invocable",
        "require_signature",
        "trusted_signers",
    }
)


@dataclass(frozen=True, slots=True)
class SkillOrigin:
    """What a skill's own fields do not say, and may not.

    Only a program's own entries may bring hooks.
    """

    source: str
    namespace: str = ""
    directory: Path | None = None
    provenance: Provenance = UNSIGNED
    has_hooks: bool = False


@dataclass(frozen=True, slots=True)
class ReadSkill:
    """A skill, and what was wrong with its fields without making it useless."""

    skill: Skill
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Fields:
    """Fields by their canonical names. Every reader raises ConfigError for a wrong value."""

    values: dict[str, Any]
    warnings: list[str] = field(default_factory=list)

    def text(self, key: str, default: str = "") -> str:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise _wrong(key, "text")
        return value.strip()

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key)
        if value is None or value == "":
            return default
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in _TRUE | _FALSE:
            raise _wrong(key, "true or false")
        return word in _TRUE

    def hook(self, key: str) -> SkillHook | None:
        value = self.values.get(key)
        if value is not None and not callable(value):
            raise _wrong(key, "a coroutine function without parameters")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        if value is None or value == "":
            return ()
        items = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or len(items) > _MOST_ITEMS:
            raise _wrong(key, f"a list of at most {_MOST_ITEMS} texts")
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise _wrong(key, "a list of texts, none of them blank")
        return tuple(dict.fromkeys(item.strip() for item in items))


def skill_from_fields(
    given: Mapping[str, Any], origin: SkillOrigin, *, default_name: str = "", body: str = ""
) -> ReadSkill:
    """Return the skill that ``given`` describes.

    ``default_name`` is taken when there is no ``name``, ``body`` when there is no ``prompt``.
    An unknown key is a warning. Raises ConfigError for a wrong value.
    """
    fields = _canonical(given, has_hooks=origin.has_hooks)
    invocation = _invocation(fields)
    skill = Skill(
        name=_name(fields.text("name") or default_name),
        namespace=_namespace(origin.namespace, fields.text("namespace")),
        short=fields.text("short"),
        description=fields.text("description"),
        when_to_use=fields.text("when_to_use"),
        prompt=fields.text("prompt") or body.strip(),
        paths=_globs(fields),
        allowed_tools=_allowed_tools(fields),
        requires_mcp=tuple(dict.fromkeys((*fields.texts("mcp"), *fields.texts("requires_mcp")))),
        model=fields.text("model") or None,
        effort=fields.text("effort") or None,
        invocation=invocation,
        is_model_invocable=not fields.flag("disable_model_invocation", default=False),
        is_user_invocable=fields.flag("user_invocable", default=True),
        must_be_signed=fields.flag("require_signature", default=False),
        trusted_signers=fields.texts("trusted_signers"),
        provenance=origin.provenance,
        on_activate=fields.hook("on_activate"),
        on_deactivate=fields.hook("on_deactivate"),
        directory=origin.directory,
        source=origin.source,
    )
    return ReadSkill(skill, tuple(fields.warnings))


def _canonical(given: Mapping[str, Any], *, has_hooks: bool) -> _Fields:
    fields = _Fields({})
    for key, value in given.items():
        name = key.replace("-", "_")
        if name in _READ or (has_hooks and name in _HOOKS):
            fields.values[name] = value
        elif name in _HOOKS or name == "hooks":
            fields.warnings.append(f"`{key}` is left out: a skill's file cannot run anything.")
        elif name not in _OF_OTHER_AGENTS:
            near = get_close_matches(name, _READ, n=1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            fields.warnings.append(f"`{key}` is no key of a skill.{meant}")
    return fields


def _name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise _wrong("name", "1 to 64 letters, digits, dots, hyphens and underscores")
    return name


def _namespace(*parts: str) -> str:
    namespace = "/".join(part.strip("/") for part in parts if part.strip("/"))
    if namespace and not all(_NAME.fullmatch(part) for part in namespace.split("/")):
        raise _wrong("namespace", "names with slashes between them")
    return namespace


def _invocation(fields: _Fields) -> Invocation:
    """Return how the skill may begin; a word that is not known keeps matching away from it."""
    word = fields.text("invocation").lower()
    if word in {"", "auto"}:
        return "auto"
    if word != "explicit":
        fields.warnings.append("`invocation` is neither auto nor explicit; taken as explicit.")
    return "explicit"


def _globs(fields: _Fields) -> tuple[str, ...]:
    globs = fields.texts("paths")
    for pattern in globs:
        check_glob(pattern)
    return globs


def _allowed_tools(fields: _Fields) -> tuple[str, ...]:
    entries = fields.texts("allowed_tools")
    for entry in entries:
        is_namespace = entry.startswith(NAMESPACE_PREFIX) and len(entry) > len(NAMESPACE_PREFIX)
        if ":" in entry and not is_namespace:
            raise ConfigError(
                f"`allowed_tools` has the entry {entry!r}, which is no form that is known.",
                hint="Use tool names, namespace:TAG or *.",
            )
    return entries


def _wrong(key: str, wanted: str) -> ConfigError:
    return ConfigError(f"`{key}` has a wrong value.", hint=f"It must be {wanted}.")
