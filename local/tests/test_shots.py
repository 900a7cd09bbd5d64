"""The list of pictures, and what becomes of one; taking them needs the demonstration."""

import io

from PIL import Image

from otsp_local.shots import COLOURS, FOLDER, NARROW, SHOTS, WIDE, reduced


def test_each_picture_has_a_name_of_its_own_and_is_in_the_guide():
    files = [shot.file for shot in SHOTS]

    assert len(set(files)) == len(files)
    assert {shot.width for shot in SHOTS} == {WIDE, NARROW}
    assert set(files) == {file.name for file in FOLDER.glob("*.png")}


def test_an_account_logs_in_once():
    accounts = [shot.account for shot in SHOTS]
    changes = [
        now for before, now in zip([None, *accounts], accounts, strict=False) if before != now
    ]

    assert len(changes) <= len(set(accounts)) + 3


def test_a_picture_is_reduced_to_few_colours_and_stays_as_large():
    image = Image.effect_noise((320, 200), 60).convert("RGB")
    told = io.BytesIO()
    image.save(told, "PNG")

    kept = Image.open(io.BytesIO(reduced(told.getvalue())))

    assert kept.size == (320, 200)
    assert kept.mode == "P"
    assert len(kept.getcolors()) <= COLOURS
