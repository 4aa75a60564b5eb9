from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from kling_desktop.domain.draft import Draft, ImageInput
from kling_desktop.domain.job import JobId, JobRequest, JobState, Service, TaskId
from kling_desktop.domain.video import Video
from kling_desktop.media.thumbnails import picture_key
from kling_desktop.ui.clips.clip_facts import describe_making, describe_settings, describe_several
from kling_desktop.ui.controls.labels import ElidedLabel
from kling_desktop.ui.controls.picture_button import PictureButton, build_file_mime
from kling_desktop.ui.details.details_panel import DetailsPanel
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording.translation import PSEUDO, set_language
from tests.media import pictures
from tests.ui.clip_samples import NOW, TALL, build_clip, settle
from tests.ui.library_stage import LibraryStage, find_nameless, open_library, put_away


@asynccontextmanager
async def open_details(
    folder: Path, look: Look
) -> AsyncIterator[tuple[DetailsPanel, LibraryStage]]:
    async with open_library(folder) as stage:
        panel = DetailsPanel(look, stage.parts, stage.jobs)
        panel.resize(360, 760)
        panel.show()
        try:
            yield panel, stage
        finally:
            put_away(panel)


def facts_of(panel: DetailsPanel) -> dict[str, str]:
    return {f.label: f.value for f in (*panel.settings.facts(), *panel.making.facts())}


def ours(video: Video) -> Video:
    """A clip that a job of this library made: what it cost is known and no mere claim."""
    return replace(video, job_id=JobId(1))


async def test_everything_fits_into_the_narrowest_panel(tmp_path: Path, look: Look) -> None:
    """Wider facts would push the buttons and lines under the panel's edge."""
    async with open_details(tmp_path, look) as (panel, stage):
        seed = 5790812798457798174
        (video,) = await stage.records.add(build_clip(1, prompt="A red fox.", seed=seed))
        panel.resize(300, 760)
        panel.show_videos([video])
        await settle()
        page = panel.scroll_area.widget()
        assert page is not None
        assert page.width() <= panel.scroll_area.viewport().width()
        panel.resize(316, 760)
        await settle()
        task_id = next(w for w in panel.findChildren(ElidedLabel) if "…" in w.text())
        assert task_id.width() >= task_id.sizeHint().width(), "whole where it is drawn narrow"


async def test_long_words_of_a_language_stay_in_the_panel(tmp_path: Path, look: Look) -> None:
    set_language(PSEUDO)
    try:
        async with open_details(tmp_path, look) as (panel, stage):
            (video,) = await stage.records.add(build_clip(1, prompt="A red fox.", seed=42))
            panel.resize(316, 760)
            panel.show_videos([video])
            await settle()
            page = panel.scroll_area.widget()
            assert page is not None
            assert page.width() <= panel.scroll_area.viewport().width()
            assert [b.toolTip() for b in panel.buttons.values()] == [
                b.text() for b in panel.buttons.values()
            ]
    finally:
        set_language("")


async def test_one_clip_says_how_it_was_made(tmp_path: Path, look: Look) -> None:
    async with open_details(tmp_path, look) as (panel, stage):
        (video,) = await stage.records.add(build_clip(1, prompt="A red fox.", seed=42))
        panel.show_videos([ours(video)])
        assert facts_of(panel) == {
            "Model": "Kling 2.5 Turbo",
            "Size": "1280 × 720, 16:9",
            "Length": "5 s at 30 fps",
            "Strength": "0.50",
            "Seed": "42",
            "Made": "Today 2:00\u202fPM, took 2:38",
            "Cost": "$0.35",
            "File": "clip-1.mp4",
            "On disk": "4.6 MB, H.264",
            "Task ID": "00000001-0000…0000",
        }
        copy = next(
            b for b in panel.findChildren(QPushButton) if b.accessibleName() == "Copy Task ID"
        )
        copy.click()
        assert QGuiApplication.clipboard().text() == video.task_id
        panel.copy_prompt.click()
        assert QGuiApplication.clipboard().text() == "A red fox."
        QGuiApplication.clipboard().clear()
        assert find_nameless(panel) == []


async def test_costs_are_never_invented(tmp_path: Path) -> None:
    async with open_library(tmp_path) as stage:
        unknown, free = await stage.records.add(
            build_clip(1, cost_usd=None), build_clip(2, service=Service.SANDBOX, cost_usd=None)
        )

        def cost(video: object) -> str:
            facts = describe_making(video, NOW)  # pyright: ignore[reportArgumentType]
            return {f.label: f.value for f in facts}["Cost"]

        assert cost(unknown) == "not stated"
        assert cost(free) == "Free, practice clip"


async def test_several_clips_are_summed(tmp_path: Path) -> None:
    async with open_library(tmp_path) as stage:
        videos = await stage.records.add(
            build_clip(1), build_clip(2, size=TALL), build_clip(3, cost_usd=None)
        )
        facts = {f.label: f.value for f in describe_several([ours(video) for video in videos])}
        assert facts["Cost"] == "$0.70, 1 not stated"
        assert facts["On disk"] == "13.7 MB"
        assert (facts["Size"], facts["Length"]) == ("mixed", "5 s")


async def test_a_change_in_the_store_shows_at_once(tmp_path: Path, look: Look) -> None:
    async with open_details(tmp_path, look) as (panel, stage):
        videos = await stage.records.fill(2)
        panel.show_videos(videos[:1])
        await stage.records.store.set_missing([videos[0].id], missing=True)
        await settle()
        assert facts_of(panel)["File"] == "clip-0.mp4 (moved)"
        reveal = panel.buttons["reveal"]
        assert reveal.disabled_reason == "The file has moved. Find it first."
        panel.show_videos(videos)
        assert panel.heading.text() == "2 selected"
        panel.show_videos([])
        assert panel.stack.currentIndex() == 0


async def test_frames_and_takes(tmp_path: Path, look: Look) -> None:
    async with open_details(tmp_path, look) as (panel, stage):
        picture, sha256 = await stage.inputs.keep(pictures.save(tmp_path / "street.png"))
        image = ImageInput(
            path=tmp_path / "anything",
            name="street.png",
            format="png",
            width=640,
            height=360,
            size_bytes=1,
            sha256=sha256,
        )
        clip = build_clip(1, group_id="g")
        clip = replace(clip, draft=replace(clip.draft, first_frame=image))
        first, second = await stage.records.add(clip, build_clip(2, group_id="g"))
        panel.show_videos([first])
        still = panel.frames.findChild(PictureButton)
        assert still is not None
        assert still.accessibleName() == "First frame, street.png, 640 by 360"
        opened: list[Path] = []
        panel.picture_requested.connect(opened.append)
        QTest.mouseClick(still, Qt.MouseButton.LeftButton)
        QTest.keyClick(still, Qt.Key.Key_Return)
        assert opened == [picture, picture]
        assert build_file_mime(picture).urls()[0].toLocalFile() == str(picture)
        takes = panel.takes.findChildren(PictureButton)
        assert [take.accessibleName() for take in takes] == ["Take 1 of 2", "Take 2 of 2"]
        pairs: list[tuple[int, int]] = []
        stage.actions.compare_requested.connect(lambda a, b: pairs.append((a.id, b.id)))
        panel.takes.compare.click()
        assert pairs == [(first.id, second.id)]
        assert find_nameless(panel) == []


@pytest.mark.parametrize("sha256", ["", "f" * 64, "../*", "*"])
async def test_a_file_that_only_a_recipe_names_is_never_shown_opened_or_dragged(
    tmp_path: Path, look: Look, sha256: str
) -> None:
    async with open_details(tmp_path, look) as (panel, stage):
        await stage.inputs.keep(pictures.save(tmp_path / "mine.png"))
        secret = pictures.save(tmp_path / "secret.png")
        image = ImageInput(
            path=secret,
            name="secret.png",
            format="png",
            width=640,
            height=360,
            size_bytes=1,
            sha256=sha256,
        )
        clip = build_clip(1)
        draft = replace(clip.draft, first_frame=image, last_frame=image)
        (video,) = await stage.records.add(replace(clip, draft=draft))
        opened: list[Path] = []
        panel.picture_requested.connect(opened.append)
        panel.show_videos([video])
        stills = panel.frames.findChildren(PictureButton)
        assert [still.accessibleName() for still in stills] == [
            "First frame, secret.png, not here",
            "Last frame, secret.png, not here",
        ]
        for still in stills:
            QTest.mouseClick(still, Qt.MouseButton.LeftButton)
            QTest.keyClick(still, Qt.Key.Key_Return)
            assert not still.isEnabled()
        await settle(40)
        assert opened == []
        thumbnails = stage.records.thumbnails
        assert thumbnails.find(picture_key(secret)) is None
        assert not thumbnails.has_failed(picture_key(secret)), "it was not even tried"


async def test_practice_clips_are_no_money_in_any_sum(tmp_path: Path, look: Look) -> None:
    async with open_details(tmp_path, look) as (panel, stage):
        play = build_clip(1, service=Service.SANDBOX, cost_usd=Decimal("9.00"))
        other = build_clip(2, service=Service.SANDBOX, cost_usd=None)
        paid, unstated = build_clip(3), build_clip(4, cost_usd=None)
        one, two, three, four = await stage.records.add(play, other, paid, unstated)
        panel.show_videos([one, two])
        assert facts_of(panel)["Cost"] == "Free, practice clip"
        panel.show_videos([one, ours(three)])
        assert facts_of(panel)["Cost"] == "$0.35"
        panel.show_videos([one, two, ours(three), ours(four)])
        assert facts_of(panel)["Cost"] == "$0.35, 1 not stated"


async def test_a_price_that_only_a_file_claims_counts_nowhere(tmp_path: Path, look: Look) -> None:
    async with open_details(tmp_path, look) as (panel, stage):
        foreign, paid = await stage.records.add(
            build_clip(1, cost_usd=Decimal(99999)), build_clip(2)
        )
        panel.show_videos([foreign])
        assert facts_of(panel)["Cost"] == "$99,999.00, says the file"
        panel.show_videos([foreign, ours(paid)])
        shared = {fact.label: fact.value for fact in panel.settings.facts()}
        assert shared["Cost"] == "$0.35, 1 not stated"


async def test_the_receipt_of_a_practice_clip_shows_no_price(tmp_path: Path, look: Look) -> None:
    async with open_details(tmp_path, look) as (panel, stage):
        task = TaskId("aaaaaaaa-0000-4000-8000-000000000002")
        request = JobRequest(task_id=task, draft=Draft(prompt="fox"), service=Service.SANDBOX)
        (job,) = await stage.jobs.add([request])
        job = await stage.jobs.advance(job, JobState.SUBMITTING, submitted_at=NOW)
        job = await stage.jobs.advance(job, JobState.RUNNING, accepted_at=NOW)
        cost = Decimal("7.77")
        job = await stage.jobs.advance(job, JobState.FAILED, cost_usd=cost)
        receipt = stage.jobs.get_receipt(job.id)
        view = panel.receipt_view
        view.show_receipt(receipt)
        assert "7.77" not in view.text
        assert "Cost: Free, practice clip" in view.text


async def test_receipt_tells_the_story(tmp_path: Path, look: Look) -> None:
    async with open_details(tmp_path, look) as (panel, stage):
        task = TaskId("aaaaaaaa-0000-4000-8000-000000000001")
        request = JobRequest(
            task_id=task, draft=Draft(prompt="A red fox."), service=Service.RUNWARE
        )
        (job,) = await stage.jobs.add([request])
        body = '[{"taskType":"videoInference","positivePrompt":"A red fox."}]'
        job = await stage.jobs.advance(job, JobState.SUBMITTING, body=body, submitted_at=NOW)
        job = await stage.jobs.advance(job, JobState.RUNNING, accepted_at=NOW)
        job = await stage.jobs.advance(job, JobState.DOWNLOADING, cost_usd=Decimal("0.35"))
        clip = replace(build_clip(1, prompt="A red fox."), task_id=task, job_id=job.id)
        _, video = await stage.jobs.finish(job, clip)
        panel.show_videos([video])
        assert panel.receipt_view.text == ""
        panel.receipt.set_expanded(True)
        text = panel.receipt_view.text
        for words in (
            "Sent to the service",
            "Accepted, generating",
            "In the library",
            "A red fox.",
        ):
            assert words in text
        assert f"SHA-256: {video.sha256}" in text
        assert "Cost: $0.35" in text
        panel.receipt_view.copy.click()
        assert QGuiApplication.clipboard().text() == text
        QGuiApplication.clipboard().clear()
        assert find_nameless(panel) == []


async def test_unknown_origin_leaves_lines_out(tmp_path: Path) -> None:
    async with open_library(tmp_path) as stage:
        clip = build_clip(1, model="", took_s=None, task_id="")  # pyright: ignore[reportArgumentType]
        (video,) = await stage.records.add(clip)
        assert describe_settings(video)[0].value == "not known"
        assert "Task ID" not in {fact.label for fact in describe_making(video, NOW)}
