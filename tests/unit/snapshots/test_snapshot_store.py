"""Snapshots with a real git: what they cover, whom they leave alone, and what goes wrong."""

import os
import shutil
import socket
import subprocess
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from harn_tui.errors import SnapshotError, SnapshotsUnavailableError
from harn_tui.snapshots.authorship import Interval
from harn_tui.snapshots.deadline import Deadline
from harn_tui.snapshots.restore_plan import WayBack, make_plan
from harn_tui.snapshots.snapshot_retention import SnapshotsKept, keep_small
from harn_tui.snapshots.snapshot_store import SnapshotLimits, SnapshotStore
from tests.unit.snapshots.desk_of_files import DeskOfFiles, contents_of


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=p", "-c", "user.email=p@p", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def names_in(store: SnapshotStore, tree: str) -> set[bytes]:
    git_folder = store.folder / "git"
    listed = subprocess.run(
        ["git", f"--git-dir={git_folder}", "ls-tree", "-r", "-z", "--name-only", tree],
        check=True,
        capture_output=True,
    ).stdout
    return {name for name in listed.split(b"\0") if name}


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_repository_of_the_person_is_not_touched_and_its_rules_hold(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    git(desk.folder, "init", "-q")
    for name in ("kept.py", "staged.py", "stashed.py"):
        desk.write(name, "one\n")
    desk.write(".gitignore", "*.log\n/build/\n")
    desk.write(".gitattributes", "* text eol=crlf filter=upper\n*.py ident\n")
    git(desk.folder, "config", "filter.upper.clean", f"touch {tmp_path}/ran; cat")
    git(desk.folder, "config", "core.hooksPath", str(tmp_path))
    program(tmp_path / "post-index-change", f"touch {tmp_path}/ran")
    git(desk.folder, "-c", "core.hooksPath=/dev/null", "add", "kept.py", "stashed.py")
    git(desk.folder, "-c", "core.hooksPath=/dev/null", "commit", "-qm", "x")
    desk.write("stashed.py", "two\n")
    git(desk.folder, "-c", "core.hooksPath=/dev/null", "stash")
    git(desk.folder, "-c", "core.hooksPath=/dev/null", "add", "staged.py")
    (desk.folder / ".git" / "info" / "exclude").write_text("secret.txt\n")
    (tmp_path / "ran").unlink(missing_ok=True)
    desk.write("a.log", "x")
    desk.write("build/out", "x")
    desk.write("secret.txt", "x")
    before = contents_of(desk.folder / ".git")

    mark = desk.mark()
    desk.agent_writes(**{"kept.py": "two\r\n", "new/file.py": "$Id$\n"})
    tree = desk.store.take().tree
    expected = {b"kept.py", b"staged.py", b"stashed.py", b"new/file.py"}
    assert names_in(desk.store, tree) == expected | {b".gitignore", b".gitattributes"}
    desk.rewind(mark)

    assert (desk.folder / "kept.py").read_bytes() == b"one\n"
    assert not (desk.folder / "new").exists()
    assert (desk.folder / "a.log").exists()
    desk.undo()
    assert (desk.folder / "kept.py").read_bytes() == b"two\r\n"
    assert (desk.folder / "new" / "file.py").read_bytes() == b"$Id$\n"
    assert contents_of(desk.folder / ".git") == before
    assert not (tmp_path / "ran").exists()


def test_no_setting_of_the_persons_environment_is_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[core]\n\thooksPath = /nowhere\n[commit]\n\tgpgSign = true\n")
    for name, value in {
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_DIR": str(tmp_path / "elsewhere"),
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.excludesFile",
        "GIT_CONFIG_VALUE_0": str(config),
    }.items():
        monkeypatch.setenv(name, value)
    desk = DeskOfFiles(tmp_path)
    mark = desk.mark()
    desk.agent_writes(a="1")
    assert desk.rewind(mark).restored == (b"a",)
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "index").exists()


def test_what_is_no_file_of_the_folder_is_left_out_and_never_overwritten(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path, limits=SnapshotLimits(max_file_bytes=1000))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "theirs").write_text("theirs")
    os.mkfifo(desk.folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(desk.folder / "socket"))
    for name in ("nested", "empty-nested", "submodule"):
        (desk.folder / name).mkdir()
    for name in ("nested", "empty-nested"):
        git(desk.folder / name, "init", "-q")
    (desk.folder / "submodule" / ".git").write_text("gitdir: ../../modules/submodule\n")
    for name in ("nested", "submodule"):
        (desk.folder / name / "file").write_text("x")
    git(desk.folder / "nested", "add", "file")
    git(desk.folder / "nested", "commit", "-qm", "x")
    (desk.folder / "large").write_bytes(b"x" * 1001)
    (desk.folder / "grows").write_bytes(b"x" * 999)
    (desk.folder / "link").symlink_to(outside)
    (desk.folder / "folder").mkdir()
    (desk.folder / "folder" / "theirs").write_text("ours")

    mark = desk.mark()
    desk.before()
    assert names_in(desk.store, desk.store.take().tree) == {b"grows", b"link", b"folder/theirs"}
    assert desk.store.take().left_out >= 3
    (desk.folder / "grows").write_bytes(b"y" * 2000)
    shutil.rmtree(desk.folder / "folder")
    (desk.folder / "folder").symlink_to(outside)
    desk.after()
    outcome = desk.rewind(mark)

    kept = {file.path: file.reason for file in outcome.kept}
    assert kept.keys() == {b"grows"}
    assert "in no snapshot" in kept[b"grows"]
    assert (desk.folder / "grows").read_bytes() == b"y" * 2000
    assert (outside / "theirs").read_text() == "theirs"
    assert (desk.folder / "folder" / "theirs").read_text() == "ours"
    assert not (desk.folder / "folder").is_symlink()


def test_a_link_that_the_person_put_there_is_not_followed(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    desk.write("folder/file", "old")
    mark = desk.mark()
    desk.agent_writes(**{"folder/file": "new"})
    shutil.rmtree(desk.folder / "folder")
    (desk.folder / "folder").symlink_to(outside)
    (outside / "file").write_text("new")
    outcome = desk.rewind(mark, with_yours=True)
    assert (outside / "file").read_text() == "new"
    assert (desk.folder / "folder").is_symlink()
    assert {file.path for file in outcome.kept} == {b"folder", b"folder/file"}


def test_rights_and_folders_come_back(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.write("run", "1")
    (desk.folder / "run").chmod(0o750)
    desk.write("private", "1")
    (desk.folder / "private").chmod(0o600)
    mark = desk.mark()
    desk.agent_writes(**{"run": "2", "private": "2", "deep/er/file": "3"})
    (desk.folder / "run").chmod(0o640)
    desk.before()
    desk.after()
    desk.rewind(mark, with_yours=True)
    assert (desk.folder / "run").stat().st_mode & 0o777 == 0o750
    assert (desk.folder / "private").stat().st_mode & 0o777 == 0o600
    assert not (desk.folder / "deep").exists()


def test_a_folder_within_a_repository_has_the_rules_from_above(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("*.o\n/work/out/\n/other/\nwork/tmp\n!work/tmp/keep\n")
    desk = DeskOfFiles(tmp_path)
    for name in ("a.c", "a.o", "out/a", "other/a", "tmp/a"):
        desk.write(name, "x")
    assert names_in(desk.store, desk.store.take().tree) == {b"a.c", b"other/a"}


def test_the_exclude_file_of_a_worktree_is_that_of_its_repository(tmp_path: Path) -> None:
    main = tmp_path / "main"
    main.mkdir()
    git(main, "init", "-q")
    (main / "a").write_text("x")
    git(main, "add", "a")
    git(main, "commit", "-qm", "x")
    (main / ".git" / "info" / "exclude").write_text("hidden\n")
    git(main, "worktree", "add", "-q", str(tmp_path / "tree"))
    (tmp_path / "tree" / "hidden").write_text("x")
    before = contents_of(main / ".git")
    store = SnapshotStore(tmp_path / "data" / "snapshots", tmp_path / "tree")
    assert names_in(store, store.take().tree) == {b"a"}
    assert contents_of(main / ".git") == before


def test_the_data_folder_is_no_part_of_a_snapshot(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    store = SnapshotStore(tmp_path / "da[t]a" / "snapshots", tmp_path)
    store.take()
    assert names_in(store, store.take().tree) == {b"a"}


def test_several_at_once_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        store = SnapshotStore(tmp_path / "data" / "snapshots", desk.folder)
        try:
            for turn in range(5):
                (desk.folder / f"file{number}").write_text(str(turn))
                tree = store.take().tree
                assert f"file{number}".encode() in names_in(store, tree)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(names_in(desk.store, desk.store.take().tree)) == 4


def test_without_git_there_are_no_snapshots(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path, find_program=lambda _: None)
    with pytest.raises(SnapshotsUnavailableError, match="no git on this machine"):
        desk.store.take()


def test_a_folder_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    slow = program(tmp_path / "slow-git", "sleep 60")
    desk = DeskOfFiles(
        tmp_path, limits=SnapshotLimits(time_limit_s=0.2), find_program=lambda _: slow
    )
    with pytest.raises(SnapshotsUnavailableError, match=r"longer than 0\.2 s"):
        desk.store.take()


def test_a_folder_that_was_too_slow_is_not_waited_for_again(tmp_path: Path) -> None:
    slow = program(
        tmp_path / "slow-git",
        f'echo x >> {tmp_path}/runs; case "$*" in *ls-files*) sleep 60;; *) exec git "$@";; esac',
    )
    limits = SnapshotLimits(time_limit_s=0.5)
    desk = DeskOfFiles(tmp_path, limits=limits, find_program=lambda _: slow)
    with pytest.raises(SnapshotsUnavailableError, match="longer than"):
        desk.store.take()
    runs = (tmp_path / "runs").read_text()
    with pytest.raises(SnapshotsUnavailableError, match="longer than"):
        desk.store.take()
    assert (tmp_path / "runs").read_text() == runs
    other = SnapshotLimits(time_limit_s=30)
    store = SnapshotStore(tmp_path / "data" / "snapshots", desk.folder, limits=other)
    assert store.take().tree


def test_a_lock_that_an_ended_git_left_is_no_obstacle(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.store.take()
    (desk.store.folder / "git" / "index.lock").write_text("")
    desk.write("a", "x")
    assert names_in(desk.store, desk.store.take().tree) == {b"a"}


@pytest.mark.parametrize("damage", ["HEAD", "index", "objects", "everything"])
def test_a_damaged_store_is_made_anew_and_says_what_is_gone(tmp_path: Path, damage: str) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.write("a", "1")
    mark = desk.mark()
    desk.agent_writes(a="2")
    git_folder = desk.store.folder / "git"
    if damage in {"HEAD", "index"}:
        (git_folder / damage).write_bytes(b"\x00garbage")
    elif damage == "objects":
        shutil.rmtree(git_folder / "objects")
    else:
        shutil.rmtree(git_folder)
    desk.write("b", "x")
    snapshot = desk.store.take()
    assert names_in(desk.store, snapshot.tree) == {b"a", b"b"}
    assert snapshot.is_new_store
    with pytest.raises(SnapshotError, match="not there any more"):
        desk.rewind(mark)
    assert (desk.folder / "a").read_text() == "2"


def test_a_missing_content_keeps_every_file_as_it_is(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.write("a", "first")
    desk.write("b", "first too")
    mark = desk.mark()
    desk.agent_writes(a="2", b="2")
    blob = desk.plan(mark).files[0].target
    assert blob is not None
    (desk.store.folder / "git" / "objects" / blob.blob[:2] / blob.blob[2:]).unlink()
    with pytest.raises(SnapshotError, match="none was brought back"):
        desk.rewind(mark)
    assert {(desk.folder / name).read_text() for name in "ab"} == {"2"}


@pytest.mark.parametrize("words", ["No space left on device", "Read-only file system"])
def test_a_full_or_read_only_disk_is_told_and_nothing_is_thrown_away(
    tmp_path: Path, words: str
) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.agent_writes(a="1")
    broken = program(tmp_path / "git", f'echo "fatal: cannot write: {words}" >&2; exit 128')
    store = SnapshotStore(
        tmp_path / "data" / "snapshots", desk.folder, find_program=lambda _: broken
    )
    with pytest.raises(SnapshotError, match=words) as told:
        store.take()
    assert "Check the disk" in str(told.value)
    assert not desk.store.take().is_new_store


def test_a_file_that_cannot_be_taken_in_costs_no_earlier_snapshot(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.agent_writes(a="1")
    tree = desk.store.take().tree
    # A name may have words in it that git has for damage.
    words = "fatal: Unable to process path corrupt_index_file/broken links is empty"
    odd = program(
        tmp_path / "git",
        f'case "$*" in *update-index*) echo "{words}" >&2; exit 128;; *) exec git "$@";; esac',
    )
    desk.write("b", "x")
    store = SnapshotStore(tmp_path / "data" / "snapshots", desk.folder, find_program=lambda _: odd)
    with pytest.raises(SnapshotError, match="Unable to process"):
        store.take()
    assert store.missing([tree]) == []


def test_what_is_no_id_never_reaches_git(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.agent_writes(a="1")
    tree = desk.store.take().tree
    for odd in (f"--output={tmp_path}/written", f"{tree}\n{tree}", "HEAD", ""):
        assert desk.store.missing([odd, tree]) == [odd]
        way = WayBack(odd, (Interval(odd, tree, is_of_agent=True),))
        with pytest.raises(SnapshotError, match="not there any more"):
            make_plan(desk.store, way, tree)
    assert not (tmp_path / "written").exists()


def test_a_restore_that_could_not_be_undone_is_not_begun(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    mark = desk.mark()
    desk.agent_writes(a="1")
    (desk.store.folder / "restores.jsonl").mkdir()
    with pytest.raises(SnapshotError, match="cannot be written"):
        desk.rewind(mark)
    assert (desk.folder / "a").read_text() == "1"


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    (tmp_path / "work").mkdir()
    store = SnapshotStore(tmp_path / "data" / "snapshots", tmp_path / "work")
    with pytest.raises(SnapshotError, match="cannot be used"):
        store.take()


def test_a_moved_folder_is_brought_back_where_it_is_now(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.write("a", "1")
    mark = desk.mark()
    desk.agent_writes(a="2", b="2")
    moved = tmp_path / "moved"
    desk.folder.rename(moved)
    with pytest.raises(SnapshotError, match="not there any more"):
        desk.rewind(mark)
    desk.store = SnapshotStore(tmp_path / "data" / "snapshots", desk.folder, files_at=moved)
    desk.rewind(mark)
    assert contents_of(moved) == {b"a": (False, b"1")}


def test_old_and_large_stores_are_made_smaller(tmp_path: Path) -> None:
    directory = tmp_path / "data" / "snapshots"
    trees = {}
    desk = DeskOfFiles(tmp_path)
    for day in (1, 2, 3):
        then = datetime(2020, 1, day, tzinfo=UTC)
        store = SnapshotStore(
            directory, desk.folder, now=partial(datetime.fromtimestamp, then.timestamp(), UTC)
        )
        desk.write("a", f"{day}" * 100)
        trees[day] = store.take().tree
    today = desk.store
    desk.write("a", "now")
    trees[4] = today.take().tree
    assert keep_small(directory, SnapshotsKept(days=30)) == [today.folder]
    assert today.missing(trees.values()) == sorted([trees[1], trees[2], trees[3]])
    assert keep_small(directory, SnapshotsKept(days=30)) == []

    assert keep_small(directory, SnapshotsKept(days=30, size=10)) == [today.folder]
    assert today.missing([trees[4]]) == [trees[4]]
    assert today.take().is_new_store

    os.utime(today.folder / "lock", (0, 0))
    assert keep_small(directory, SnapshotsKept(days=30)) == [today.folder]
    assert not today.folder.exists()


def test_the_snapshots_of_today_stay_when_others_are_collected(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    trees = []
    for text in ("one", "two"):
        desk.write("a", text)
        trees.append(desk.store.take().tree)
    for text in ("three", "four"):
        with desk.store.locked():
            desk.store.forget_locked([], Deadline(60))
        desk.write("a", text)
        trees.append(desk.store.take().tree)
    with desk.store.locked():
        desk.store.forget_locked([], Deadline(60))
    assert desk.store.missing(trees) == []


def test_a_store_whose_refs_are_packed_goes_on_from_them(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.write("a", "one")
    first = desk.store.take().tree
    git(desk.folder, f"--git-dir={desk.store.folder / 'git'}", "pack-refs", "--all")
    desk.write("a", "two")
    fresh = SnapshotStore(tmp_path / "data" / "snapshots", desk.folder)
    fresh.take()
    with fresh.locked():
        fresh.forget_locked([], Deadline(60))
    assert fresh.missing([first]) == []


def test_a_new_folder_of_several_files_goes_as_a_whole(tmp_path: Path) -> None:
    desk = DeskOfFiles(tmp_path)
    desk.write("kept", "x")
    at = desk.mark()
    desk.before()
    for name in ("a/b/c", "a/b/d", "a/e/f/g", "a/e/f/h"):
        desk.write(name, name)
    desk.after()
    outcome = desk.rewind(at)
    assert outcome.kept == ()
    assert desk.files() == {b"kept": (False, b"x")}
    assert [path.name for path in desk.folder.iterdir()] == ["kept"]
