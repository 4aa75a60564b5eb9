"""Every prompt is written in real letters or not at all."""

import struct
from pathlib import Path

from PIL import Image, ImageChops

from kling_desktop.sandbox.caption import paint_caption
from kling_desktop.sandbox.fonts import SystemFonts, find_missing, open_font

CAT = "猫"
NOWHERE = SystemFonts(())


def make_font(path: Path, letters: str) -> None:
    """Write a TrueType font whose letters are full squares and whose missing letter is a bar."""
    width = 1000

    def outline(right: int) -> bytes:
        head = struct.pack(">5h", 1, 0, 0, right, 800)
        flags, x, y = b"\x01" * 4, (0, right, 0, -right), (0, 0, 800, 0)
        return head + struct.pack(">HH", 3, 0) + flags + struct.pack(">8h", *x, *y) + b"\0\0"

    shapes = [outline(100)] + [outline(900) for _ in letters]
    starts = [sum(map(len, shapes[:index])) for index in range(len(shapes) + 1)]
    pairs = sorted((ord(letter), index + 1) for index, letter in enumerate(letters))
    groups = b"".join(struct.pack(">III", code, code, glyph) for code, glyph in pairs)
    tables = {
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 10, 12)
        + struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(pairs)) + groups,
        b"glyf": b"".join(shapes),
        b"head": struct.pack(">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1000, 0, 0,
                             0, 0, 900, 800, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 800, -200, 0, width, 0, 0, 900,
                             1, 0, 0, 0, 0, 0, 0, 0, len(shapes)),
        b"hmtx": struct.pack(">Hh", width, 0) * len(shapes),
        b"loca": struct.pack(f">{len(starts)}I", *starts),
        b"maxp": struct.pack(">I14H", 0x10000, len(shapes), 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    }  # fmt: skip
    directory, body = b"", b""
    first = 12 + 16 * len(tables)
    for tag, data in sorted(tables.items()):
        directory += tag + struct.pack(">III", 0, first + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    path.write_bytes(struct.pack(">IHHHH", 0x10000, len(tables), 0, 0, 0) + directory + body)


def letters_of(prompt: str, fonts: SystemFonts = NOWHERE) -> Image.Image:
    return paint_caption(prompt, 640, 360, system_fonts=fonts)[1]


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


def test_what_no_font_has_is_left_out() -> None:
    assert letters_of("日本語のプロンプト").getbbox() is None
    assert same(letters_of(f"A boat {CAT} on a river"), letters_of("A boat on a river"))
    assert same(letters_of("A boat \U0001f408 \ue000"), letters_of("A boat"))


def test_a_font_of_the_system_draws_what_the_own_one_lacks(tmp_path: Path) -> None:
    make_font(tmp_path / "cats.ttf", CAT + "犬")
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    (tmp_path / "empty.otf").touch()
    fonts = SystemFonts((tmp_path, tmp_path / "absent"))
    font = open_font(tmp_path / "cats.ttf", 14)
    assert font is not None
    assert find_missing(CAT + "犬A", font) == "A"
    assert letters_of(CAT, fonts).getbbox() is not None
    assert not same(letters_of(f"A boat {CAT}", fonts), letters_of("A boat", fonts))
    assert same(letters_of(f"A boat {CAT}鳥", fonts), letters_of(f"A boat {CAT}", fonts))


def test_text_without_blanks_is_broken_into_lines(tmp_path: Path) -> None:
    make_font(tmp_path / "cats.ttf", CAT)
    fonts = SystemFonts((tmp_path,))
    long = letters_of(CAT * 100, fonts)
    assert long.height > letters_of(CAT, fonts).height
    box = long.getbbox()
    assert box is not None
    assert box[2] <= 640 - 20


def test_the_fonts_of_this_machine_never_draw_a_box() -> None:
    """Whatever is installed here: of letters that no font has, nothing is drawn."""
    nobody_has = "\U0002fa20"  # not assigned, in the East Asian planes
    assert letters_of(nobody_has, SystemFonts()).getbbox() is None
    words = "A boat 日本 한국 привет عربي"
    assert letters_of(words, SystemFonts()).getbbox() is not None
