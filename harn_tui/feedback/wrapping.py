"""The form in which feedback and the runtime's own blocks stand in the model's context.

The wrapper tells the model who is speaking, so what is inside must not be able to end it or to
begin another: text from tools and files travels in it too (docs/loop.md, feedback).
"""

import re

_FEEDBACK = "runtime_feedback"
_INJECTION = "runtime_injection"
_UNSEEN = r"\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"


def _tag_start_pattern(*tag_names: str) -> re.Pattern[str]:
    """Match the ``<`` of anything that a model may take for a tag of one of the names.

    White space, characters that show nothing and slashes may stand between the bracket and the
    name, and the former also between the letters.
    """
    names = "|".join(f"[{_UNSEEN}]*+".join(map(re.escape, name)) for name in tag_names)
    return re.compile(rf"<(?=[{_UNSEEN}/]*+(?:{names}))", re.IGNORECASE)


_TAG_START = _tag_start_pattern(_FEEDBACK, _INJECTION)
_KIND_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def wrap_feedback(kind: str, content: str) -> str:
    """Return the content of the user message that carries the feedback.

    ``kind`` is escaped, ``content`` trimmed. In ``content`` only a ``<`` that seems to open or
    close a wrapper becomes ``&lt;``; other text, code included, stays as it is.
    """
    return _wrapped(_FEEDBACK, kind, escape_wrappers(content.strip()))


def escape_wrappers(text: str) -> str:
    """Return ``text`` with nothing in it that a model may take for a tag of a wrapper."""
    return _TAG_START.sub("&lt;", text)


def wrap_injection(kind: str, content: str) -> str:
    """Return the content of a user message with a block that the runtime puts into one request.

    The block's own tag is ``kind``, a word of letters and underscores. ``content`` is trimmed,
    and in it whatever seems a tag of the block or of a wrapper loses its ``<``, as in feedback.
    """
    body = _tag_start_pattern(_FEEDBACK, _INJECTION, kind).sub("&lt;", content.strip())
    return _wrapped(_INJECTION, kind, f"<{kind}>\n{body}\n</{kind}>")


def _wrapped(tag_name: str, kind: str, body: str) -> str:
    return f'<{tag_name} kind="{kind.translate(_KIND_ESCAPES)}">\n{body}\n</{tag_name}>'
