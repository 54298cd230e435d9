from pathlib import Path

import pytest

from harn_tui.skills.project_instructions import ProjectInstructions, project_instructions


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = (tmp_path / "repository").resolve()
    (root / ".git").mkdir(parents=True)
    (root / "src" / "deep").mkdir(parents=True)
    (tmp_path / "AGENTS.md").write_text("outside")
    return root


def test_files_from_the_root_down_to_the_folder_are_collected(repository: Path) -> None:
    (repository / "AGENTS.md").write_text("Root rules.\n")
    (repository / "src" / "deep" / "AGENTS.md").write_text("Deep rules.")
    (repository / "src" / "AGENTS.md").write_text("  \n")
    found = project_instructions(repository / "src" / "deep")
    root_file, deep_file = repository / "AGENTS.md", repository / "src/deep/AGENTS.md"
    assert found == ProjectInstructions(
        f"## Project instructions\n\n### {root_file}\n\nRoot rules.\n\n"
        f"### {deep_file}\n\nDeep rules.",
        (root_file, deep_file),
    )


def test_a_folder_below_or_beside_has_no_say(repository: Path) -> None:
    (repository / "src" / "AGENTS.md").write_text("Src rules.")
    assert project_instructions(repository) == ProjectInstructions("")


def test_outside_of_a_repository_only_the_folder_itself_counts(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "AGENTS.md").write_text("Not mine.")
    assert project_instructions(inner).paths == ()
    (inner / "AGENTS.md").write_text("Mine.")
    assert project_instructions(inner).paths == (inner.resolve() / "AGENTS.md",)


def test_a_link_within_the_repository_is_read_and_one_out_of_it_is_not(repository: Path) -> None:
    (repository / "RULES.md").write_text("Linked.")
    (repository / "AGENTS.md").symlink_to("RULES.md")
    (repository / "src" / "AGENTS.md").symlink_to(repository.parent / "AGENTS.md")
    found = project_instructions(repository / "src")
    assert "Linked." in found.text
    assert "outside" not in found.text
    assert "leads out of" in found.notices[0]


def test_a_large_file_is_left_out_with_a_notice(repository: Path) -> None:
    (repository / "AGENTS.md").write_text("x" * 40_000)
    (repository / "src" / "AGENTS.md").write_text("Small.")
    found = project_instructions(repository / "src")
    assert found.paths == (repository / "src/AGENTS.md",)
    assert "32 KiB" in found.notices[0]


def test_the_nearest_files_are_kept_when_all_are_too_much(repository: Path) -> None:
    folders = [repository, repository / "src", repository / "src" / "deep"]
    for folder in folders:
        (folder / "AGENTS.md").write_text("x" * 30_000)
    found = project_instructions(folders[-1])
    assert [path.parent for path in found.paths] == folders[1:]
    assert str(repository / "AGENTS.md") in found.notices[0]


def test_bytes_that_are_no_text_do_no_harm(repository: Path) -> None:
    (repository / "AGENTS.md").write_bytes(b"caf\xe9 \xff")
    assert "caf\ufffd" in project_instructions(repository).text
