"""The ways to answer a call, in words that fit the width and say what each one covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from textual.content import Content

from harn_tui.console.actions import key_of
from harn_tui.console.breakpoints import MIDDLE_COLUMNS, WIDE_COLUMNS
from harn_tui.console.click_target import clickable

Ways: TypeAlias = Sequence[tuple[str, str]]
"""An action and what it is called, in the order in which they are shown."""

_COLUMNS_AROUND = 6
"""Columns of the dock beside its text: margins, border, padding."""

_COVERED = {"command": "this command", "path": "this file"}
_EXACT_CALL = "this call"


def covered_words(parameter: str | None) -> str:
    """Return what a grant for the session covers: exactly this command, file or call."""
    return _EXACT_CALL if parameter is None else _COVERED.get(parameter, _EXACT_CALL)


def ways_inside(covered: str, columns: int) -> Ways:
    """Return what the letters do while a person is in the dock."""
    if columns < MIDDLE_COLUMNS:
        return (
            ("dock_allow_once", "yes"),
            ("dock_deny", "no"),
            ("dock_show_call", "full"),
            ("escape", "back"),
        )
    return (
        ("dock_allow_once", "once"),
        ("dock_allow_session", covered),
        ("dock_allow_always", "always…"),
        ("dock_deny", "no"),
        ("dock_show_call", "full screen"),
        ("escape", "back"),
    )


def ways_outside(covered: str, columns: int) -> Ways:
    """Return what the chords do, in the longest words that fit."""
    if columns < MIDDLE_COLUMNS:
        return (("allow_once", "yes"), ("deny", "no"), ("focus_dock", "more"))
    rows = (
        _wordy(f"{covered}, all session"),
        _wordy(covered),
        _short(covered, "no, why"),
        _short(covered, "no…"),
    )
    room = columns - _COLUMNS_AROUND
    return next((row for row in rows if _plain_row(row, columns).cell_length <= room), rows[-1])


def answers_row(ways: Ways, columns: int, *, is_inside: bool, is_lit: bool) -> Content:
    """Return the ways with their keys, each to be clicked; lit up when they count."""
    key_style, word_style = ("bold $warning", "$foreground") if is_lit else ("$faint",) * 2
    answers = [
        clickable(
            Content.assemble((key_of(action_id), key_style), (f" {words}", word_style)), action_id
        )
        for action_id, words in ways
    ]
    return (Content("  ") if is_inside else _gap(columns)).join(answers)


def _plain_row(ways: Ways, columns: int) -> Content:
    return _gap(columns).join(Content(f"{key_of(action_id)} {words}") for action_id, words in ways)


def _gap(columns: int) -> Content:
    return Content("  " if columns >= WIDE_COLUMNS else " ")


def _wordy(covered: str) -> Ways:
    return (
        ("allow_once", "once"),
        ("allow_session", covered),
        ("allow_always", "always…"),
        ("allow_with_note", "once, with a note"),
        ("deny", "no"),
        ("deny_with_note", "no, say why"),
        ("focus_dock", "go in"),
    )


def _short(covered: str, refusal: str) -> Ways:
    return (
        ("allow_once", "once"),
        ("allow_session", covered),
        ("allow_always", "always"),
        ("deny", "no"),
        ("deny_with_note", refusal),
        ("focus_dock", "go in"),
    )
