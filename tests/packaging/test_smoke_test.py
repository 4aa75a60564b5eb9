"""The package's smoke test passes on the checkout itself, so that its failure is the package's."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.once, pytest.mark.conformance]


@pytest.mark.timeout(600)
def test_every_format_becomes_a_clip() -> None:
    program = (
        "import sys; sys.path.insert(0, 'packaging'); from smoke_test import smoke_test;"
        f"smoke_test([sys.executable, {str(ROOT / 'main.py')!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
