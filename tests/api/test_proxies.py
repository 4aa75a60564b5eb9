"""Which proxy a request takes, and what an address that cannot be used says."""

import pytest

from kling_desktop.api.proxies import find_proxy, goes_directly
from kling_desktop.domain.errors import NetworkMisconfigured
from kling_desktop.domain.reasons import Reason
from kling_desktop.wording.reasons import describe_error

VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://proxy.example:8080", "Proxy(http://proxy.example:8080)"),
        ("http://proxy.example", "Proxy(http://proxy.example:80)"),
        ("proxy.example:3128", "Proxy(http://proxy.example:3128)"),
        ("  http://proxy.example:8080/ ", "Proxy(http://proxy.example:8080)"),
        ("HTTP://Proxy.Example:8080", "Proxy(http://proxy.example:8080)"),
        ("https://proxy.example", "Proxy(https://proxy.example:443)"),
        ("socks://127.0.0.1:1080/", "Proxy(socks5://127.0.0.1:1080)"),
        ("socks5://proxy.example", "Proxy(socks5://proxy.example:1080)"),
        ("socks5h://proxy.example:9050", "Proxy(socks5h://proxy.example:9050)"),
        ("http://[::1]:8080", "Proxy(http://[::1]:8080)"),
    ],
)
@pytest.mark.parametrize("where", ["", *VARIABLES])
def test_an_address_works_from_everywhere(text: str, shown: str, where: str) -> None:
    found = find_proxy("", {where: text}) if where else find_proxy(text, {})
    assert repr(found) == shown


MALFORMED = (
    "http://", "://", ":8080", "http://:8080", "http://proxy example:8080", "http://proxy:port",
    "http://proxy:99999", "http://proxy:0", "http://[::1", "http://proxy:8080/path",
    "http://proxy:8080?x", "http://a..b:80", "http://\x00:80", "<proxy>", "http://пр окси:80",
    "http://user:sec/ret@proxy:80", "@",
)  # fmt: skip
UNKNOWN_KINDS = ("socks4://proxy:1080", "socks4a://proxy:1080", "ftp://proxy:21", "pac+http://x/y")


@pytest.mark.parametrize("text", [*MALFORMED, *UNKNOWN_KINDS])
@pytest.mark.parametrize("variable", VARIABLES)
def test_an_address_that_cannot_be_used_names_its_variable(variable: str, text: str) -> None:
    with pytest.raises(NetworkMisconfigured) as caught:
        find_proxy("", {variable: text})
    sentence = describe_error(caught.value)
    assert variable in sentence
    assert "sec" not in sentence, "it may hold a password"
    kind = caught.value.reason is Reason.PROXY_KIND_OF_VARIABLE
    assert kind is (text in UNKNOWN_KINDS)


@pytest.mark.parametrize("text", [*MALFORMED, *UNKNOWN_KINDS])
def test_one_in_the_settings_says_that(text: str) -> None:
    with pytest.raises(NetworkMisconfigured) as caught:
        find_proxy(text, {"HTTPS_PROXY": "http://good:80"})
    assert "settings" in describe_error(caught.value)


def test_a_password_may_hold_anything_and_is_never_shown() -> None:
    proxy = find_proxy("http://me%40home:p@ss%2Fw@proxy:8080", {})
    assert proxy is not None
    assert proxy.user == ("me@home", "p@ss/w")
    assert proxy.address == "proxy:8080"
    assert "ss" not in repr(proxy)


def test_the_order_in_which_they_count() -> None:
    everything: dict[str, str] = dict(
        zip(VARIABLES, ("http://a", "http://b", "http://c", "http://d"), strict=True)
    )
    for name, host in zip(VARIABLES, "abcd", strict=True):
        found = find_proxy("", everything)
        assert found is not None
        assert found.host == host
        del everything[name]
    assert find_proxy("", everything) is None
    assert find_proxy("", {"HTTP_PROXY": "http://only-for-plain-http"}) is None
    assert find_proxy("", {"https_proxy": "", "HTTPS_PROXY": "http://b"}) is None
    assert find_proxy("  ", {"HTTPS_PROXY": " "}) is None


@pytest.mark.parametrize(
    ("host", "no_proxy", "directly"),
    [
        ("localhost", "", True), ("127.0.0.1", "", True), ("::1", "", True),
        ("api.runware.ai", "", False), ("api.runware.ai", "*", True),
        ("api.runware.ai", "runware.ai", True), ("api.runware.ai", ".runware.ai", True),
        ("api.runware.ai", "other.test, api.runware.ai", True),
        ("notrunware.ai", "runware.ai", False),
        ("10.1.2.3", "10.0.0.0/8", True), ("11.1.2.3", "10.0.0.0/8", False),
        ("fd07:b51a::5", "[::1],fd07:b51a::/64", True), ("fd07:b51a::5", "[fd07:b51a::5]", True),
        ("api.runware.ai", "localhost,127.0.0.1,::1,[::1],fd07:b51a::/64", False),
        ("api.runware.ai", "[::,/,,%%,http://x", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_who_is_spoken_to_directly(host: str, no_proxy: str, directly: bool, variable: str) -> None:
    assert goes_directly(host, {variable: no_proxy} if no_proxy else {}) is directly
