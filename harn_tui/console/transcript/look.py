"""How the roles of the transcript look, in tokens of the theme only."""

from textual.widget import Widget

from harn_tui.console.transcript.palette import Palette
from harn_tui.console.transcript.roles import Role

COMPONENT_CLASSES = frozenset(f"transcript--{role.value}" for role in Role)

CSS = """
Transcript {
    background: $background;
    color: $foreground;
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;

    & .transcript--muted { color: $text-muted; }
    & .transcript--faint { color: $text-disabled; }
    & .transcript--strong { text-style: bold; }
    & .transcript--user { background: $panel 60%; }
    & .transcript--user-mark { color: $primary; background: $panel 60%; }
    & .transcript--user-note { color: $text-muted; background: $panel 60%; }
    & .transcript--steered-mark { color: $accent; background: $panel 60%; }
    & .transcript--heading { color: $text-primary; text-style: bold; }
    & .transcript--subheading { text-style: bold; }
    & .transcript--bullet { color: $text-primary; }
    & .transcript--quote { color: $text-muted; }
    & .transcript--quote-mark { color: $text-disabled; }
    & .transcript--inline-code { color: $text-accent; }
    & .transcript--link { color: $text-primary; text-style: underline; }
    & .transcript--rule { color: $text-disabled; }
    & .transcript--table-header { text-style: bold; }
    & .transcript--code { background: $panel 60%; }
    & .transcript--code-note { color: $text-muted; background: $panel 60%; }
    & .transcript--syntax-keyword { color: $text-accent; background: $panel 60%; }
    & .transcript--syntax-string { color: $text-success; background: $panel 60%; }
    & .transcript--syntax-number { color: $text-warning; background: $panel 60%; }
    & .transcript--syntax-comment {
        color: $text-muted; background: $panel 60%;
        text-style: italic;
    }
    & .transcript--syntax-function { color: $text-primary; background: $panel 60%; }
    & .transcript--syntax-type { color: $text-secondary; background: $panel 60%; }
    & .transcript--thought {
        color: $text-muted;
        text-style: italic;
    }
    & .transcript--thought-mark { color: $text-secondary; }
    & .transcript--output { color: $text-muted; }
    & .transcript--running { color: $text-primary; }
    & .transcript--waiting { color: $text-warning; text-style: bold; }
    & .transcript--success { color: $text-success; }
    & .transcript--warning { color: $text-warning; }
    & .transcript--error { color: $text-error; }
    & .transcript--added { color: $text-success; background: $success 12%; }
    & .transcript--removed { color: $text-error; background: $error 12%; }
    & .transcript--hunk { color: $text-secondary; }
    & .transcript--cursor { color: $accent; text-style: bold; }
    & .transcript--selected { background: $primary 35%; }
    & .transcript--hit { background: $warning 35%; text-style: underline; }
    & .transcript--current-hit { color: $background; background: $warning; text-style: bold; }

    /* With the terminal's own colours, or with none, strength tells what shades tell else. */
    &:ansi {
        & .transcript--muted, & .transcript--faint, & .transcript--user-note,
        & .transcript--quote-mark, & .transcript--rule, & .transcript--code-note,
        & .transcript--syntax-comment, & .transcript--output, & .transcript--thought {
            text-style: dim;
        }
        & .transcript--user { text-style: bold; }
        & .transcript--added, & .transcript--removed { background: ansi_default; }
        & .transcript--selected { background: ansi_default; text-style: reverse; }
        & .transcript--hit { background: ansi_default; text-style: bold underline; }
        & .transcript--current-hit {
            color: ansi_default; background: ansi_default; text-style: bold reverse;
        }
    }
}
"""


def read_palette(widget: Widget) -> Palette:
    """Return the styles of all roles under the widget's present theme."""
    return Palette(
        {role: widget.get_component_rich_style(f"transcript--{role.value}") for role in Role}
    )
