"""What an error of the service means: its codes, in the order in which they are recognised.

The codes are many and not stable, so most are known by a part of their name; a code that nobody
knows is judged by the HTTP status that came with it.
"""

import re
from dataclasses import dataclass
from typing import Final

from kling_desktop.api.error_text import clean_detail
from kling_desktop.api.json_values import JsonObject, JsonValue, as_words, find_text
from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    ConflictingTask,
    ContentRejected,
    GenerationFailed,
    InsufficientCredits,
    JobUnknown,
    MediaGone,
    ModelGone,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.reasons import Reason

_SAFETY: Final = frozenset(
    {
        "invalidprovidercontent", "contentpolicyviolation", "providercontentpolicyviolation",
        "sensitivecontentdetected", "unsafecontentdetected", "nsfwcontentdetected",
        "promptblocked", "imageblocked", "moderationfailed",
    }
)  # fmt: skip
_FORBIDDEN: Final = frozenset({"forbidden", "permissiondenied", "insufficientpermissions"})
_AUTH: Final = _FORBIDDEN | {"unauthorized", "authenticationfailed"}
_BLOCKED_OWNERS: Final = ("account", "organization")
_BLOCKED: Final = ("suspended", "disabled", "blocked", "closed")
_TASK_GONE: Final = frozenset(
    {"tasknotfound", "taskexpired", "taskfailedornotfound", "taskcancelled"}
)
_MODEL_GONE: Final = frozenset(
    {"modelnotfound", "invalidmodel", "modeldisabled", "modelexpired", "unsupportedmodel"}
)
_SERVER: Final = frozenset(
    {
        "internalservererror", "internalerror", "servererror", "serviceunavailable",
        "serverunavailable", "standarderror", "unknownerror",
    }
)  # fmt: skip
_NO_CAPACITY: Final = frozenset({"modelunavailable", "modelnotready", "noavailableserver"})
_PROVIDER: Final = frozenset(
    {"inferenceerror", "processingfailed", "taskfailed", "downloadfailed", "uploadfailed"}
)
_PROVIDER_PREFIXES: Final = ("provider", "failedprovider", "thirdparty")
_VALIDATION_PREFIXES: Final = (
    "invalid", "missing", "unsupported", "unknown", "incompatible", "mismatch", "value", "array",
    "max", "min",
)  # fmt: skip
_CODE: Final = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)
_NOT_THE_SERVICE: Final = frozenset({404, 405})
"""Said of no task, these mean that whoever answers at this address takes no tasks at all."""
_MOST_VALUES: Final = 40
_VALUE_LENGTH: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """One error item with what is needed to judge it."""

    detail: str
    http_status: int
    retry_after_s: float | None
    code: str = ""
    parameters: tuple[str, ...] = ()
    allowed_values: tuple[str, ...] = ()
    task_scoped: bool = False
    accepted: bool = False
    final: bool = False

    def make(self, kind: type[ApiError]) -> ApiError:
        return kind(
            detail=self.detail,
            service_code=self.code,
            parameters=self.parameters,
            allowed_values=self.allowed_values,
            task_scoped=self.task_scoped,
            http_status=self.http_status,
        )

    def busy(self) -> ApiError:
        if self.accepted and self.final:
            return self.make(GenerationFailed)
        return RateLimited(
            retry_after_s=self.retry_after_s,
            detail=self.detail,
            service_code=self.code,
            task_scoped=self.task_scoped,
            http_status=self.http_status,
        )

    def trouble(self) -> ApiError:
        return ServiceUnavailable(
            retry_after_s=self.retry_after_s,
            detail=self.detail,
            service_code=self.code,
            task_scoped=self.task_scoped,
            http_status=self.http_status,
        )

    @property
    def is_of_address(self) -> bool:
        """Whether it says that the service is not to be found at this address."""
        nowhere = self.http_status in _NOT_THE_SERVICE or self.code.casefold() == "notfound"
        return nowhere and not self.task_scoped

    def wrong_address(self) -> ApiError:
        """The service is not here: a fault of the address, never of the job that was to go."""
        return ServiceUnavailable(
            Reason.NO_SERVICE_HERE,
            retry_after_s=self.retry_after_s,
            # The row keeps the detail alone, and the answer does not say where it comes from.
            detail=clean_detail(f"no Runware service at this address: {self.detail}"),
            service_code=self.code,
            http_status=self.http_status,
        )

    @property
    def is_the_services(self) -> bool:
        """Whether it has a code such as the service gives; gateways give numbers or none."""
        return _CODE.fullmatch(self.code) is not None

    def refused_on_the_way(self) -> ApiError:
        """A bot check, a proxy or a gateway refused: it knows neither the key nor the credit."""
        return ServiceUnavailable(
            Reason.REFUSED_ON_THE_WAY,
            retry_after_s=self.retry_after_s,
            detail=self.detail,
            http_status=self.http_status,
            facts={"status": self.http_status},
        )

    def trouble_unless_judged(self) -> ApiError:
        """The service's own trouble: about the job when it says so, else about our question."""
        judged = self.task_scoped and (self.final or self.http_status in (200, 504))
        return self.make(GenerationFailed) if self.accepted and judged else self.trouble()

    def failure_unless_new(self) -> ApiError:
        """The provider's failure: before acceptance the same request may simply go again."""
        return self.make(GenerationFailed) if self.accepted else self.trouble()


def classify_error(
    item: JsonObject,
    http_status: int,
    *,
    accepted: bool = True,
    retry_after_s: float | None = None,
) -> ApiError:
    """Turn one error item of a reply into the error it means.

    Args:
        item: The error with `code`, `message` and its other fields.
        http_status: Of the reply; it decides only where the code is unknown.
        accepted: Whether the job was accepted before: then a provider's failure is the job's end
            (`GenerationFailed`), while before it is waited out (`ServiceUnavailable`).
        retry_after_s: The reply's Retry-After in seconds.
    """
    words = find_text(item, "message", "detail", "title")
    said = find_text(item, "responseContent")
    refusal = _Refusal(
        code=clean_detail(as_words(item.get("code")), 80),
        detail=clean_detail(f"{words} ({said})" if words and said else words or said),
        parameters=_list_words(item.get("parameter")),
        allowed_values=_list_words(item.get("allowedValues")),
        task_scoped=bool(find_text(item, "taskUUID")),
        http_status=http_status,
        retry_after_s=retry_after_s,
        accepted=accepted,
        final=find_text(item, "status").casefold() == "error",
    )
    return _classify_code(refusal, refusal.code.casefold()) or _classify_status(refusal)


def classify_status(
    http_status: int, detail: str, *, retry_after_s: float | None = None
) -> ApiError:
    """Judge a reply that held no error of its own by its HTTP status alone."""
    refusal = _Refusal(detail=detail, http_status=http_status, retry_after_s=retry_after_s)
    if 200 <= http_status < 300:
        return refusal.make(UnexpectedReply)
    return _classify_status(refusal)


def is_forbidden(error: ApiError) -> bool:
    """Say whether a good key merely may not do this one thing."""
    if not isinstance(error, AuthenticationFailed):
        return False
    code = error.service_code.casefold()
    return code in _FORBIDDEN or (error.http_status == 403 and not _is_blocked(code))


def _classify_code(refusal: _Refusal, code: str) -> ApiError | None:
    """Recognise a code; the order is the one that works for the service's official client."""
    if code == "conflicttaskuuid":
        return refusal.make(ConflictingTask)
    if any(part in code for part in ("credits", "quota", "balance", "paymentrequired")):
        ours = not code.startswith(_PROVIDER_PREFIXES)
        return refusal.make(InsufficientCredits if ours else GenerationFailed)
    if "ratelimit" in code:
        return refusal.busy()
    if code in _SAFETY:
        return refusal.make(ContentRejected)
    if code in _AUTH or "apikey" in code or code.startswith("token") or _is_blocked(code):
        return refusal.make(AuthenticationFailed)
    if "timeout" in code:
        return refusal.failure_unless_new()
    return _classify_absence(refusal, code) or _classify_trouble(refusal, code)


def _classify_absence(refusal: _Refusal, code: str) -> ApiError | None:
    if code in _MODEL_GONE:
        return refusal.make(ModelGone)
    if code in _TASK_GONE:
        return refusal.make(JobUnknown)
    if code.endswith(("notfound", "expired")):
        if code.startswith(("media", "image", "file")):
            return refusal.make(MediaGone)
        if refusal.is_of_address:
            return refusal.wrong_address()
        return refusal.make(JobUnknown if refusal.accepted else RequestRejected)
    return None


def _classify_trouble(refusal: _Refusal, code: str) -> ApiError | None:
    if code in _SERVER or code in _NO_CAPACITY:
        return refusal.trouble_unless_judged()
    if code in _PROVIDER or code.startswith(_PROVIDER_PREFIXES):
        return refusal.failure_unless_new()
    if code.startswith(_VALIDATION_PREFIXES) and refusal.http_status != 401:
        return refusal.make(RequestRejected)
    return None


def _classify_status(refusal: _Refusal) -> ApiError:
    match refusal.http_status:
        case 401 | 402 | 403 | 407 if not refusal.is_the_services:
            return refusal.refused_on_the_way()
        case 401 | 403:
            return refusal.make(AuthenticationFailed)
        case 402:
            return refusal.make(InsufficientCredits)
        case 408:
            return refusal.trouble()
        case _ if refusal.is_of_address:
            return refusal.wrong_address()
        case 429:
            return refusal.busy()
        case status if status >= 500:
            return refusal.trouble_unless_judged()
        case status if refusal.task_scoped or refusal.is_the_services:
            judged = refusal.accepted and status < 400
            return refusal.make(GenerationFailed if judged else RequestRejected)
        case 400 | 413 | 422:
            return refusal.refused_on_the_way()
        case _:
            return refusal.make(UnexpectedReply)


def _is_blocked(code: str) -> bool:
    return code.startswith(_BLOCKED_OWNERS) and code.endswith(_BLOCKED)


def _list_words(value: JsonValue) -> tuple[str, ...]:
    """Read what may be one value or a list of them as short texts."""
    values = value if isinstance(value, list) else [value]
    words = (clean_detail(as_words(item), _VALUE_LENGTH) for item in values[:_MOST_VALUES])
    return tuple(word for word in words if word)
