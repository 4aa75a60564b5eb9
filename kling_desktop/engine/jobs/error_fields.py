"""How an error is written in a job's row."""

from kling_desktop.domain.errors import ApiError, KlingDesktopError, RateLimited, ServiceUnavailable


def error_fields(error: KlingDesktopError | None) -> dict[str, object]:
    """Build the row's fields for its last error; None clears them."""
    if error is None:
        return {"error_code": "", "error_service_code": "", "error_detail": ""}
    return {
        "error_code": error.code,
        "error_service_code": error.service_code if isinstance(error, ApiError) else "",
        "error_detail": error.detail or ("" if error.reason else str(error)),
    }


def find_retry_after(error: KlingDesktopError) -> float | None:
    """Find the service's Retry-After in seconds; None where it gave none."""
    return error.retry_after_s if isinstance(error, RateLimited | ServiceUnavailable) else None
