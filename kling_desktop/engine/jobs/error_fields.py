"""How an error stands in a job's row."""

from kling_desktop.domain.errors import ApiError, KlingDesktopError, RateLimited, ServiceUnavailable


def error_fields(error: KlingDesktopError | None) -> dict[str, object]:
    """Give the facts of a row's last trouble; None takes an earlier trouble away."""
    if error is None:
        return {"error_code": "", "error_service_code": "", "error_detail": ""}
    return {
        "error_code": error.code,
        "error_service_code": error.service_code if isinstance(error, ApiError) else "",
        "error_detail": error.detail or str(error),
    }


def find_retry_after(error: KlingDesktopError) -> float | None:
    """Seconds that the service wants us to wait; None where it said nothing."""
    return error.retry_after_s if isinstance(error, RateLimited | ServiceUnavailable) else None
