"""Decides whether a skill is signed well enough to be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harn_tui.skills.skill import Skill

REQUIRE_VARIABLE: Final = "HARN_REQUIRE_SIGNED_SKILLS"
UNSIGNED_ERROR: Final = "UnsignedSkillError"
UNTRUSTED_ERROR: Final = "UntrustedSignerError"

_YES: Final = frozenset({"1", "true", "yes"})


@dataclass(frozen=True, slots=True)
class SignatureFault:
    """Why a skill may not be used: ``code`` for programs, ``message`` for the model."""

    code: str
    message: str


def are_signatures_required(environment: Mapping[str, str]) -> bool:
    """Whether the environment demands that every skill be signed."""
    return environment.get(REQUIRE_VARIABLE, "").strip().lower() in _YES


def signature_fault(skill: Skill, *, must_be_signed: bool) -> SignatureFault | None:
    """Return what is wrong with the signature of ``skill``, ``None`` when it may be used.

    A signature is needed when the caller says so, when the skill does, or when the skill names
    the signers that it trusts; then only one of these will do.
    """
    if not (must_be_signed or skill.must_be_signed or skill.trusted_signers):
        return None
    provenance = skill.provenance
    details = f" ({provenance.error})" if provenance.error else ""
    if not provenance.is_signed:
        return SignatureFault(
            UNSIGNED_ERROR, f"{skill.skill_id} must be signed, and it is not{details}."
        )
    is_named = not skill.trusted_signers or provenance.signer_fingerprint in skill.trusted_signers
    if provenance.is_trusted and is_named:
        return None
    signer = provenance.signer_fingerprint or "unknown"
    return SignatureFault(
        UNTRUSTED_ERROR, f"{skill.skill_id} is signed by {signer}, which is not trusted{details}."
    )
