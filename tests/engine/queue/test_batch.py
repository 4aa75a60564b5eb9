"""A batch file is hostile input: a sentence with the line, or the jobs."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.engine.queue.batch import FIELDS, BatchError, read_batch


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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"model":"6@1"}\n{"model":}', "line 2: this is no JSON"),
        ('{"model":"6@1"}\n[1]', "line 2: a job is an object"),
        ('{"model":"6@1","colour":1}', "line 1: unknown field 'colour'"),
        ('{"model":"6@1","takes":"two"}', "line 1: takes must be a number"),
        ('{"model":"6@1","takes":1.5}', "line 1: takes must be a whole number"),
        ('{"model":"6@1","takes":true}', "line 1: takes must be a number"),
        ('{"model":"6@1","cfg_scale":NaN}', "line 1: this is no JSON"),
        ('{"model":"6@1","cfg_scale":"inf"}', "line 1: cfg_scale must be a number"),
        ('{"model":"6@1","width":1e400}', "line 1: width must be a number"),
        ('{"model":"6@1","first_frame":"a\\u0000b"}', "line 1: first_frame is no path"),
        ('{"model":"6@1","prompt":"\\ud800"}', "line 1: prompt holds half a character"),
        ('{"prompt":"x"}', "line 1: the model is missing"),
        ("[" * 100_000, "line 1: this is no JSON"),
        ("\n\n", "no job"),
        (b'{"model":"6@1"}\n\xff\xfe', "line 2: this is not UTF-8"),
        ("x" * (1024 * 1024 + 1), "line 1: a line has at most 1 MB"),
        (b" " * (10 * 1024 * 1024 + 1), "at most 10 MB"),
        ('{"model":"6@1"}\n' * 10_001, "at most 10,000 jobs"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(BatchError, match="(?s).*" + words.replace("[", r"\[")):
        read_batch(_write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model,colour\n6@1,red", "line 1: unknown column 'colour'"),
        ("model,model\n6@1,6@1", "line 1: a column stands twice"),
        ("model\n6@1,more", "line 2: 2 values for 1 columns"),
        ('model\n"6@1', "no CSV"),
        ("", "no job"),
    ],
)
def test_what_is_wrong_in_a_csv(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BatchError, match=words):
        read_batch(_write(tmp_path, text, "batch.csv"))


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.csv", tmp_path):
        with pytest.raises(BatchError, match="cannot be read"):
            read_batch(path)


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
