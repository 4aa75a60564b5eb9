"""The errors that the service reports, in the service's own form."""

from collections.abc import Sequence

DOCUMENTATION = "https://runware.ai/docs/platform/errors"
_STATUS_BY_CODE = {
    "invalidApiKey": 401,
    "missingApiKey": 401,
    "insufficientCredits": 402,
    "forbidden": 403,
    "modelNotFound": 404,
    "mediaNotFound": 404,
    "taskNotFound": 404,
    "requestTimeout": 408,
    "maxRequestSizeExceeded": 413,
    "rateLimitExceeded": 429,
    "internalServerError": 500,
    "badGateway": 502,
    "serviceUnavailable": 503,
    "gatewayTimeout": 504,
    "failedProviderTimeout": 504,
}


class ServiceError(Exception):
    """One task, or the whole request, was refused.

    Attributes:
        code: The service's camelCase code.
        parameter: Dotted path of the parameter at fault, or several.
        allowed_values: What would have been taken, where that is a choice.
        expected_type: The JSON type that was expected, such as ``float``.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        parameter: str | Sequence[str] = "",
        allowed_values: Sequence[object] = (),
        expected_type: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.parameter = parameter
        self.allowed_values = tuple(allowed_values)
        self.expected_type = expected_type

    @property
    def http_status(self) -> int:
        return status_for(self.code)

    def to_item(self, *, task_type: str = "", task_uuid: str = "") -> dict[str, object]:
        """Return the entry for ``errors``; without a task it concerns the whole request."""
        item: dict[str, object] = {"code": self.code, "message": self.message}
        if self.parameter:
            plain = isinstance(self.parameter, str)
            item["parameter"] = self.parameter if plain else list(self.parameter)
        if self.expected_type:
            item["type"] = self.expected_type
        if self.allowed_values:
            item["allowedValues"] = list(self.allowed_values)
        if task_type:
            item["taskType"] = task_type
        if task_uuid:
            item["taskUUID"] = task_uuid
        item["documentation"] = DOCUMENTATION
        return item


def status_for(code: str) -> int:
    """Return the HTTP status that goes with a code when nothing in the request succeeded."""
    return _STATUS_BY_CODE.get(code, 400)


def unsupported_parameter(names: Sequence[str], allowed: Sequence[str], why: str) -> ServiceError:
    """Build the refusal of parameters that this model or task does not take."""
    return ServiceError(
        "unsupportedParameter",
        why,
        parameter=names[0] if len(names) == 1 else tuple(names),
        allowed_values=allowed,
    )
