"""The risks that lie in the paths of a command: credentials, and what is outside the workspace."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from harn_tui.permissions.shell_command.inside import names
from harn_tui.permissions.shell_command.model import SimpleCommand

_CREDENTIALS = re.compile(
    r"(?:^|/)(?:\.ssh/(?!known_hosts|config$|authorized_keys)[^/]+|id_(?:rsa|dsa|ecdsa|ed25519)|"
    r"\.aws/credentials|\.netrc|_netrc|\.git-credentials|\.pypirc|\.npmrc|\.pgpass|\.my\.cnf|"
    r"\.docker/config\.json|\.kube/config|\.gnupg(?:/.*)?|\.config/gh/hosts\.yml|"
    r"\.config/gcloud/.*|\.azure/.*|\.cargo/credentials(?:\.toml)?|\.vault-token|"
    r"\.env(?:\.(?!example$|sample$|template$|dist$)[\w-]+)?|[^/]*\.(?:pem|p12|pfx|keystore|jks)|"
    r"shadow|gshadow|credentials\.json|service[-_]account[^/]*\.json)$",
    re.IGNORECASE,
)
_NAMING_ONLY = names("ls test [ stat echo printf git basename dirname ssh-keygen chmod touch mkdir")
_HARMLESS_PATHS = names("/dev/null /dev/stdin /dev/stdout /dev/stderr /dev/tty /dev/zero "
                        "/dev/urandom")  # fmt: skip
_SCRIPTED = names("sed gsed awk gawk mawk grep egrep fgrep rg perl jq tr expr")
_MOST_LOOKED_UP = 300  # plain words that may be links; each costs a look at the disk
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_OPTION_VALUE = re.compile(r"-[A-Za-z]([/~.].*)|(?:-{1,2})?[\w-]+=(.*)|@(.*)", re.DOTALL)


def credential_paths(command: SimpleCommand) -> Iterator[str]:
    """Yield the arguments and inputs that name files with credentials, if their content is read."""
    if (command.program or "") in _NAMING_ONLY:
        return
    read = [found.target.text for found in command.redirections if found.reads_file]
    for text in [*(word.text for word in command.arguments), *read]:
        for path in _paths_in(text):
            if _CREDENTIALS.search(path):
                yield text


def outside_paths(command: SimpleCommand, cwd: Path, roots: tuple[Path, ...]) -> Iterator[str]:
    """Yield the arguments and targets that lead out of ``roots``, links resolved on the disk."""
    words = list(command.arguments)
    if command.program in _SCRIPTED:
        script = next((word for word in words if not word.text.startswith("-")), None)
        words = [word for word in words if word is not script]
    targets = [found.target.text for found in command.redirections if found.here is None]
    is_inside = any(Path(os.path.realpath(cwd)).is_relative_to(root) for root in roots)
    for place, text in enumerate([*targets, *(word.text for word in words)]):
        may_look = place < _MOST_LOOKED_UP or not is_inside
        if any(_leads_out(path, cwd, roots, may_look=may_look) for path in _paths_in(text)):
            yield text


def _paths_in(text: str) -> list[str]:
    """Return ``text`` and the value of an option in it."""
    found = _OPTION_VALUE.match(text)
    value = next((group for group in found.groups() if group), None) if found else None
    return [text] if value is None else [text, value]


def _leads_out(path: str, cwd: Path, roots: tuple[Path, ...], *, may_look: bool) -> bool:
    if path in _HARMLESS_PATHS or _ADDRESS.match(path) or "\x00" in path:
        return False
    is_plain = not path.startswith(("/", "~")) and ".." not in path.split("/")
    may_be_link = may_look and not path.startswith("-")
    if is_plain and not (may_be_link and ("/" in path or os.path.lexists(cwd / path))):
        return False
    try:
        real = Path(os.path.realpath(cwd / Path(path).expanduser()))
    except (OSError, RuntimeError, ValueError):
        return True
    return not any(real.is_relative_to(root) for root in roots)
