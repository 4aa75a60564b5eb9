"""What is kept of the service's words: no secret, no picture, one line, never too long."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.api.error_text import DETAIL_LENGTH, clean_detail

KEY = "rw1A2b3C4d5E6f7G8h9I0jKlMnOpQrSt"
UUID = "5b1f7c52-6c0e-4b0d-8a3e-0d8c2f4c9a10"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"Key {KEY} is unknown", "Key … is unknown"),
        (f"Authorization: Bearer {KEY[:12]}.x", "Authorization: Bearer …"),
        (f'{{"apiKey":"{KEY}"}}', '{"apiKey":"…"}'),
        ("api_key=short12 given", "api_key=… given"),
        ("see https://h.example/a/b.mp4?sig=abc&x=1 now", "see https://h.example/a/b.mp4?… now"),
        ("see https://h.example/a#frag", "see https://h.example/a?…"),
        ("https://me:secret@h.example/a", "https://h.example/a"),
        ("image data:image/png;base64,iVBORw0KGgo= bad", "image [picture] bad"),
        (f"Task {UUID} failed", f"Task {UUID} failed"),
        ("unsupportedModelResolutionParameter", "unsupportedModelResolutionParameter"),
        ("two\r\nlines\tand \x1b[31mcolour\x1b[0m", "two lines and [31mcolour [0m"),
        ("  spaces   everywhere ", "spaces everywhere"),
        ("Größe 1280×720 – «nein»", "Größe 1280×720 – «nein»"),
        ("", ""),
    ],
)
def test_words_are_cleaned(said: str, kept: str) -> None:
    assert clean_detail(said) == kept
    assert clean_detail(said.encode()) == kept


def test_a_key_cut_in_half_by_the_limit_does_not_show() -> None:
    for before in range(7_960, 8_010):
        assert KEY[:10] not in clean_detail("a b " * (before // 4) + KEY, limit=20_000)


def test_a_picture_sent_back_bare_does_not_show() -> None:
    picture = base64.b64encode(bytes(range(256)) * 8).decode()
    assert clean_detail(f"bad image {picture}").startswith("bad image")
    assert picture[:30] not in clean_detail(f"bad image {picture}")


@given(st.text(max_size=3000) | st.binary(max_size=3000))
def test_it_is_always_one_short_line(words: str | bytes) -> None:
    kept = clean_detail(words)
    assert len(kept) <= DETAIL_LENGTH
    assert kept == "" or kept.isprintable()


@pytest.mark.parametrize("piece", ["a", "a1", "http://", "data:image/png;base64,", " ", "Bearer "])
def test_it_never_takes_long(piece: str) -> None:
    begun = time.thread_time()
    clean_detail(piece * 200_000)
    assert time.thread_time() - begun < 0.5
