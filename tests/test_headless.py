"""The core runs without Qt: a queue from end to end with PySide6 and qasync blocked."""

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import asyncio, sys
from pathlib import Path


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "qasync"):
            raise ImportError(f"{name} is blocked")


sys.meta_path.insert(0, Blocked())
from kling_desktop.domain.job import JobState
from tests.engine.conftest import WORDS, World


async def main():
    world = World(Path(sys.argv[1]))
    engine = await world.open()
    jobs = await world.queue(*[WORDS] * 3)
    for job in jobs:
        await world.run_to(job, JobState.DONE)
    await engine.wait_idle()
    world.check_books()
    await world.close()
    assert not world.bugs
    print("videos:", len(world.list_videos()))


asyncio.run(main())
assert "PySide6" not in sys.modules
"""


def test_a_queue_from_end_to_end_without_qt(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(tmp_path)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "videos: 3\n"
