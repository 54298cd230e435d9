"""The command line of bubblewrap and the variables that are passed: no sandbox is needed here."""

from itertools import pairwise
from pathlib import Path

import pytest

from harn_tui.tools.sandbox.bubblewrap import SandboxLayout, bubblewrap_command
from harn_tui.tools.sandbox.environment import sandbox_environment
from harn_tui.tools.sandbox.layout import sandbox_layout


def arguments(layout: SandboxLayout) -> list[str]:
    return list(bubblewrap_command("/usr/bin/bwrap", layout, ("bash", "-c", "true")))


def test_everything_is_read_only_but_the_workspace_and_temporary_folders() -> None:
    built = arguments(
        SandboxLayout(Path("/w/a"), writable=(Path("/w/a"),), temporary=(Path("/tmp"),))
    )
    assert built[:4] == ["/usr/bin/bwrap", "--ro-bind", "/", "/"]
    assert built.index("--tmpfs") < built.index("--bind-try")
    assert ("--bind-try", "/w/a") in pairwise(built)
    assert ("--chdir", "/w/a") in pairwise(built)
    assert built[-4:] == ["--", "bash", "-c", "true"]


def test_privileges_namespaces_and_the_end_of_this_program_are_seen_to() -> None:
    built = arguments(SandboxLayout(Path("/")))
    assert {"--unshare-all", "--new-session", "--die-with-parent"} <= set(built)
    assert ("--cap-drop", "ALL") in pairwise(built)
    assert "--share-net" not in built
    assert "--share-net" in arguments(SandboxLayout(Path("/"), has_network=True))


def test_outer_folders_are_mounted_before_those_inside_them() -> None:
    roots = (Path("/w/a/b"), Path("/w"), Path("/w/a"))
    built = arguments(SandboxLayout(Path("/w"), writable=roots))
    mounted = [after for before, after in pairwise(built) if before == "--bind-try"]
    assert mounted == ["/w", "/w/a", "/w/a/b"]


def test_hidden_places_are_covered_after_the_workspace_that_holds_them() -> None:
    layout = SandboxLayout(
        Path("/h"),
        writable=(Path("/h"),),
        hidden_folders=(Path("/h/.ssh"),),
        hidden_files=(Path("/h/.netrc"),),
    )
    built = arguments(layout)
    assert built.index("--bind-try") < built.index("/h/.ssh") < built.index("/h/.netrc")
    assert built[built.index("/h/.netrc") - 2 :][:2] == ["--ro-bind", "/dev/null"]


def test_a_layout_is_free_of_links_and_hides_only_credentials_that_are_there(
    tmp_path: Path,
) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    (home / ".ssh").mkdir(parents=True)
    (home / ".netrc").touch()
    work.mkdir()
    (tmp_path / "link").symlink_to(work)
    layout = sandbox_layout(
        tmp_path / "link", (tmp_path / "link",), ("more", "~/x"), home=home, has_network=False
    )
    assert layout.cwd == work
    assert layout.writable == (work, work / "more", Path.home() / "x")
    assert layout.hidden_folders == (home / ".ssh",)
    assert layout.hidden_files == (home / ".netrc",)
    assert Path("/tmp") in layout.temporary


@pytest.mark.parametrize("root", [".ssh", ".ssh/keys"])
def test_credentials_that_are_the_workspace_itself_stay_in_view(tmp_path: Path, root: str) -> None:
    (tmp_path / root).mkdir(parents=True)
    layout = sandbox_layout(
        tmp_path / root, (tmp_path / root,), (), home=tmp_path, has_network=False
    )
    assert layout.hidden_folders == ()


def test_secrets_stay_out_of_the_environment_unless_they_are_named() -> None:
    environment = {
        "PATH": "/bin",
        "OPENAI_API_KEY": "sk-1",
        "GITHUB_TOKEN": "t",
        "DB_PASSWORD": "p",
        "DATABASE_URL": "postgres://user:hunter2@host/db",
        "HOMEPAGE": "https://example.org/@me",
        "TMPDIR": "/somewhere",
    }
    assert sandbox_environment(environment, ["GITHUB_TOKEN"]) == {
        "PATH": "/bin",
        "GITHUB_TOKEN": "t",
        "HOMEPAGE": "https://example.org/@me",
        "TMPDIR": "/tmp",
    }
