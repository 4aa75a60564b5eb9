"""The command that checks this machine: display, libraries, key, network, sandbox, disk."""

import argparse
import asyncio
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kling_desktop import __version__
from kling_desktop.assembly.core import check_network, find_address_problem, ping_service
from kling_desktop.assembly.folders import DEFAULT_BASE_URL, Folders, find_fixed_base_url
from kling_desktop.assembly.interpreter_check import find_pair_problem
from kling_desktop.assembly.sandbox_process import SandboxProcess
from kling_desktop.cli.console import Console, table
from kling_desktop.cli.exit_codes import ExitCode
from kling_desktop.domain.errors import (
    AuthenticationFailed,
    KlingDesktopError,
    NetworkMisconfigured,
    ServiceUnavailable,
    StorageError,
)
from kling_desktop.domain.resources import find_resource
from kling_desktop.domain.secret import ApiKey
from kling_desktop.storage.database.backups import check_database, list_backups
from kling_desktop.storage.database.recovery import RecordsState, find_records_state
from kling_desktop.storage.files.library_files import LibraryFiles
from kling_desktop.storage.settings.api_key import ApiKeySource
from kling_desktop.storage.settings.settings_store import Settings, SettingsStore
from kling_desktop.wording import doctor as wording
from kling_desktop.wording.command_line import describe_system_problem
from kling_desktop.wording.doctor import Health, Subject
from kling_desktop.wording.formatting import file_size
from kling_desktop.wording.reasons import describe_error

_NETWORK_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        subject: What was looked at.
        health: How it is.
        words: What was found.
    """

    subject: Subject
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
        _check_folder(Subject.DATA_FOLDER, folders.data),
        await asyncio.to_thread(_check_database, folders.database),
        _check_library(folders, settings),
    ]
    if arguments.decode:
        findings.append(await asyncio.to_thread(_check_decoding))
    if arguments.json:
        console.print_json(
            [
                {"subject": f.subject.value, "health": f.health.value, "words": f.words}
                for f in findings
            ]
        )
    else:
        console.print_result(f"kling-desktop {__version__}")
        rows = [
            (wording.health_mark(f.health), wording.subject_name(f.subject), f.words)
            for f in findings
        ]
        console.print_result(table(rows))
    failed = any(finding.health is Health.BROKEN for finding in findings)
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


def _judge(fine: object) -> Health:
    return Health.OK if fine else Health.BROKEN


def _check_python() -> Finding:
    words = wording.describe_python(platform.python_version(), platform.platform())
    return Finding(Subject.PYTHON, _judge(sys.version_info >= (3, 11)), words)


def _check_qt() -> Finding:
    try:
        import PySide6
        from PySide6 import QtSvg, QtWidgets
    except ImportError as error:
        return Finding(Subject.QT, Health.BROKEN, wording.describe_import_error(error))
    problem = find_pair_problem(sys.version_info[:2], PySide6.__version__)
    parts = ", ".join(module.__name__.removeprefix("PySide6.") for module in (QtWidgets, QtSvg))
    if problem is not None:
        return Finding(Subject.QT, Health.BROKEN, describe_error(problem))
    return Finding(Subject.QT, Health.OK, wording.describe_qt(PySide6.__version__, parts))


def _check_multimedia() -> Finding:
    try:
        from PySide6.QtCore import QLoggingCategory

        # It reports every sound system that it does not find; none of that is for us.
        QLoggingCategory.setFilterRules("qt.multimedia.*=false")
        from PySide6 import QtMultimedia
    except ImportError as error:
        return Finding(Subject.PLAYBACK, Health.BROKEN, wording.describe_playback_error(error))
    return Finding(Subject.PLAYBACK, Health.OK, QtMultimedia.__name__)


def _check_display() -> Finding:
    if sys.platform in ("win32", "darwin"):
        return Finding(Subject.DISPLAY, Health.OK, sys.platform)
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if display:
        return Finding(Subject.DISPLAY, Health.OK, display)
    return Finding(Subject.DISPLAY, Health.ABSENT, wording.no_display())


def _check_resources() -> Finding:
    missing = [
        name
        for name in ("tokens.json", "style.qss", "fonts/Inter-Regular.ttf", "icons/heart.svg")
        if not find_resource(name).is_file()
    ]
    if missing:
        words = wording.describe_missing_resources(", ".join(missing))
        return Finding(Subject.RESOURCES, Health.BROKEN, words)
    return Finding(Subject.RESOURCES, Health.OK, wording.resources_complete())


async def _find_key(folders: Folders) -> tuple[ApiKey | None, Finding]:
    keys = ApiKeySource(folders.data / "key" / "runware")
    try:
        key = await keys.load()
    except StorageError as error:
        return None, Finding(Subject.API_KEY, Health.BROKEN, describe_error(error))
    if key is not None and keys.place is not None:
        return key, Finding(Subject.API_KEY, Health.OK, wording.describe_key_place(keys.place))
    problem = keys.keychain_problem
    words = wording.describe_no_key("" if problem is None else describe_error(problem))
    return None, Finding(Subject.API_KEY, Health.ABSENT, words)


async def _check_network(settings: Settings, key: ApiKey | None) -> Finding:
    address = find_fixed_base_url(os.environ) or settings.base_url or DEFAULT_BASE_URL
    problem = find_address_problem(address)
    if problem is not None:
        words = wording.describe_bad_address(address, describe_error(problem))
        return Finding(Subject.SERVICE, Health.BROKEN, words)
    try:
        await check_network(address, os.environ, proxy=settings.proxy)
        if key is None:  # the service answers nobody without one
            return Finding(Subject.SERVICE, Health.ABSENT, wording.service_not_asked(address))
        async with asyncio.timeout(_NETWORK_LIMIT_S):
            await ping_service(address, key, os.environ, proxy=settings.proxy)
    except NetworkMisconfigured as error:
        return Finding(Subject.SERVICE, Health.BROKEN, describe_error(error))
    except AuthenticationFailed as error:
        words = wording.describe_refused_key(address, describe_error(error))
        return Finding(Subject.SERVICE, Health.BROKEN, words)
    except TimeoutError:
        return Finding(Subject.SERVICE, Health.ABSENT, wording.describe_unreachable(address, ""))
    except KlingDesktopError as error:
        words = wording.describe_unreachable(address, describe_error(error))
        return Finding(Subject.SERVICE, Health.ABSENT, words)
    return Finding(Subject.SERVICE, Health.OK, wording.service_answers(address))


async def _check_sandbox() -> Finding:
    try:
        with tempfile.TemporaryDirectory() as folder:
            child = SandboxProcess(Path(folder), arguments=("--self-test",))
            try:
                await child.start()
            except (ServiceUnavailable, StorageError) as error:
                words = f"{describe_error(error)} {_last_line(child.log_path)}".strip()
                return Finding(Subject.SANDBOX, Health.BROKEN, words)
            finally:
                await child.stop()
    except OSError as error:  # no folder for temporary files
        return Finding(Subject.SANDBOX, Health.BROKEN, describe_system_problem(error))
    return Finding(Subject.SANDBOX, Health.OK, wording.sandbox_works())


def _last_line(path: Path) -> str:
    """Read the last line of a log that will be gone in a moment; empty where there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""


def _check_database(path: Path) -> Finding:
    try:
        state = find_records_state(path)
    except StorageError as error:
        return Finding(Subject.DATABASE, Health.BROKEN, describe_error(error))
    match state:
        case RecordsState.NONE:
            return Finding(Subject.DATABASE, Health.ABSENT, wording.no_database())
        case RecordsState.SOUND:
            words = wording.database_sound(check_database(path).version)
            return Finding(Subject.DATABASE, Health.OK, words)
        case RecordsState.TOO_NEW:
            return Finding(Subject.DATABASE, Health.BROKEN, wording.database_too_new())
        case RecordsState.GONE:
            words = wording.database_gone(len(list_backups(path)))
            return Finding(Subject.DATABASE, Health.BROKEN, words)
        case RecordsState.DAMAGED:
            problem = check_database(path).problem
            words = wording.database_damaged(problem, len(list_backups(path)))
            return Finding(Subject.DATABASE, Health.BROKEN, words)


def _check_library(folders: Folders, settings: Settings) -> Finding:
    library = folders.library(settings.library_dir)
    if str(library) in settings.known_libraries and not LibraryFiles(library).is_library():
        return Finding(Subject.LIBRARY_FOLDER, Health.BROKEN, wording.library_away(str(library)))
    return _check_folder(Subject.LIBRARY_FOLDER, library)


def _check_folder(subject: Subject, folder: Path) -> Finding:
    place = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not place.is_dir() or not os.access(place, os.W_OK):
        return Finding(subject, Health.BROKEN, wording.folder_not_writable(str(folder)))
    free = file_size(shutil.disk_usage(place).free)
    return Finding(subject, Health.OK, wording.folder_free(str(folder), free))


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
            return Finding(Subject.VIDEOS, Health.BROKEN, describe_error(error))
    words = wording.describe_decoded(facts.frames, facts.codec)
    return Finding(Subject.VIDEOS, _judge(facts.frames > 0), words)


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
