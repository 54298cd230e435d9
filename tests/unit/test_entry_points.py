import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.metadata import Distribution, DistributionFinder
from pathlib import Path

import pytest

from harn_tui.entry_points import installed_entry_points

GROUP = "a_group_of_a_test"
DECLARED = f"[console_scripts]\na = a:b\n\n[{GROUP}]\nlater = acme.two\nearlier = acme.one:x\n"
METADATA = "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n"


def names() -> list[tuple[str, str]]:
    return [(entry.name, entry.value) for entry in installed_entry_points(GROUP)]


def wheel(place: Path) -> None:
    write(place / "acme-1.0.dist-info", "METADATA")


def old_style(place: Path) -> None:
    write(place / "acme.egg-info", "PKG-INFO")


def egg(place: Path) -> None:
    elsewhere = place.parent / f"{place.name} with an egg" / "acme-1.0-py3.egg"
    write(elsewhere / "EGG-INFO", "PKG-INFO")
    sys.path.append(str(elsewhere))


def write(folder: Path, metadata: str) -> None:
    folder.mkdir(parents=True)
    (folder / metadata).write_text(METADATA)
    (folder / "entry_points.txt").write_text(DECLARED)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path), str(tmp_path / "not there")])
    return tmp_path


@pytest.mark.parametrize("install", [wheel, old_style, egg])
def test_what_packages_offer_is_found_by_name(place: Path, install: Callable[[Path], None]) -> None:
    assert names() == []
    install(place)
    assert names() == [("earlier", "acme.one:x"), ("later", "acme.two")]


def test_packages_in_an_archive_are_found(place: Path) -> None:
    archive = place / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("acme-1.0.dist-info/METADATA", METADATA)
        file.writestr("acme-1.0.dist-info/entry_points.txt", DECLARED)
    sys.path.append(str(archive))
    assert [name for name, _ in names()] == ["earlier", "later"]


def test_who_finds_packages_elsewhere_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Finder(DistributionFinder):
        def find_distributions(self, *args: object) -> list[Distribution]:
            asked.append(args)
            return []

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert names() == []
    assert asked


def test_the_reader_is_not_imported_where_nobody_offers_anything() -> None:
    program = (
        "import sys; from harn_tui.entry_points import installed_entry_points as find;"
        f"assert find({GROUP!r}) == []; assert 'importlib.metadata' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
