"""Guards what no module owns: the locks, the commands the documents name, and what may not leak."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "packaging" / "requirements"
GROUPS = ("run", "dev", "bundle")

# Put together here, so that this file does not name what it forbids.
REGISTRY_HOSTS = tuple(
    f"{name}.{ending}"
    for name, ending in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry.npmjs", "org"),
        ("deb.debian", "org"),
        ("proxy.golang", "org"),
        ("crates", "io"),
    )
)
MACHINE_PATHS = tuple(
    "/" + path
    for path in ("work/main", "work/shared", "tmp/team", "opt/pypi", "opt/wheels", "root/")
)
ADDRESS_OPTIONS = re.compile(r"^\s*(-i\b|-f\b|--index|--extra-index|--find-links|--trusted-host)")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?: ; (.+?))?(?: \\)?$")


def list_tracked_files() -> list[Path]:
    """Return every file that git keeps, or every source file where this is no checkout."""
    if (ROOT / ".git").exists():
        names = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout
        found = [ROOT / name for name in names.split("\0") if name]
    else:
        folders = ("kling_desktop", "resources", "tests", "tools", "packaging")
        found = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    return [path for path in found if path.is_file()]


def read_pins(group: str) -> list[tuple[str, str, str]]:
    """Return (name, version, marker) of each locked package."""
    pins = []
    for line in (LOCKS / f"{group}.txt").read_text(encoding="utf-8").splitlines():
        if match := PINNED.match(line):
            name, version, marker = match.groups()
            pins.append((name, version, marker or ""))
    return pins


def test_nothing_names_a_registry_or_this_machine() -> None:
    leaks = []
    for path in list_tracked_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        words = [word for word in (*REGISTRY_HOSTS, *MACHINE_PATHS) if word in text]
        leaks += [f"{path.relative_to(ROOT)}: {word}" for word in words]
    assert leaks == []


@pytest.mark.parametrize("group", GROUPS)
def test_a_lock_carries_versions_and_hashes_and_no_address(group: str) -> None:
    lines = (LOCKS / f"{group}.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if ADDRESS_OPTIONS.match(line) or "://" in line]
    requirements = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert len(requirements) > 10
    for line in requirements:
        assert PINNED.match(line), line
        following = lines[lines.index(line) + 1]
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", following), line


@pytest.mark.parametrize("group", ["dev", "bundle"])
def test_what_is_tested_and_packed_is_what_runs(group: str) -> None:
    run = {(name, version) for name, version, _ in read_pins("run")}
    assert run <= {(name, version) for name, version, _ in read_pins(group)}


@pytest.mark.parametrize("group", GROUPS)
def test_the_lock_serves_windows_and_macos_too(group: str) -> None:
    names = {name for name, _, marker in read_pins(group) if "win32" in marker}
    assert "pywin32-ctypes" in names
    # Each wheel of Qt's is one hash; Linux alone would be one or two of them.
    text = (LOCKS / f"{group}.txt").read_text(encoding="utf-8")
    essentials = text.split("pyside6-essentials==6.12")[1].split("shiboken6")[0]
    assert essentials.count("--hash=") >= 4


@pytest.mark.parametrize("package", ["pyside6-essentials", "pyside6-addons", "shiboken6"])
def test_the_locks_keep_python_311_away_from_qt_612(package: str) -> None:
    for group in GROUPS:
        pins = {version: marker for name, version, marker in read_pins(group) if name == package}
        for version, marker in pins.items():
            wanted = ">= '3.12'" if version.startswith("6.12") else "< '3.12'"
            assert marker == f"python_full_version {wanted}", (group, package, version)
        assert len(pins) == 2, (group, package)


def test_the_project_keeps_python_311_away_from_qt_612() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    qt = [line for line in project["dependencies"] if line.startswith("PySide6")]
    assert len(qt) == 4
    for line in qt:
        requirement, marker = (part.strip() for part in line.split(";"))
        bad_on_311 = "6.12,<6.13" in requirement
        assert marker == f"python_version {'>=' if bad_on_311 else '<'} '3.12'"
        assert bad_on_311 or requirement.endswith(">=6.11.3,<6.12")


def test_this_pair_of_python_and_qt_keeps_its_hands_off_none() -> None:
    """On a bad pair each call of Qt that returns None gives a reference to it away."""
    from PySide6.QtCore import QObject, Signal

    class Source(QObject):
        happened = Signal()

    source = Source()
    before_none, before_true = sys.getrefcount(None), sys.getrefcount(True)  # noqa: FBT003
    for _ in range(200):
        source.blockSignals(False)  # noqa: FBT003
        source.setObjectName("source")
        source.happened.emit()
    immortal = sys.version_info >= (3, 12)
    assert immortal or sys.getrefcount(None) > before_none - 50
    assert immortal or sys.getrefcount(True) > before_true - 50  # noqa: FBT003


def list_make_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", ".ci/run"])
def test_every_make_command_that_is_named_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^\s*|`)make ([a-z]+)", text, re.MULTILINE))
    assert named
    assert named <= list_make_targets()


def test_ci_runs_the_test_command_of_the_readme_and_the_checks() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make test" in readme
    assert re.search(r"^make test$", script, re.MULTILINE)
    assert re.search(r"^make lint$", script, re.MULTILINE)
    assert "set -euo pipefail" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_picture_and_file_the_documents_point_to_is_there() -> None:
    missing = []
    for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        targets = re.findall(r"\]\(([^)#\s]+)\)", (ROOT / name).read_text(encoding="utf-8"))
        inside = [target for target in targets if "://" not in target]
        missing += [f"{name}: {target}" for target in inside if not (ROOT / target).exists()]
    assert missing == []


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["dev"]
    explained = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").lower()
    names = {re.split(r"[<>=\s;]", line)[0].lower() for line in lines}
    assert {name for name in names if name not in explained} == set()


def test_every_bundled_font_has_its_licence_beside_it() -> None:
    licence = (ROOT / "resources" / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "The Inter Project Authors" in licence
    assert "GPL" in (ROOT / "resources" / "NOTICES.md").read_text(encoding="utf-8")


def test_the_versions_agree() -> None:
    import kling_desktop

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert kling_desktop.__version__ == project["version"]
    assert f"[{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_picture_of_the_packages_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "draw_packages.py", "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_sentences_for_translation_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "messages.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
