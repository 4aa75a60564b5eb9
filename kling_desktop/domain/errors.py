"""Every error the app knows, and what each does to the queue.

    KlingDesktopError                                         reaction
    ├── DraftRejected            carries the problems         NEVER_SENT
    ├── UnreadableImage          the slot shows it            NEVER_SENT
    ├── PictureUnavailable       not to be read for now       RETRY_LATER
    ├── DamagedValue             a kept or given value        NEVER_SENT
    ├── ApiError
    │   ├── NetworkMisconfigured   proxy, certificates        PAUSE_QUEUE
    │   ├── AuthenticationFailed   key missing or refused     PAUSE_QUEUE
    │   ├── InsufficientCredits                               PAUSE_QUEUE
    │   ├── RateLimited            carries retry_after_s      RETRY_LATER
    │   ├── ServiceUnavailable     timeout, 5xx, 408          RETRY_LATER
    │   │   └── NetworkUnreachable no way to the host         RETRY_LATER
    │   ├── UnexpectedReply        the reply made no sense    RETRY_LATER
    │   ├── ConflictingTask        this id was taken before   RETRY_LATER
    │   ├── RequestRejected        a parameter was refused    FAIL_JOB
    │   │   ├── ModelGone          no longer offered          FAIL_JOB
    │   │   └── MediaGone          an uploaded picture is gone FAIL_JOB
    │   ├── ContentRejected        moderation said no         FAIL_JOB
    │   ├── GenerationFailed       it tried, and could not    FAIL_JOB
    │   ├── JobUnknown             accepted once, lost since  FAIL_JOB
    │   ├── FileHostAway           only the file is out of reach RETRY_LATER
    │   ├── ResultOutOfReach       every way was tried        RETRY_LATER
    │   ├── LinkExpired            403/404/410 on the file    RETRY_LATER
    │   └── DamagedDownload        cut, too long, no video    RETRY_LATER
    └── StorageError
        ├── LibraryUnavailable     folder gone                PAUSE_QUEUE
        │   ├── LibraryReadOnly    there, not to be written   PAUSE_QUEUE
        │   ├── LibraryUnmarked    there, without its marker  PAUSE_QUEUE
        │   ├── FileInUse          another program holds it   RETRY_LATER
        │   └── DiskFull                                      PAUSE_QUEUE
        ├── DataFolderUnavailable  the app's own folder       PAUSE_QUEUE
        ├── KeychainUnavailable    no keychain, or no answer  NEVER_SENT
        ├── StateConflict          two rivals, one lost       BUG
        └── DatabaseTooNew, DatabaseDamaged, DatabaseBusy     APP_STOPS

`RETRY_LATER` and `PAUSE_QUEUE` leave the job's state as it is; only a job that was surely refused
before acceptance goes back to `queued`.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from kling_desktop.domain.problems import Problem
from kling_desktop.domain.reasons import Reason


class Reaction(StrEnum):
    """What an error does to the queue."""

    NEVER_SENT = "never_sent"
    RETRY_LATER = "retry_later"
    PAUSE_QUEUE = "pause_queue"
    FAIL_JOB = "fail_job"
    APP_STOPS = "app_stops"
    BUG = "bug"


class KlingDesktopError(Exception):
    """Anything that can go wrong and is known; everything else is a bug.

    Attributes:
        code: Stable name of the kind, kept in the job's row.
        reaction: What the queue does about it.
        reason: Why, as a code that `wording/reasons.py` turns into a sentence; None where the
            kind of the error says it all.
        facts: What the sentence names: paths, sizes, limits.
        detail: The service's or the system's own words, cut and without secrets; may be empty.
    """

    code: ClassVar[str] = "error"
    reaction: ClassVar[Reaction] = Reaction.BUG

    def __init__(
        self,
        reason: Reason | None = None,
        *,
        detail: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self.reason = reason
        self.facts: Mapping[str, object] = facts or {}
        self.detail = detail
        about = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        super().__init__(" ".join(filter(None, (reason, about))) or detail or self.code)


class DraftRejected(KlingDesktopError):
    """The draft has problems; nothing was kept and nothing was sent."""

    code = "draft_rejected"
    reaction = Reaction.NEVER_SENT

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(detail="; ".join(problem.code.value for problem in problems))
        self.problems = tuple(problems)


class UnreadableImage(KlingDesktopError):
    """The file is no picture that the app can read; `reason` says why."""

    code = "unreadable_image"
    reaction = Reaction.NEVER_SENT


class PictureUnavailable(KlingDesktopError):
    """The app's copy of a picture cannot be read for now; it may be there all the same."""

    code = "picture_unavailable"
    reaction = Reaction.RETRY_LATER


class DamagedValue(KlingDesktopError):
    """Kept or given data does not have the form it should have."""

    code = "damaged_value"
    reaction = Reaction.NEVER_SENT


class ApiError(KlingDesktopError):
    """Something between us and the service, or said by the service.

    Attributes:
        service_code: The service's own error code, empty when there is none.
        parameters: The request parameters that the service named, dotted paths.
        allowed_values: What the service would have taken, as text.
        task_scoped: True when the reply named our task: then the service has surely judged it.
        http_status: The HTTP status of the reply, 0 when there was none.
    """

    code = "api_error"
    reaction = Reaction.RETRY_LATER

    def __init__(
        self,
        reason: Reason | None = None,
        *,
        detail: str = "",
        facts: Mapping[str, object] | None = None,
        service_code: str = "",
        parameters: Sequence[str] = (),
        allowed_values: Sequence[str] = (),
        task_scoped: bool = False,
        http_status: int = 0,
    ) -> None:
        super().__init__(reason, detail=detail, facts=facts)
        self.service_code = service_code
        self.parameters = tuple(parameters)
        self.allowed_values = tuple(allowed_values)
        self.task_scoped = task_scoped
        self.http_status = http_status


class NetworkMisconfigured(ApiError):
    """This machine's own settings of proxy or certificates cannot be used; nothing was sent."""

    code = "network_misconfigured"
    reaction = Reaction.PAUSE_QUEUE


class AuthenticationFailed(ApiError):
    """The key is missing, refused, or may not do this."""

    code = "authentication_failed"
    reaction = Reaction.PAUSE_QUEUE


class InsufficientCredits(ApiError):
    """The account's balance is too low."""

    code = "insufficient_credits"
    reaction = Reaction.PAUSE_QUEUE


class RateLimited(ApiError):
    """The service asked us to slow down."""

    code = "rate_limited"

    def __init__(
        self,
        reason: Reason | None = None,
        *,
        retry_after_s: float | None = None,
        detail: str = "",
        service_code: str = "",
        task_scoped: bool = False,
        http_status: int = 429,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(
            reason,
            detail=detail,
            service_code=service_code,
            task_scoped=task_scoped,
            http_status=http_status,
            facts=facts,
        )
        self.retry_after_s = retry_after_s


class ServiceUnavailable(ApiError):
    """No answer in time, or an answer that says trouble on the service's side.

    Attributes:
        sent: Whether bytes of the request may have reached the service; False only when the
            connection surely failed before the first byte.
        retry_after_s: The service's Retry-After in seconds, None when it gave none.
    """

    code = "service_unavailable"

    def __init__(
        self,
        reason: Reason | None = None,
        *,
        sent: bool = True,
        retry_after_s: float | None = None,
        detail: str = "",
        facts: Mapping[str, object] | None = None,
        service_code: str = "",
        task_scoped: bool = False,
        http_status: int = 0,
    ) -> None:
        super().__init__(
            reason,
            detail=detail,
            facts=facts,
            service_code=service_code,
            task_scoped=task_scoped,
            http_status=http_status,
        )
        self.sent = sent
        self.retry_after_s = retry_after_s


class NetworkUnreachable(ServiceUnavailable):
    """There is no connection to the host, and nothing was sent; `reason` says what is missing."""

    code = "network_unreachable"


class UnexpectedReply(ApiError):
    """The reply was not what the contract says; `detail` keeps it, cut and cleaned."""

    code = "unexpected_reply"


class ConflictingTask(ApiError):
    """The service has seen this task id before: on a resend that means «already accepted»."""

    code = "conflicting_task"


class RequestRejected(ApiError):
    """A parameter was refused; `parameters` names it where the service did."""

    code = "request_rejected"
    reaction = Reaction.FAIL_JOB


class ModelGone(RequestRejected):
    """Runware no longer offers this model."""

    code = "model_gone"


class MediaGone(RequestRejected):
    """A picture that was uploaded earlier is no longer there."""

    code = "media_gone"


class ContentRejected(ApiError):
    """The service's safety check refused the prompt or a picture."""

    code = "content_rejected"
    reaction = Reaction.FAIL_JOB


class GenerationFailed(ApiError):
    """The service accepted the job and could not finish it."""

    code = "generation_failed"
    reaction = Reaction.FAIL_JOB


class JobUnknown(ApiError):
    """The service accepted this job once and says that it does not know it any more."""

    code = "job_unknown"
    reaction = Reaction.FAIL_JOB


class LinkExpired(ApiError):
    """The result's link is not valid any more; the service may give a fresh one."""

    code = "link_expired"


class FileHostAway(ApiError):
    """The service answers, but the host of the file cannot be reached."""

    code = "file_host_away"


class ResultOutOfReach(ApiError):
    """Every way to a paid file was tried in vain; it is tried again, ever more slowly."""

    code = "result_out_of_reach"


class DamagedDownload(ApiError):
    """What was downloaded is not the whole video; it is fetched again."""

    code = "damaged_download"


class StorageError(KlingDesktopError):
    """Something about the disk or the database."""

    code = "storage_error"
    reaction = Reaction.PAUSE_QUEUE


class LibraryUnavailable(StorageError):
    """The library folder is not there or cannot be written to."""

    code = "library_unavailable"


class DiskFull(LibraryUnavailable):
    """There is no room left where the library lives."""

    code = "disk_full"


class LibraryReadOnly(LibraryUnavailable):
    """The library folder is there and cannot be written to."""

    code = "library_read_only"


class LibraryUnmarked(LibraryUnavailable):
    """The folder is there without the marker of a library: an unplugged disk's, or a lost one."""

    code = "library_unmarked"


class FileInUse(LibraryUnavailable):
    """Another program holds the file open; the folder is all right."""

    code = "file_in_use"
    reaction = Reaction.RETRY_LATER


class DataFolderUnavailable(StorageError):
    """The app's own folder cannot be read or written; the library has nothing to do with it."""

    code = "data_folder_unavailable"


class KeychainUnavailable(StorageError):
    """There is no keychain on this system, or it did not answer in time."""

    code = "keychain_unavailable"
    reaction = Reaction.NEVER_SENT


class StateConflict(StorageError):
    """A row was not in the state that the caller believed; the caller has lost a race."""

    code = "state_conflict"
    reaction = Reaction.BUG

    def __init__(
        self,
        reason: Reason = Reason.JOB_MOVED_ON,
        *,
        detail: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(reason, detail=detail, facts=facts)


class DatabaseTooNew(StorageError):
    """The database was written by a newer version of the app; it is left untouched."""

    code = "database_too_new"
    reaction = Reaction.APP_STOPS


class DatabaseDamaged(StorageError):
    """The database cannot be read; `backups` are the sound copies to offer, newest first."""

    code = "database_damaged"
    reaction = Reaction.APP_STOPS

    def __init__(
        self, reason: Reason | None = None, *, detail: str = "", backups: Sequence[Path] = ()
    ) -> None:
        super().__init__(reason, detail=detail)
        self.backups = tuple(backups)


class DatabaseBusy(StorageError):
    """Another process owns the data folder."""

    code = "database_busy"
    reaction = Reaction.APP_STOPS
