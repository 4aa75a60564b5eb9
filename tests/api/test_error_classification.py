"""The service's error codes, each to the error it means, before and after acceptance."""

import pytest

from kling_desktop.api.error_classification import classify_error, is_forbidden
from kling_desktop.api.json_values import JsonObject
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
    Reaction,
    RequestRejected,
    ServiceUnavailable,
    UnexpectedReply,
)

# Code, HTTP status it came with, meaning before acceptance, meaning after.
TABLE: list[tuple[str, int, type[ApiError], type[ApiError]]] = [
    *[
        (code, 401, AuthenticationFailed, AuthenticationFailed)
        for code in (
            "invalidApiKey", "missingApiKey", "unauthorized", "authenticationFailed",
            "tokenExpired", "forbidden", "permissionDenied", "insufficientPermissions",
            "accountSuspended", "accountDisabled", "organizationSuspended",
        )
    ],
    *[
        (code, 402, InsufficientCredits, InsufficientCredits)
        for code in ("insufficientCredits", "paymentRequired", "quotaExceeded", "balanceTooLow")
    ],
    ("providerInsufficientCredits", 400, GenerationFailed, GenerationFailed),
    ("thirdPartyInsufficientCredits", 400, GenerationFailed, GenerationFailed),
    *[
        (code, 429, RateLimited, RateLimited)
        for code in (
            "rateLimitExceeded", "providerRateLimitExceeded", "inferenceRateLimitExceeded",
        )
    ],
    *[
        (code, 400, ContentRejected, ContentRejected)
        for code in (
            "invalidProviderContent", "contentPolicyViolation", "providerContentPolicyViolation",
            "sensitiveContentDetected", "unsafeContentDetected", "nsfwContentDetected",
            "promptBlocked", "imageBlocked", "moderationFailed",
        )
    ],
    *[
        (code, 400, RequestRejected, RequestRejected)
        for code in (
            "unsupportedDuration", "unsupportedDimensions", "unsupportedModelResolution",
            "unsupportedParameter", "unknownParameter", "incompatibleParameters",
            "mismatchProviderSettingsProvider", "missingPositivePrompt", "invalidPositivePrompt",
            "invalidPositivePromptLength", "valueTooLarge", "arrayTooLong", "maxPixelsExceeded",
        )
    ],
    *[
        (code, 400, ModelGone, ModelGone)
        for code in ("invalidModel", "modelNotFound", "modelDisabled")
    ],
    ("conflictTaskUUID", 400, ConflictingTask, ConflictingTask),
    *[
        (code, 200, ServiceUnavailable, GenerationFailed)
        for code in (
            "modelUnavailable", "modelNotReady", "noAvailableServer", "providerError",
            "providerUnavailable", "providerInternalError", "providerBadGateway", "inferenceError",
            "processingFailed", "taskFailed", "downloadFailed", "uploadFailed", "providerTimeout",
            "providerGatewayTimeout", "failedProviderTimeout", "timeoutProvider",
            "internalServerError", "standardError",
        )
    ],
    *[
        (code, 503, ServiceUnavailable, ServiceUnavailable)
        for code in (
            "internalServerError", "serviceUnavailable", "serverUnavailable", "standardError",
            "unknownError", "modelUnavailable", "noSuchCodeYet", "",
        )
    ],
    *[
        (code, 404, JobUnknown, JobUnknown)
        for code in ("taskNotFound", "taskExpired", "taskFailedOrNotFound", "taskCancelled")
    ],
    ("mediaNotFound", 400, MediaGone, MediaGone),
    ("mediaExpired", 400, MediaGone, MediaGone),
    ("imageNotFound", 400, MediaGone, MediaGone),
    ("resultExpired", 404, RequestRejected, JobUnknown),
    # A code that nobody knows is judged by the status.
    ("noSuchCodeYet", 200, RequestRejected, GenerationFailed),
    ("noSuchCodeYet", 400, RequestRejected, RequestRejected),
    ("noSuchCodeYet", 401, AuthenticationFailed, AuthenticationFailed),
    ("noSuchCodeYet", 402, InsufficientCredits, InsufficientCredits),
    ("noSuchCodeYet", 403, AuthenticationFailed, AuthenticationFailed),
    ("noSuchCodeYet", 408, ServiceUnavailable, ServiceUnavailable),
    ("noSuchCodeYet", 429, RateLimited, RateLimited),
    ("noSuchCodeYet", 504, ServiceUnavailable, GenerationFailed),
    ("missingAuthorization", 401, AuthenticationFailed, AuthenticationFailed),
]  # fmt: skip


@pytest.mark.parametrize(("code", "http_status", "before", "after"), TABLE)
def test_code_means(
    code: str, http_status: int, before: type[ApiError], after: type[ApiError]
) -> None:
    item: JsonObject = {"code": code, "message": "m", "taskUUID": "t"}
    for accepted, kind in ((False, before), (True, after)):
        for spelling in (code, code.lower(), code.upper()):
            error = classify_error(item | {"code": spelling}, http_status, accepted=accepted)
            assert type(error) is kind
            assert error.service_code == spelling
            assert error.task_scoped
            assert error.http_status == http_status
            assert error.detail == "m"


def test_only_what_may_be_repeated_unchanged_is_retried() -> None:
    """No refusal of content, words or model is ever sent again by itself."""
    for code, http_status, before, _ in TABLE:
        if before in (ContentRejected, RequestRejected, ModelGone, MediaGone):
            error = classify_error({"code": code, "taskUUID": "t"}, http_status, accepted=False)
            assert error.reaction is Reaction.FAIL_JOB


def test_words_of_the_provider_are_kept_beside_the_services() -> None:
    error = classify_error({"code": "providerError", "message": "m", "responseContent": "p"}, 200)
    assert error.detail == "m (p)"
    assert classify_error({"responseContent": "p"}, 500).detail == "p"
    assert classify_error({"responseContent": {"a": 1}, "message": "m"}, 500).detail == "m"


def test_parameter_as_one_word_as_list_and_as_nonsense() -> None:
    def parameters(value: object) -> tuple[str, ...]:
        item: JsonObject = {"code": "invalidX", "parameter": value}  # pyright: ignore[reportAssignmentType]
        return classify_error(item, 400).parameters

    assert parameters("inputs.frameImages") == ("inputs.frameImages",)
    assert parameters(["width", "height", None, {}]) == ("width", "height")
    assert parameters(None) == ()
    assert len(parameters(["x"] * 500)) == 40


def test_error_without_code_or_task_tells_nothing_certain() -> None:
    assert type(classify_error({"message": "m"}, 200)) is UnexpectedReply


@pytest.mark.parametrize(
    ("item", "http_status", "kind"),
    [
        ({"code": "notFound"}, 404, ServiceUnavailable),
        ({"code": "notFound"}, 400, ServiceUnavailable),
        ({"message": "m"}, 404, ServiceUnavailable),
        ({"code": "methodNotAllowed"}, 405, ServiceUnavailable),
        ({"code": "notFound", "taskUUID": "t"}, 404, RequestRejected),
        ({"code": "modelNotFound"}, 404, ModelGone),
        ({"code": "taskNotFound"}, 404, JobUnknown),
        ({"code": "mediaNotFound"}, 404, MediaGone),
    ],
)
def test_absence_of_the_service_is_not_absence_of_a_thing(
    item: JsonObject, http_status: int, kind: type[ApiError]
) -> None:
    assert type(classify_error(item, http_status, accepted=False)) is kind


@pytest.mark.parametrize(
    ("code", "http_status", "forbidden"),
    [
        ("forbidden", 403, True), ("permissionDenied", 401, True), ("", 403, False),
        ("invalidApiKey", 401, False), ("", 401, False), ("accountSuspended", 403, False),
        ("insufficientCredits", 402, False),
    ],
)  # fmt: skip
def test_a_key_without_a_right_is_not_a_bad_key(
    code: str, http_status: int, forbidden: bool
) -> None:
    error = classify_error({"code": code, "message": "m"}, http_status)
    assert is_forbidden(error) is forbidden


def test_retry_after_is_carried() -> None:
    busy = classify_error({"code": "rateLimitExceeded"}, 429, retry_after_s=3.0)
    trouble = classify_error({"code": "serviceUnavailable"}, 503, retry_after_s=4.0)
    assert isinstance(busy, RateLimited)
    assert busy.retry_after_s == 3.0
    assert isinstance(trouble, ServiceUnavailable)
    assert trouble.retry_after_s == 4.0
