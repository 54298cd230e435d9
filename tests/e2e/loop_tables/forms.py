"""The two forms in which a model calls tools and ends its work, as a script writes them."""

import json
from dataclasses import dataclass

from tests.e2e.loop_tables.case import Json

SENTINEL = "##DONE##"


@dataclass(frozen=True)
class Form:
    """A tool format; ``done`` is how a model says in it that everything is done."""

    name: str
    done: str

    @property
    def toml(self) -> str:
        """The line of ``[loop]`` that chooses it."""
        return f'tool_format = "{self.name}"\n'

    def says(self, text: str) -> Json:
        """Return a reply of text alone."""
        return {"text": text if self.name == "native" else prose(text)}

    def calls(self, *calls: tuple[str, Json], text: str = "") -> Json:
        """Return a reply that calls tools, each a name with arguments."""
        if self.name == "native":
            listed = [{"name": name, "arguments": arguments} for name, arguments in calls]
            return {"text": text, "tool_calls": listed}
        parts = [text] if text else []
        parts += [tagged_call(name, json.dumps(arguments)) for name, arguments in calls]
        return {"text": "\n".join(parts)}

    def unreadable(self) -> Json:
        """Return a reply whose only call cannot be read."""
        return {"text": tagged_call("read_file", '{"path": ')}


def prose(text: str) -> str:
    """Return ``text`` in the block for prose."""
    return f"<assistant_prose>{text}</assistant_prose>"


def done_block(body: str) -> str:
    """Return the block that declares the work done."""
    return f"<done>{body}</done>"


def tagged_call(name: str, arguments: str) -> str:
    """Return one call as the text format has it."""
    return f"<tool_call>\n{name}({arguments})\n</tool_call>"


NATIVE = Form("native", SENTINEL)
TEXT = Form("text", done_block(SENTINEL))
FORMS = (NATIVE, TEXT)

READ: tuple[str, Json] = ("read_file", {"path": "a.txt"})
LIST: tuple[str, Json] = ("list_directory", {"path": "."})
MISSING: tuple[str, Json] = ("read_file", {"path": "missing.txt"})
WRITE: tuple[str, Json] = ("write_file", {"path": "out.txt", "content": "x"})


def run_command(command: str) -> tuple[str, Json]:
    """Return a call that runs ``command`` in a shell."""
    return ("run_command", {"command": command})


def loop(options: str, form: Form = NATIVE) -> str:
    """Return a ``[loop]`` table with ``options``, in a form."""
    return f"[loop]\n{form.toml}{options}\n"


def persistent(options: str = "", form: Form = NATIVE) -> str:
    """Return a ``[loop]`` table of a persistent loop."""
    return loop(f"persistent = true\n{options}", form)
