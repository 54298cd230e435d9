"""The ``load_skill`` tool: what a model is told of it, and its answers.

It is described by plain values; the loop makes a tool of them.
"""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.skills.catalog import render_catalog
from harn_tui.skills.scope import LOAD_SKILL_NAME
from harn_tui.skills.signatures import signature_fault
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import NotResolved, SkillSet
from harn_tui.skills.substitution import SkillContext, filled_body

_DESCRIPTION: Final = (
    "Load a skill: instructions for one kind of work, which you then follow. The tools that it"
    " allows can be called from your next turn on."
)
_PARAMETERS: Final[JsonObject] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "The skill's id, or its name alone."},
        "require_signature": {
            "type": "boolean",
            "description": "Load it only if a trusted signer has signed it.",
        },
    },
    "required": ["name"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class LoadSkillTool:
    """The tool as a model sees it. ``parameters`` is a JSON Schema of type ``object``."""

    name: str
    description: str
    parameters: JsonObject


@dataclass(frozen=True, slots=True)
class LoadSkillAnswer:
    """What a call of the tool gives.

    ``text`` is for the model: the body, or JSON with ``error``, ``skill`` and ``message``.
    ``skill`` is the one that the name meant, also when loading it was refused, and ``None`` when
    it meant none. ``error`` is the code, ``None`` when the skill is loaded.
    """

    text: str
    skill: Skill | None = None
    error: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the skill is loaded."""
        return self.error is None

    @property
    def note(self) -> JsonObject | None:
        """Who vouches for the skill, as a transcript keeps it, ``None`` without a skill."""
        if self.skill is None:
            return None
        provenance = self.skill.provenance
        return {
            "skill_id": self.skill.skill_id,
            "signer_fingerprint": provenance.signer_fingerprint,
            "signed": provenance.is_signed,
            "trusted": provenance.is_trusted,
        }


def load_skill_tool(skills: SkillSet) -> LoadSkillTool | None:
    """Return the tool with the skills listed in its description, ``None`` when there are none."""
    if not len(skills):
        return None
    catalog = render_catalog(skills)
    description = f"{_DESCRIPTION}\n{catalog}" if catalog else _DESCRIPTION
    return LoadSkillTool(LOAD_SKILL_NAME, description, _PARAMETERS)


def answer_load_skill(
    arguments: JsonObject,
    skills: SkillSet,
    context: SkillContext,
    *,
    must_be_signed: bool = False,
) -> LoadSkillAnswer:
    """Return the answer to a call with ``arguments``; never raises.

    ``must_be_signed`` is what the environment demands (``are_signatures_required``).
    """
    name = arguments.get("name")
    shown = name.strip() if isinstance(name, str) else ""
    fault = _argument_fault(arguments)
    if fault is not None:
        return _refused("invalid_arguments", shown, fault)
    if not len(skills):
        return _refused("skill_registry_unavailable", shown, "This run has no skills.")
    skill = skills.resolve(shown)
    if isinstance(skill, NotResolved):
        return _refused("skill_not_found", shown, skill.message)
    if not skill.is_model_invocable:
        message = f"{skill.skill_id} can be used by people only."
        return _refused("skill_model_invocation_disabled", shown, message, skill)
    wants_signature = must_be_signed or arguments.get("require_signature") is True
    signature = signature_fault(skill, must_be_signed=wants_signature)
    if signature is not None:
        return _refused(signature.code, shown, signature.message, skill)
    return LoadSkillAnswer(filled_body(skill, context), skill)


def _argument_fault(arguments: JsonObject) -> str | None:
    known = ("name", "require_signature")
    for key in arguments:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            return f"There is no parameter `{key}`." + (f" Did you mean `{near[0]}`?" * len(near))
    name = arguments.get("name")
    if not isinstance(name, str) or not name.strip():
        return "`name` must be the id or the name of a skill."
    if not isinstance(arguments.get("require_signature"), bool | None):
        return "`require_signature` must be true or false."
    return None


def _refused(code: str, name: str, message: str, skill: Skill | None = None) -> LoadSkillAnswer:
    shown: JsonValue = skill.skill_id if skill is not None else name
    body: JsonObject = {"error": code, "skill": shown, "message": message}
    return LoadSkillAnswer(json.dumps(body, indent=2, ensure_ascii=False), skill, code)
