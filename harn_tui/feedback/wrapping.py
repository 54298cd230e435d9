"""The form in which feedback stands in the model's context.

The wrapper tells the model who is speaking, so what is inside must not be able to end it or to
begin another: text from tools and files travels in it too (docs/loop.md, feedback).
"""

import re

_WRAPPER_NAMES = ("runtime_feedback", "runtime_injection")
_UNSEEN = r"\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"


def _tag_start_pattern() -> re.Pattern[str]:
    """Match the ``<`` of anything that a model may take for a tag of a wrapper.

    White space, characters that show nothing and slashes may stand between the bracket and the
    name, and the former also between the letters.
    """
    names = "|".join(f"[{_UNSEEN}]*+".join(map(re.escape, name)) for name in _WRAPPER_NAMES)
    return re.compile(rf"<(?=[{_UNSEEN}/]*+(?:{names}))", re.IGNORECASE)


_TAG_START = _tag_start_pattern()
_KIND_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def wrap_feedback(kind: str, content: str) -> str:
    """Return the content of the user message that carries the feedback.

    ``kind`` is escaped, ``content`` trimmed. In ``content`` only a ``<`` that seems to open or
    close a wrapper becomes ``&lt;``; other text, code included, stays as it is.
    """
    body = _TAG_START.sub("&lt;", content.strip())
    return f'<runtime_feedback kind="{kind.translate(_KIND_ESCAPES)}">\n{body}\n</runtime_feedback>'
