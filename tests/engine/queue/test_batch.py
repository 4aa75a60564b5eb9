"""A batch file is hostile input: a reason with its line, or the jobs."""

import io
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.domain.reasons import Reason
from kling_desktop.engine.queue.batch import FIELDS, BatchError, read_batch, read_batch_stream


def _write(folder: Path, text: str | bytes, name: str = "batch.jsonl") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        {"model": "2.5 turbo pro", "prompt": "A boat", "duration": 10, "cfg_scale": 0.7},
        {"model": "klingai:5@2", "first_frame": "a b ü.png", "takes": 2, "prompt": None},
    ]
    text = "\ufeff" + "\r\n\n".join(json.dumps(line) for line in lines)
    one, two = read_batch(_write(tmp_path, text))
    assert (one.number, one.fields["duration"], one.fields["cfg_scale"]) == (1, 10, 0.7)
    assert two.number == 3
    assert two.fields == {
        "model": "klingai:5@2",
        "first_frame": str(tmp_path / "a b ü.png"),
        "takes": 2,
    }


def test_csv(tmp_path: Path) -> None:
    text = 'Model,prompt,width,height\n6@1,"two\nlines",1280,720\n,,,\n6@1,=1+1,,\n'
    one, two = read_batch(_write(tmp_path, text, "batch.CSV"))
    assert (one.number, one.fields["prompt"], one.fields["width"]) == (3, "two\nlines", 1280)
    assert two.fields == {"model": "6@1", "prompt": "=1+1"}


def test_columns_without_name_and_values_are_passed_over(tmp_path: Path) -> None:
    text = "model,,prompt,,\n6@1,,A boat,,\n6@1, ,A fox\n"
    one, two = read_batch(_write(tmp_path, text, "batch.csv"))
    assert one.fields == {"model": "6@1", "prompt": "A boat"}
    assert two.fields == {"model": "6@1", "prompt": "A fox"}


@pytest.mark.parametrize(
    ("text", "number", "reason"),
    [
        ('{"model":"6@1"}\n{"model":}', 2, Reason.LINE_NOT_JSON),
        ('{"model":"6@1"}\n[1]', 2, Reason.LINE_NOT_OBJECT),
        ('{"model":"6@1","colour":1}', 1, Reason.UNKNOWN_FIELD),
        ('{"model":"6@1","takes":"two"}', 1, Reason.FIELD_NOT_A_NUMBER),
        ('{"model":"6@1","takes":1.5}', 1, Reason.FIELD_NOT_A_WHOLE_NUMBER),
        ('{"model":"6@1","takes":true}', 1, Reason.FIELD_NOT_A_NUMBER),
        ('{"model":"6@1","cfg_scale":NaN}', 1, Reason.LINE_NOT_JSON),
        ('{"model":"6@1","cfg_scale":"inf"}', 1, Reason.FIELD_NOT_A_NUMBER),
        ('{"model":"6@1","width":1e400}', 1, Reason.FIELD_NOT_A_NUMBER),
        ('{"model":"6@1","first_frame":"a\\u0000b"}', 1, Reason.FIELD_NOT_A_PATH),
        ('{"model":"6@1","first_frame":"a\\ud800b"}', 1, Reason.FIELD_NOT_A_PATH),
        ('{"model":"6@1","takes":"1_0"}', 1, Reason.FIELD_NOT_A_NUMBER),
        ('{"model":"6@1","prompt":"A","prompt":"B"}', 1, Reason.FIELD_TWICE),
        ('{"model":"6@1","first_frame":7}', 1, Reason.FIELD_NOT_TEXT),
        ('{"model":"6@1","prompt":"\\ud800"}', 1, Reason.FIELD_NOT_TEXT),
        ('{"prompt":"x"}', 1, Reason.NO_MODEL),
        ("[" * 100_000, 1, Reason.LINE_NOT_JSON),
        (b'{"model":"6@1"}\n\xff\xfe', 2, Reason.LINE_NOT_TEXT),
        ("x" * (1024 * 1024 + 1), 1, Reason.LINE_TOO_LONG),
    ],
)
def test_a_wrong_line_is_named_with_its_reason(
    tmp_path: Path, text: str | bytes, number: int, reason: Reason
) -> None:
    with pytest.raises(BatchError) as caught:
        read_batch(_write(tmp_path, text))
    assert caught.value.reason is Reason.BATCH_LINES_WRONG
    assert [(line.number, line.reason) for line in caught.value.lines] == [(number, reason)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n\n", Reason.BATCH_EMPTY),
        (b" " * (10 * 1024 * 1024 + 1), Reason.BATCH_TOO_LARGE),
        ('{"model":"6@1"}\n' * 10_001, Reason.BATCH_TOO_MANY_JOBS),
    ],
)
def test_what_is_wrong_with_the_whole_file(
    tmp_path: Path, text: str | bytes, reason: Reason
) -> None:
    with pytest.raises(BatchError) as caught:
        read_batch(_write(tmp_path, text))
    assert (caught.value.reason, caught.value.lines) == (reason, ())


@pytest.mark.parametrize(
    ("text", "number", "reason"),
    [
        ("model,colour\n6@1,red", 1, Reason.UNKNOWN_COLUMN),
        ("sep=;\nmodel;colour\n6@1;red", 2, Reason.UNKNOWN_COLUMN),
        ("model,model\n6@1,6@1", 1, Reason.COLUMN_TWICE),
        ("model,,prompt\n6@1,more,A boat", 2, Reason.UNKNOWN_FIELD),
        ("model,,\n6@1,more,", 2, Reason.LINE_WITH_TOO_MANY_VALUES),
        ("model\n6@1,more", 2, Reason.LINE_WITH_TOO_MANY_VALUES),
        ("sep=;\nmodel\n6@1;more", 3, Reason.LINE_WITH_TOO_MANY_VALUES),
        ("model;cfg_scale\n6@1;1.280,5", 2, Reason.FIELD_NOT_A_NUMBER),
        ("model;width\n6@1;1.280", 2, Reason.FIELD_NOT_A_WHOLE_NUMBER),
        ('model,cfg_scale\n6@1,"0,5"', 2, Reason.FIELD_NOT_A_NUMBER),
    ],
)
def test_what_is_wrong_in_a_csv(tmp_path: Path, text: str, number: int, reason: Reason) -> None:
    with pytest.raises(BatchError) as caught:
        read_batch(_write(tmp_path, text, "batch.csv"))
    assert [(line.number, line.reason) for line in caught.value.lines] == [(number, reason)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('model\n"6@1', Reason.BATCH_NOT_CSV),
        ("", Reason.BATCH_EMPTY),
        ("sep=;", Reason.BATCH_EMPTY),
    ],
)
def test_a_csv_that_is_none(tmp_path: Path, text: str, reason: Reason) -> None:
    with pytest.raises(BatchError) as caught:
        read_batch(_write(tmp_path, text, "batch.csv"))
    assert caught.value.reason is reason


SPREADSHEETS = {
    "German": b"model;prompt;cfg_scale\r\n6@1;Ein Boot, langsam;0,5\r\n",
    "German, with a mark": "\ufeffmodel;prompt;cfg_scale\r\n6@1;Ein Boot, langsam;0,5".encode(),
    "that names its separator": b"sep=;\r\nmodel;prompt;cfg_scale\r\n6@1;Ein Boot, langsam;0,5",
    "that quotes it": b'"sep=;"\nmodel;prompt;cfg_scale\n6@1;"Ein Boot, langsam";"0,5"',
    "English": b'model,prompt,cfg_scale\n6@1,"Ein Boot, langsam",0.5\n',
    "Unicode text": "model\tprompt\tcfg_scale\r\n6@1\tEin Boot, langsam\t0,5\r\n".encode("utf-16"),
    "UTF-16 without a mark": "model;prompt;cfg_scale\n6@1;Ein Boot, langsam;0,5".encode(
        "utf-16-le"
    ),
    "UTF-16, the other way": "model;prompt;cfg_scale\n6@1;Ein Boot, langsam;0,5".encode(
        "utf-16-be"
    ),
    "with empty columns at the end": b"model;prompt;cfg_scale\n6@1;Ein Boot, langsam;0,5;;;\n",
    "old Macintosh line ends": b"model;prompt;cfg_scale\r6@1;Ein Boot, langsam;0,5\r",
}


@pytest.mark.parametrize("kind", SPREADSHEETS)
def test_a_table_as_a_spreadsheet_saves_it(tmp_path: Path, kind: str) -> None:
    (line,) = read_batch(_write(tmp_path, SPREADSHEETS[kind], "batch.csv"))
    assert line.fields == {"model": "6@1", "prompt": "Ein Boot, langsam", "cfg_scale": 0.5}


def test_an_old_code_page_is_refused_with_its_line(tmp_path: Path) -> None:
    data = "model;prompt\r\n6@1;A\r\n6@1;Grün\r\n".encode("cp1252")
    with pytest.raises(BatchError) as caught:
        read_batch(_write(tmp_path, data, "batch.csv"))
    assert [(line.number, line.reason) for line in caught.value.lines] == [
        (3, Reason.LINE_NOT_TEXT)
    ]


@pytest.mark.parametrize(
    "data", [b'\n {"model": "6@1", "prompt": "A boat"}', b"model;prompt\n6@1;A boat"]
)
def test_a_batch_from_standard_input(tmp_path: Path, data: bytes) -> None:
    (line,) = read_batch_stream(io.TextIOWrapper(io.BytesIO(data)), tmp_path)
    assert line.fields == {"model": "6@1", "prompt": "A boat"}


def test_a_standard_input_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BatchError) as caught:
        read_batch_stream(None, tmp_path)
    assert caught.value.reason is Reason.BATCH_EMPTY
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    with pytest.raises(BatchError) as caught:
        read_batch_stream(closed, tmp_path)
    assert caught.value.reason is Reason.BATCH_UNREADABLE


def test_a_name_that_is_no_utf_8_as_python_writes_it(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    text = json.dumps({"model": "6@1", "first_frame": name})
    (line,) = read_batch(_write(tmp_path, text))
    assert line.fields["first_frame"] == str(tmp_path / name)


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.csv", tmp_path):
        with pytest.raises(BatchError) as caught:
            read_batch(path)
        assert caught.value.reason is Reason.BATCH_UNREADABLE


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.jsonl"]))
def test_any_bytes_give_jobs_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = _write(tmp_path_factory.getbasetemp(), data, name)
    with suppress(BatchError):
        assert all(line.fields.keys() <= set(FIELDS) for line in read_batch(path))


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.text() | st.integers() | st.floats() | st.none())
)
def test_any_values_give_jobs_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, row: dict[str, object]
) -> None:
    path = _write(tmp_path_factory.getbasetemp(), json.dumps(row), "b.jsonl")
    with suppress(BatchError):
        (line,) = read_batch(path)
        assert isinstance(line.fields["model"], str)
