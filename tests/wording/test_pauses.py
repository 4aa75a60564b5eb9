"""The words for pauses: whose trouble it is."""

import pytest

from kling_desktop.domain.errors import NetworkMisconfigured, NetworkUnreachable
from kling_desktop.domain.events import Network, PauseReason
from kling_desktop.domain.reasons import Reason
from kling_desktop.wording.banner import describe_network, describe_pause
from kling_desktop.wording.reasons import describe_error


@pytest.mark.parametrize("reason", list(PauseReason))
def test_the_sandboxs_trouble_is_never_told_as_runwares(reason: PauseReason) -> None:
    title, text = describe_pause(reason, sandbox=True)
    assert "Runware" not in f"{title} {text}"
    assert "dashboard" not in text
    assert title.endswith(".")


def test_runwares_credit_is_told_as_runwares() -> None:
    title, text = describe_pause(PauseReason.CREDIT)
    assert title == "Runware credit has run out."
    assert "dashboard" in text


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (Network.UNTRUSTED, Reason.CERTIFICATE_UNTRUSTED),
        (Network.PROXY, Reason.PROXY_WANTS_LOGIN),
        (Network.UNREACHABLE, Reason.REFUSED_ON_THE_WAY),
        (Network.UNREACHABLE, Reason.NO_SERVICE_HERE),
    ],
)
def test_the_network_banner_says_what_was_found_out(network: Network, reason: Reason) -> None:
    facts = {"host": "api.runware.ai", "proxy": "proxy:3128", "status": 403}
    error = NetworkUnreachable(reason, facts=facts)
    _title, text = describe_network(network, error=error)
    assert text.startswith(describe_error(error))
    assert "offline" not in text


def test_the_pause_for_network_settings_names_the_variable() -> None:
    error = NetworkMisconfigured(
        Reason.CERTIFICATES_GONE, facts={"variable": "SSL_CERT_FILE", "path": "/gone.pem"}
    )
    _title, text = describe_pause(PauseReason.NETWORK_SETTINGS, error=error)
    assert "SSL_CERT_FILE" in text
    assert "/gone.pem" in text
