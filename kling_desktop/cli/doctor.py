"""Says what works on this machine: display, libraries, key, network, sandbox, disk."""

import argparse
import asyncio
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kling_desktop import __version__
from kling_desktop.assembly.core import find_address_problem, ping_service
from kling_desktop.assembly.folders import BASE_URL_VARIABLE, DEFAULT_BASE_URL, Folders
from kling_desktop.assembly.interpreter_check import find_pair_problem
from kling_desktop.assembly.sandbox_process import SandboxProcess
from kling_desktop.cli.console import Console, table
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.domain.errors import (
    AuthenticationFailed,
    DamagedValue,
    KlingDesktopError,
    ServiceUnavailable,
    StorageError,
)
from kling_desktop.domain.resources import find_resource
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.database.backups import check_database, list_backups
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.api_key import ApiKeySource
from kling_desktop.storage.settings.settings_store import Settings, SettingsStore
from kling_desktop.wording.formatting import count_of, file_size
from kling_desktop.wording.reasons import describe_error

_NETWORK_LIMIT_S = 10.0


class Health(StrEnum):
    """How a part of the machine is; the values are the marks in the report."""

    OK = "ok"
    BROKEN = "NO"
    ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        subject: What was looked at.
        health: `ABSENT` is for something that may well be missing.
        words: What was found.
    """

    subject: str
    health: Health
    words: str


async def doctor(arguments: argparse.Namespace, folders: Folders, console: Console) -> ExitCode:
    """Look at everything the app needs; exit code 1 when something it cannot do without fails."""
    settings = SettingsStore.load(folders.settings).current
    key, key_finding = await _find_key(folders)
    findings = [
        _check_python(),
        _check_qt(),
        _check_multimedia(),
        _check_display(),
        _check_resources(),
        key_finding,
        await _check_network(settings, key),
        await _check_sandbox(),
        _check_folder("data folder", folders.data),
        await asyncio.to_thread(_check_database, folders.database),
        _check_library(folders, settings),
    ]
    if arguments.decode:
        findings.append(await asyncio.to_thread(_check_decoding))
    if arguments.json:
        console.tell_json(
            [
                {"subject": f.subject, "health": f.health.name.lower(), "words": f.words}
                for f in findings
            ]
        )
    else:
        console.print_result(f"kling-desktop {__version__}")
        console.print_result(table([(f.health.value, f.subject, f.words) for f in findings]))
    failed = any(finding.health is Health.BROKEN for finding in findings)
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


def _judge(fine: object) -> Health:
    return Health.OK if fine else Health.BROKEN


def _check_python() -> Finding:
    words = f"{platform.python_version()} on {platform.platform()}"
    return Finding("python", _judge(sys.version_info >= (3, 11)), words)


def _check_qt() -> Finding:
    try:
        import PySide6
        from PySide6 import QtSvg, QtWidgets
    except ImportError as error:
        return Finding("Qt", Health.BROKEN, str(error))
    problem = find_pair_problem(sys.version_info[:2], PySide6.__version__)
    parts = ", ".join(module.__name__.removeprefix("PySide6.") for module in (QtWidgets, QtSvg))
    return Finding(
        "Qt", _judge(not problem), problem or f"PySide6 {PySide6.__version__} with {parts}"
    )


def _check_multimedia() -> Finding:
    try:
        from PySide6.QtCore import QLoggingCategory

        # It tells of every sound system that it does not find; none of that is for us.
        QLoggingCategory.setFilterRules("qt.multimedia.*=false")
        from PySide6 import QtMultimedia
    except ImportError as error:
        return Finding(
            "playback", Health.BROKEN, f"{error}; on Debian and Ubuntu install libpulse0"
        )
    return Finding("playback", Health.OK, QtMultimedia.__name__)


def _check_display() -> Finding:
    if sys.platform in ("win32", "darwin"):
        return Finding("display", Health.OK, sys.platform)
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if display:
        return Finding("display", Health.OK, display)
    return Finding("display", Health.ABSENT, "none: the window cannot open, the command line works")


def _check_resources() -> Finding:
    missing = [
        name
        for name in ("tokens.json", "style.qss", "fonts/Inter-Regular.ttf", "icons/heart.svg")
        if not find_resource(name).is_file()
    ]
    return Finding("resources", _judge(not missing), ", ".join(missing) or "complete")


async def _find_key(folders: Folders) -> tuple[ApiKey | None, Finding]:
    keys = ApiKeySource(folders.data / "key" / "runware")
    try:
        key = await keys.load()
    except StorageError as error:
        return None, Finding("API key", Health.BROKEN, error.detail or str(error))
    if key is not None and keys.place is not None:
        return key, Finding("API key", Health.OK, f"found in the {keys.place.value}")
    problem = "the keychain works and holds none"
    if keys.keychain_problem is not None:
        problem = describe_error(keys.keychain_problem).rstrip(".")
    return None, Finding("API key", Health.ABSENT, f"none: {problem}; the sandbox needs none")


async def _check_network(settings: Settings, key: ApiKey | None) -> Finding:
    address = os.environ.get(BASE_URL_VARIABLE) or settings.base_url or DEFAULT_BASE_URL
    if key is None:  # the service answers nobody without one
        problem = find_address_problem(address)
        if problem:
            return Finding("service", Health.BROKEN, f"{address}: {problem}")
        return Finding("service", Health.ABSENT, f"{address} was not asked: there is no key")
    try:
        async with asyncio.timeout(_NETWORK_LIMIT_S):
            await ping_service(address, key, proxy=settings.proxy)
    except AuthenticationFailed as error:
        return Finding("service", Health.BROKEN, f"{address} refuses the key: {error}")
    except DamagedValue as error:
        return Finding("service", Health.BROKEN, str(error))
    except (KlingDesktopError, TimeoutError) as error:
        words = str(error) or "no answer in time"
        return Finding("service", Health.ABSENT, f"{address} cannot be reached: {words}")
    return Finding("service", Health.OK, f"{address} answers")


async def _check_sandbox() -> Finding:
    with tempfile.TemporaryDirectory() as folder:
        child = SandboxProcess(Path(folder), arguments=("--self-test",))
        try:
            await child.start()
        except (ServiceUnavailable, StorageError) as error:
            words = f"{describe_error(error)} {_last_line(child.log_path)}".strip()
            return Finding("sandbox", Health.BROKEN, words)
        finally:
            await child.stop()
    return Finding("sandbox", Health.OK, "starts and makes videos")


def _last_line(path: Path) -> str:
    """Read the last line of a log that will be gone in a moment; empty where there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""


def _check_database(path: Path) -> Finding:
    if not path.exists():
        return Finding("database", Health.ABSENT, "none yet: nothing was queued")
    health = check_database(path)
    if health.sound:
        return Finding("database", Health.OK, f"sound, version {health.version}")
    backups = count_of(len(list_backups(path)), "sound copy").replace("copys", "copies")
    return Finding("database", Health.BROKEN, f"{health.problem}; there are {backups}")


def _check_library(folders: Folders, settings: Settings) -> Finding:
    library = folders.library(settings.library_dir)
    if str(library) in settings.known_libraries and not LibraryFiles(library).is_library():
        words = f"{library} is not there, or empty: is its disk plugged in?"
        return Finding("library folder", Health.BROKEN, words)
    return _check_folder("library folder", library)


def _check_folder(subject: str, folder: Path) -> Finding:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        return Finding(subject, Health.BROKEN, f"{folder} cannot be written to")
    free = file_size(shutil.disk_usage(place).free)
    return Finding(subject, Health.OK, f"{folder}, {free} free")


def _check_decoding() -> Finding:
    """Make a small video with the encoder and read it with the decoder that the app uses."""
    from kling_desktop.domain.errors import DamagedDownload
    from kling_desktop.media.video_file import poster, probe

    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "video.mp4"
        _encode(video)
        try:
            facts = probe(video)
            poster(video, 64)
        except DamagedDownload as error:
            return Finding("videos", Health.BROKEN, str(error))
    return Finding("videos", _judge(facts.frames > 0), f"{facts.frames} pictures of {facts.codec}")


def _encode(target: Path) -> None:
    import av
    from PIL import Image

    picture = Image.new("RGB", (64, 64), "#2F6BDB")
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(24):
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode(None))
