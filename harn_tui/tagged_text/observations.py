"""The form in which results of text calls stand in the model's context.

Results hold text of files, commands and servers, so what is inside a block must not be able to end
it: whoever wrote that text could otherwise speak as another tool.
"""

import re
from typing import Final

_UNSEEN: Final = r"\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_ODD_IN_NAME: Final = re.compile(rf"[\[\]{_UNSEEN}]+")


def _spaced(word: str) -> str:
    """Return a pattern for ``word`` with characters that show nothing between its letters."""
    return f"[{_UNSEEN}]*+".join(word)


_MARKER: Final = re.compile(
    rf"\[(?=[{_UNSEEN}]*+(?:{_spaced('endof')}[^\]]{{1,200}}{_spaced('result')}[{_UNSEEN}]*+\]"
    rf"|{_spaced('resultof')}[^\]\n]{{1,200}}\][ \t\r]*+$))",
    re.IGNORECASE | re.MULTILINE,
)


def observation_block(name: str, text: str) -> str:
    """Return the block with the result ``text`` of the tool ``name``, a blank line at its end.

    Within ``text`` the bracket of what a model may take for the first or last line of a block
    becomes ``&#91;``; other text, ``[end of file]`` for one, stays as it is.
    """
    shown_name = _ODD_IN_NAME.sub("_", name)
    body = _MARKER.sub("&#91;", text)
    separator = "" if body.endswith("\n") else "\n"
    return f"[result of {shown_name}]\n{body}{separator}[end of {shown_name} result]\n\n"
