"""The risks of single commands that their program and its arguments tell."""

import re
from collections.abc import Iterator

from harn_tui.permissions.command_risk.labels import RiskLabel
from harn_tui.permissions.shell_command.inside import names
from harn_tui.permissions.shell_command.interpreters import given_code
from harn_tui.permissions.shell_command.model import SimpleCommand

DOWNLOADERS = names("curl wget fetch aria2c http https xh lynx axel")
INTERPRETERS = names(
    "sh bash dash ash zsh ksh mksh fish tcsh csh python python2 python3 perl ruby node nodejs deno "
    "bun php lua osascript pwsh tclsh Rscript eval source ."
)
_RAISING = names("sudo doas su pkexec run0 runuser sudoedit")
_KILLING = names("kill pkill killall killall5 xkill skill")
_WIPING = names(
    "mkfs mke2fs mkswap wipefs shred fdisk sfdisk cfdisk gdisk sgdisk parted blkdiscard "
    "shutdown reboot halt poweroff init telinit dropdb srm"
)
_WRITING = names(
    "rm rmdir unlink mv cp ln mkdir mkfifo mknod touch tee install truncate dd chmod chown chgrp "
    "chattr setfacl patch rsync unzip gunzip bunzip2 unxz gzip bzip2 xz zip split csplit "
    "mktemp sponge ed ex rename"
)
_TRANSFERRING = names("nc ncat netcat socat scp sftp ftp tftp telnet rclone croc wormhole")
_SENDING = re.compile(
    r"(?:-d|--data(?:-\w+)?|-F|--form(?:-\w+)?|-T|--upload-file|--json|--post-data|--post-file|"
    r"--body-data|--body-file|--method)(?:=.*)?|-X(?:POST|PUT|PATCH|DELETE)|-[dFT].+",
    re.DOTALL,
)
_IN_PLACE = re.compile(r"-[Eenprslz0-9]*i")
_METHODS = names("POST PUT PATCH DELETE")
_INSTALLING = {
    **dict.fromkeys(names("apt apt-get aptitude dnf yum zypper brew snap port pkg"), "install"),
    **dict.fromkeys(names("pip pip2 pip3 pipx conda mamba gem go cargo choco winget"), "install"),
    **dict.fromkeys(names("npm pnpm yarn bun"), "install i add ci"),
    **dict.fromkeys(names("uv poetry pdm composer flatpak apk"), "add install sync require"),
    "dpkg": "-i --install",
    "rpm": "-i -U --install --upgrade",
    "pacman": "-S -Sy -Syu -U",
    "easy_install": "",
    "make": "install",
}
_GIT_WRITING = names(
    "add am apply branch checkout cherry-pick clean clone commit fetch gc init merge mv pull "
    "push rebase reset restore revert rm stash switch tag worktree submodule update-ref"
)
_DEVICE = re.compile(r"/dev/(?:sd|hd|vd|xvd|nvme|mmcblk|disk|mapper|md|dm-)\w*")
_ROOTS = names("/ /* ~ ~/ ~/* /etc /usr /bin /sbin /lib /var /home /root /boot /opt")


def program_risks(command: SimpleCommand) -> Iterator[RiskLabel]:
    """Yield the risks of ``command``, some perhaps twice."""
    program = (command.program or "").lower()
    arguments = [word.text for word in command.arguments]
    if program in _RAISING:
        yield RiskLabel.SUDO
    if program in _KILLING or (program == "fuser" and _has_flag(arguments, "k")):
        yield RiskLabel.PROCESS_KILL
    if _is_destructive(command, program, arguments):
        yield RiskLabel.DESTRUCTIVE
    if _writes(command, program, arguments) or given_code(command.words) is not None:
        yield RiskLabel.WRITE_INTENT
    if _installs(program, arguments):
        yield RiskLabel.PACKAGE_INSTALL
    if _sends(command, program, arguments):
        yield RiskLabel.NETWORK_EXFIL
    if program == "git" and _forces_push(arguments):
        yield RiskLabel.GIT_FORCE_PUSH


def _is_destructive(command: SimpleCommand, program: str, arguments: list[str]) -> bool:
    targets = [found.target.text for found in command.redirections if found.writes_file]
    if any(_DEVICE.match(target) for target in targets):
        return True
    if program in {"rm", "chmod", "chown", "chgrp"}:
        is_recursive = _has_flag(arguments, "rR") or "--recursive" in arguments
        return is_recursive and (program == "rm" or bool(_ROOTS & set(arguments)))
    if program == "dd":
        return any(a.startswith("of=") and _DEVICE.match(a[3:]) for a in arguments)
    if program in {"find", "gfind"}:
        return "-delete" in arguments
    if program == "git":
        return _discards(arguments)
    if program in {"terraform", "tofu", "pulumi"}:
        return "destroy" in arguments
    return program in _WIPING or program.startswith("mkfs.")


def _discards(arguments: list[str]) -> bool:
    command = arguments[0] if arguments else ""
    if command == "clean":
        return _has_flag(arguments, "f") or "--force" in arguments
    return command == "reset" and "--hard" in arguments


def _writes(command: SimpleCommand, program: str, arguments: list[str]) -> bool:
    if any(found.writes_file for found in command.redirections):
        return True
    if program in _WRITING or program in _WIPING:
        return True
    if program in {"sed", "gsed", "perl"}:
        return any(_is_in_place(argument) for argument in arguments)
    if program == "git":
        return bool(arguments) and arguments[0] in _GIT_WRITING
    if program in {"find", "gfind"}:
        return any(a == "-delete" or a.startswith("-fprint") for a in arguments)
    if program in DOWNLOADERS:
        return program == "wget" or any(
            a.startswith(("-o", "-O", "--output", "--remote-name")) for a in arguments
        )
    if program == "tar":
        return bool(arguments) and ("x" in arguments[0] or "c" in arguments[0])
    return False


def _is_in_place(argument: str) -> bool:
    return argument.startswith("--in-place") or _IN_PLACE.match(argument) is not None


def _installs(program: str, arguments: list[str]) -> bool:
    words = _INSTALLING.get(program)
    if words is None:
        is_module = program.startswith("python") and arguments[:2] == ["-m", "pip"]
        return is_module and "install" in arguments
    return not words or bool(names(words) & set(arguments[:4]))


def _sends(command: SimpleCommand, program: str, arguments: list[str]) -> bool:
    targets = [found.target.text for found in command.redirections]
    if any(target.startswith(("/dev/tcp/", "/dev/udp/")) for target in targets):
        return True
    if program in _TRANSFERRING:
        return True
    if program == "rsync":
        return any("::" in a or re.match(r"[\w.@-]+:", a) for a in arguments)
    if program not in DOWNLOADERS:
        return False
    is_open = any(
        word.is_open and ("$(" in word.text or "`" in word.text) for word in command.words
    )
    return is_open or any(_SENDING.fullmatch(a) or a in _METHODS for a in arguments)


def _forces_push(arguments: list[str]) -> bool:
    if not arguments or arguments[0] != "push":
        return False
    rest = arguments[1:]
    return (
        _has_flag(rest, "f")
        or any(a.startswith(("--force", "--mirror")) for a in rest)
        or any(a.startswith("+") for a in rest)
    )


def _has_flag(arguments: list[str], letters: str) -> bool:
    """Whether one of ``letters`` stands in a cluster of short options."""
    return any(
        a.startswith("-") and not a.startswith("--") and bool(set(a[1:]) & set(letters))
        for a in arguments
    )
