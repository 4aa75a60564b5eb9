"""A decoder that crashes, hangs or eats memory does so in a process of its own."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.media.confinement import Outcome
from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.fit import Box
from kling_desktop.media.isolation import build_environment, run_isolated
from kling_desktop.media.rendering import Rendered
from kling_desktop.media.result_reading import BadResult, read_result
from kling_desktop.storage.settings.api_key import ENVIRONMENT_NAME

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the filter")


def test_a_result_comes_back() -> None:
    assert run_isolated(divmod, 17, 5) == (3, 2)
    rendered = Rendered(data=b"x" * 200_000, format="png", width=1, height=2, original_width=1,
                        original_height=2, see_through=False)  # fmt: skip
    assert run_isolated(_give_back, rendered) == rendered


def _give_back(value: object) -> object:
    print("what a library prints is no part of the result")
    return value


def test_a_crash_is_an_error_here() -> None:
    with pytest.raises(DecodeFailed, match="the decoder ended"):
        run_isolated(os.abort)


def test_an_endless_decode_is_ended() -> None:
    with pytest.raises(DecodeFailed, match="no result after"):
        run_isolated(time.sleep, 600, time_limit_s=0.2)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the limit")
def test_a_bomb_runs_into_the_limit() -> None:
    with pytest.raises(DecodeFailed, match="out of memory"):
        run_isolated(bytes, 8 * 1024**3)


def test_known_errors_keep_their_kind() -> None:
    from kling_desktop.domain.draft import draft_from_json

    with pytest.raises(DamagedValue):
        run_isolated(draft_from_json, "no draft")


def test_a_killed_child_is_an_error_here() -> None:
    with pytest.raises(DecodeFailed):
        run_isolated(signal.raise_signal, signal.SIGTERM)


def test_the_decoder_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (ENVIRONMENT_NAME, "KLING_SANDBOX_TOKEN", "https_proxy", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret-4711")
    assert "secret-4711" not in str(run_isolated(_list_environment))
    kept = build_environment({"PATH": "p", "LC_ALL": "C", "Path": "w", "XYZ": "no"})
    assert kept == {"PATH": "p", "LC_ALL": "C", "Path": "w"}


def _list_environment() -> list[str]:
    return [*os.environ.values(), *sys.argv]


def _try_to_reach_out(port: int) -> list[str]:
    """Try what an attacker in the decoder would; return what worked."""
    worked: list[str] = []
    ways = {
        "connect": lambda: socket.create_connection(("127.0.0.1", port), 2).close(),
        "local socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "pair": lambda: [end.close() for end in socket.socketpair()],
        "program": lambda: subprocess.run(["/bin/true"], check=False),
        "replace": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
    }
    for name, way in ways.items():
        try:
            way()
        except PermissionError:
            continue
        worked.append(name)
    return worked


@ON_LINUX
def test_the_decoder_reaches_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert run_isolated(_try_to_reach_out, server.getsockname()[1]) == []


@ON_LINUX
def test_the_decoder_still_decodes_and_writes(tmp_path: Path) -> None:
    assert run_isolated(_draw, str(tmp_path / "picture.png")) == (30, 20)


def _draw(path: str) -> tuple[int, int]:
    from PIL import Image

    Image.new("RGB", (30, 20)).save(path)
    with Image.open(path) as picture:
        picture.load()
        return picture.size


class Evil:
    """What a taken-over decoder would send: an order to call something in the app."""

    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, ("echo taken over",))


@pytest.mark.parametrize("data", [
    pickle.dumps(("done", Evil())), pickle.dumps(Evil()), pickle.dumps(("done", os.getpid)),
    pickle.dumps(("done", Path("x"))), pickle.dumps(("nothing", 1)), pickle.dumps(1), b"", b"\x80",
    b"garbage", pickle.dumps(("done", 1))[:-1], b"ckling_desktop.media.isolation\nrun_isolated\n.",
    b"ckling_desktop.media.isolation\nsubprocess.run\n.",
])  # fmt: skip
def test_no_result_has_anything_called(data: bytes) -> None:
    with pytest.raises(BadResult):
        read_result(data)


def test_plain_results_are_read() -> None:
    for value in (None, 1, "text", b"bytes", (1, [2, {"three": 4.5}]), Box(1, 2, 3, 4)):
        assert read_result(pickle.dumps((Outcome.DONE.value, value))) == (Outcome.DONE, value)


@pytest.mark.posix("scripts are no programs")
def test_a_packaged_app_decodes_by_its_own_program(tmp_path: Path) -> None:
    """As PyInstaller freezes it: one program that is started with arguments, and no ``-c``."""
    program = tmp_path / "kling-desktop"
    inside = (
        f"import sys; sys.frozen = True; sys.path[:] = {sys.path!r}; sys.argv[1:] = sys.argv[1:];"
        "from kling_desktop.__main__ import main; sys.exit(main())"
    )
    program.write_text(f"#!{sys.executable} -P\nimport sys\nexec({inside!r})\n")
    program.chmod(0o755)
    ask = (
        f"import sys; sys.frozen = True; sys.path[:] = {sys.path!r}; sys.executable = {str(program)!r};"
        "from kling_desktop.media.isolation import run_isolated; print(run_isolated(divmod, 17, 5))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    assert done.stdout == "(3, 2)\n", done.stderr
