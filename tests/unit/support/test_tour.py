"""The tour's pictures are there, are shown, and can be made again from what is kept."""

import re
from pathlib import Path

from harn_tui.linear.spoken import Spoken
from harn_tui.store.log_reader import read_records
from tests.support.terminal import REPOSITORY
from tests.support.tour.pictures import PICTURES
from tests.support.tour.stage import SESSIONS, records_until, set_up

TOUR = (REPOSITORY / "docs" / "tour.md").read_text(encoding="utf-8")
FOLDER = REPOSITORY / "docs" / "pictures"


def test_the_tour_shows_each_picture_once_with_words_for_who_cannot_see_it() -> None:
    shown = re.findall(r"!\[([^\]]{20,})\]\(pictures/([a-z-]+)\.svg\)", TOUR)
    assert [name for _, name in shown] == [picture.name for picture in PICTURES]
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(name for _, name in shown)


def test_the_moment_of_each_picture_is_in_its_recorded_session() -> None:
    for picture in PICTURES:
        if picture.session:
            assert records_until(picture), picture.name


def test_pictures_load_nothing_and_name_no_folder_of_a_machine() -> None:
    for path in FOLDER.iterdir():
        drawn = path.read_text(encoding="utf-8")
        assert not re.search(r"@font-face|<image|<script|href=", drawn), path.name
        folders = set(re.findall(r"/(?:home|root|tmp|work|Users)/\w*", drawn))
        assert folders <= {"/home/gardener"}, path.name


async def test_a_picture_still_shows_what_it_is_of(tmp_path: Path) -> None:
    steering = next(picture for picture in PICTURES if picture.name == "steering")
    async with set_up(steering, tmp_path) as app:
        assert "delivered" in app.export_screenshot()


def test_the_plain_lines_are_those_of_the_linear_console() -> None:
    said: list[str] = []
    spoken = Spoken(said.append)
    for record in read_records(SESSIONS / "approvals.jsonl"):
        spoken.take(record)
    (example,) = re.findall(r"```\n(Model call.*?)\n```", TOUR, re.DOTALL)
    assert example in "\n".join(said)
