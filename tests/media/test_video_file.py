"""Videos: facts, exact frames, and everything that can be wrong with a downloaded one."""

from pathlib import Path

import pytest
from PIL import Image

from kling_desktop.domain.errors import DamagedDownload, LibraryUnavailable
from kling_desktop.media import video_file
from tests.media.videos import make_video, read_number, trim_start


def test_the_facts_are_measured(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", (128, 72), fps=30, seconds=2)
    facts = video_file.probe(path)
    assert (facts.width, facts.height, facts.frames, facts.codec) == (128, 72, 60, "h264")
    assert facts.fps == pytest.approx(30)
    assert facts.duration_s == pytest.approx(2, abs=0.05)
    assert facts.size_bytes == path.stat().st_size


def test_sound_does_not_disturb_the_count(tmp_path: Path) -> None:
    facts = video_file.probe(make_video(tmp_path / "a.mp4", sound=True), deep=True)
    assert facts.frames == 24


@pytest.mark.parametrize("faststart", [True, False])
@pytest.mark.parametrize("kept", [0.999, 0.9, 0.5, 0.1, 0.01])
def test_a_video_cut_off_anywhere_is_found(tmp_path: Path, faststart: bool, kept: float) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=2, noise=True, faststart=faststart)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(DamagedDownload):
        video_file.probe(path)


@pytest.mark.parametrize(
    "content", [b"", b"<html>sign in</html>", bytes(5000), b"#EXTM3U\n#EXTINF:5,\n/etc/hostname\n"]
)
def test_what_is_no_video_is_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(DamagedDownload):
        video_file.probe(tmp_path / "a.mp4")


def test_a_play_list_is_not_followed(tmp_path: Path) -> None:
    segment = make_video(tmp_path / "real.mp4")
    listed = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{segment}\n#EXT-X-ENDLIST\n"
    (tmp_path / "a.m3u8").write_text(listed, encoding="utf-8")
    with pytest.raises(DamagedDownload):
        video_file.probe(tmp_path / "a.m3u8")


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        audio = container.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate = 48000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(audio.encode(frame))
        container.mux(audio.encode())
    with pytest.raises(DamagedDownload, match="no picture stream"):
        video_file.probe(tmp_path / "a.mp4")


def test_a_missing_file_is_a_matter_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnavailable):
        video_file.probe(tmp_path / "a.mp4")


def test_damage_inside_is_found_by_the_deep_check(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=2, noise=True)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(bytes(data))
    video_file.probe(path)
    with pytest.raises(DamagedDownload):
        video_file.probe(path, deep=True)


def test_a_video_trimmed_without_encoding_is_whole(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", seconds=2, b_frames=3)
    trim_start(path, 20, 24)
    facts = video_file.probe(path, deep=True)
    assert facts.frames == 28
    assert facts.duration_s == pytest.approx(28 / 24, abs=0.01)
    assert read_number(video_file.read_frame(path, 0)) == 20
    with Image.open(video_file.last_frame(path, tmp_path / "last.png")) as image:
        assert read_number(image) == 47


def test_frames_missing_at_a_clean_edge_are_found(tmp_path: Path) -> None:
    """Cut between two packets: each packet that is there is whole."""
    import av

    path = make_video(tmp_path / "a.mp4", seconds=2, noise=True)
    with av.open(str(path)) as container:
        ends = [p.pos + p.size for p in container.demux(video=0) if p.size and p.pos is not None]
    path.write_bytes(path.read_bytes()[: ends[30]])
    with pytest.raises(DamagedDownload):
        video_file.probe(path)


@pytest.mark.parametrize("b_frames", [0, 3])
@pytest.mark.parametrize("index", [0, 1, 7, 29, 30, 58, 59])
def test_each_frame_is_the_one_asked_for(tmp_path: Path, index: int, b_frames: int) -> None:
    path = make_video(tmp_path / "a.mp4", fps=30, seconds=2, b_frames=b_frames)
    assert read_number(video_file.read_frame(path, index)) == index


def test_past_the_end_is_the_last_frame(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    assert read_number(video_file.read_frame(path, 999)) == 23
    assert read_number(video_file.read_frame(path, -5)) == 0


@pytest.mark.parametrize("frames", [1, 2, 24, 121])
def test_the_last_frame_is_exact_and_a_png_of_full_size(tmp_path: Path, frames: int) -> None:
    path = make_video(tmp_path / "a.mp4", (128, 72), frames=frames)
    target = video_file.last_frame(path, tmp_path / "frames" / "last.png")
    with Image.open(target) as image:
        assert image.format == "PNG"
        assert image.size == (128, 72)
        assert read_number(image) == frames - 1
    assert [file.name for file in target.parent.iterdir()] == ["last.png"]


def test_a_saved_frame_is_a_png(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    with Image.open(video_file.save_frame(path, 5, tmp_path / "five.png")) as image:
        assert read_number(image) == 5


def test_a_poster_is_the_first_frame(tmp_path: Path) -> None:
    image = video_file.poster(make_video(tmp_path / "a.mp4", (192, 108)), 96)
    assert image.size == (96, 54)
    assert read_number(image) == 0


def test_small_pictures_stay_small(tmp_path: Path) -> None:
    thin = make_video(tmp_path / "a.mp4", (16, 1000), frames=2, noise=True)
    assert video_file.poster(make_video(tmp_path / "b.mp4"), 480).size == (96, 54)
    assert video_file.strip(thin, width=320).size == (24 * 320, 8 * 320)


@pytest.mark.parametrize("frames", [12, 24, 48, 120])
def test_a_strip_is_spread_evenly(tmp_path: Path, frames: int) -> None:
    sprite = video_file.strip(make_video(tmp_path / "a.mp4", frames=frames), width=48)
    assert sprite.size == (24 * 48, 27)
    for place in range(24):
        number = read_number(sprite.crop((place * 48, 0, (place + 1) * 48, 27)))
        assert abs(number - (place + 0.5) / 24 * frames) <= 1, place


@pytest.mark.parametrize(
    ("rotation", "x", "y"), [(90, 0.5, 0.01), (180, 0.99, 0.5), (270, 0.5, 0.99)]
)
def test_a_turned_video_is_shown_upright(tmp_path: Path, rotation: int, x: float, y: float) -> None:
    """The first column is black in every frame below 2048: turned, it lies where a player has it."""
    path = make_video(tmp_path / "a.mp4", (96, 54), rotation=rotation)
    on_its_side = rotation != 180
    facts = video_file.probe(path)
    assert (facts.width, facts.height) == ((54, 96) if on_its_side else (96, 54))
    image = video_file.read_frame(path, 23)
    assert image.size == (facts.width, facts.height)
    turned_back = image.transpose(
        {
            90: Image.Transpose.ROTATE_90,
            180: Image.Transpose.ROTATE_180,
            270: Image.Transpose.ROTATE_270,
        }[rotation]
    )
    assert read_number(turned_back) == 23
    assert video_file.poster(path, 27).width == 27


def test_work_is_given_up_when_the_caller_says_so(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4")
    with pytest.raises(video_file.VideoCancelled):
        video_file.strip(path, cancelled=lambda: True)
    with pytest.raises(video_file.VideoCancelled):
        video_file.last_frame(path, tmp_path / "a.png", cancelled=lambda: True)
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".webm", "libvpx-vp9"), (".mkv", "libx264"), (".mov", "libx264")]
)
def test_other_kinds_of_video_can_be_a_source(tmp_path: Path, suffix: str, codec: str) -> None:
    path = make_video(tmp_path / f"a{suffix}", codec=codec)
    assert video_file.probe(path).frames == 24
    with Image.open(video_file.last_frame(path, tmp_path / "last.png")) as image:
        assert read_number(image) == 23
