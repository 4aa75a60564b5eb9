"""The client against the fake service: one POST for all, uploads, the key, failures by kind."""

import asyncio
import json
import logging
import ssl
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from kling_desktop.api.client import ApiClient
from kling_desktop.api.connection import Connection, read_retry_after
from kling_desktop.api.payload import build_data_uri, encode_body
from kling_desktop.api.replies import RemoteState
from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    ConflictingTask,
    DamagedValue,
    MediaGone,
    NetworkUnreachable,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.reasons import Reason
from kling_desktop.domain.secret import ApiKey
from kling_desktop.wording.reasons import describe_error
from tests.fakes.service import BASE_URL, KEY, FakeService
from tests.fakes.service_script import (
    Absent,
    Ack,
    Broken,
    Failure,
    LoseAnswer,
    Processing,
    Refuse,
    Silence,
    Success,
    Trouble,
    Unreachable,
)

A, B, C = TaskId("task-a"), TaskId("task-b"), TaskId("task-c")
PICTURE = bytes(range(256)) * 1200  # 300 KB: several pieces on the way


def body_of(task_id: TaskId) -> str:
    return encode_body([{"taskType": "videoInference", "taskUUID": task_id, "includeCost": True}])


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
async def client(service: FakeService):
    client = service.make_client()
    yield client
    await client.aclose()


async def submit(client: ApiClient, *task_ids: TaskId) -> None:
    for task_id in task_ids:
        await client.submit(body_of(task_id), task_id)


class TestSubmit:
    async def test_story_of_a_job(self, client: ApiClient, service: FakeService) -> None:
        service.script("*", Ack(), Processing(2, progress=30), Success(cost="0.1848", seed=7))
        assert (await client.submit(body_of(A), A)).state is RemoteState.RUNNING
        states = [(await client.ask([A]))[A] for _ in range(4)]
        assert [s.state.value for s in states] == ["running", "running", "succeeded", "succeeded"]
        assert states[0].progress == 30
        assert str(states[2].results[0].cost_usd) == "0.1848"
        assert states[2].results[0].seed == 7
        assert [charge.task_id for charge in service.ledger] == [A]

    async def test_same_id_again_is_a_conflict_and_no_second_charge(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.script("*", LoseAnswer(), Success())
        with pytest.raises(ServiceUnavailable) as caught:
            await client.submit(body_of(A), A)
        assert caught.value.sent
        assert not isinstance(caught.value, NetworkUnreachable)
        with pytest.raises(ConflictingTask):
            await client.submit(body_of(A), A)
        assert len(service.ledger) == 1

    @pytest.mark.parametrize(
        ("step", "kind", "sent"),
        [
            (Unreachable(), NetworkUnreachable, False),
            (Broken(), ServiceUnavailable, True),
            (Silence(), ServiceUnavailable, True),
            (Trouble(503), ServiceUnavailable, True),
            (Trouble(504, body="<html>"), ServiceUnavailable, True),
        ],
    )
    async def test_failure_says_whether_it_was_sent(
        self,
        client: ApiClient,
        service: FakeService,
        step: Unreachable,
        kind: type[ServiceUnavailable],
        sent: bool,
    ) -> None:
        service.script("*", step, Ack(), Success())
        with pytest.raises(ServiceUnavailable) as caught:
            await client.submit(body_of(A), A)
        assert type(caught.value) is kind
        assert caught.value.sent is sent
        assert service.ledger == []

    @pytest.mark.parametrize(
        ("failure", "sent"),
        [
            (httpx.ConnectError("x"), False), (httpx.ConnectTimeout("x"), False),
            (httpx.PoolTimeout("x"), False), (httpx.ReadTimeout("x"), True),
            (httpx.WriteTimeout("x"), True), (httpx.ReadError("x"), True),
            (httpx.WriteError("x"), True), (httpx.CloseError("x"), True),
            (httpx.RemoteProtocolError("x"), True), (httpx.ProxyError("x"), False),
        ],
    )  # fmt: skip
    async def test_every_failure_of_the_network(
        self, failure: httpx.TransportError, sent: bool
    ) -> None:
        def fail(_: httpx.Request) -> httpx.Response:
            raise failure

        client = ApiClient(BASE_URL, lambda: ApiKey(KEY), transport=httpx.MockTransport(fail))
        with pytest.raises(ServiceUnavailable) as caught:
            await client.submit(body_of(A), A)
        assert caught.value.sent is sent
        assert isinstance(caught.value, NetworkUnreachable) is not sent
        await client.aclose()

    async def test_untrusted_certificate_is_said_as_such(self) -> None:
        def fail(_: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no") from ssl.SSLCertVerificationError("self-signed")

        client = ApiClient(BASE_URL, lambda: ApiKey(KEY), transport=httpx.MockTransport(fail))
        with pytest.raises(NetworkUnreachable) as caught:
            await client.ping()
        assert caught.value.reason is Reason.CERTIFICATE_UNTRUSTED
        assert not caught.value.sent
        await client.aclose()

    async def test_refusal(self, client: ApiClient, service: FakeService) -> None:
        refusal = Refuse("unsupportedDuration", parameter="duration", allowed_values=[5, 10])
        service.script("*", refusal, Ack(), Success())
        with pytest.raises(RequestRejected) as caught:
            await client.submit(body_of(A), A)
        assert (caught.value.parameters, caught.value.allowed_values) == (
            ("duration",),
            ("5", "10"),
        )
        assert (await client.submit(body_of(A), A)).state is RemoteState.RUNNING

    async def test_progress_of_a_large_body(self, client: ApiClient) -> None:
        seen: list[tuple[int, int]] = []
        body = encode_body(
            [
                {
                    "taskType": "videoInference",
                    "taskUUID": A,
                    "frameImages": [{"inputImage": build_data_uri(PICTURE, "image/png")}],
                }
            ]
        )
        await client.submit(body, A, on_bytes=lambda done, total: seen.append((done, total)))
        assert len(seen) > 3
        assert seen == sorted(seen)
        assert seen[-1] == (len(body), len(body))
        assert client.bytes_sent == len(body)

    async def test_retry_after_of_both_kinds(self, client: ApiClient, service: FakeService) -> None:
        service.answer_next(429, retry_after="17")
        with pytest.raises(RateLimited) as busy:
            await client.submit(body_of(A), A)
        assert busy.value.retry_after_s == 17.0
        now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        service.answer_next(
            503,
            retry_after=format_datetime(now + timedelta(seconds=90), usegmt=True),
            date=format_datetime(now, usegmt=True),
        )
        with pytest.raises(ServiceUnavailable) as trouble:
            await client.submit(body_of(A), A)
        assert trouble.value.retry_after_s == 90.0

    async def test_redirect_is_not_followed(self) -> None:
        seen: list[str] = []

        def redirect(request: httpx.Request) -> httpx.Response:
            seen.append(str(request.url))
            return httpx.Response(307, headers={"location": "https://elsewhere.test/v1"})

        client = ApiClient(BASE_URL, lambda: ApiKey(KEY), transport=httpx.MockTransport(redirect))
        with pytest.raises(UnexpectedReply):
            await client.submit(body_of(A), A)
        assert seen == [BASE_URL]
        await client.aclose()

    async def test_answer_without_end_is_cut_off(self) -> None:
        endless = httpx.MockTransport(lambda _: httpx.Response(200, content=b" " * 9_000_000))
        client = ApiClient(BASE_URL, lambda: ApiKey(KEY), transport=endless)
        with pytest.raises(UnexpectedReply) as caught:
            await client.ping()
        assert caught.value.reason is Reason.ANSWER_TOO_LARGE
        await client.aclose()
        for _ in range(20):  # httpx's own iterators close one after the other
            await asyncio.sleep(0)

    async def test_answer_that_drips_for_ever_is_given_up(self) -> None:
        async def drip() -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0)

        dripping = httpx.MockTransport(lambda _: httpx.Response(200, content=drip()))
        connection = Connection(BASE_URL, lambda: ApiKey(KEY), user_agent="t", transport=dripping)
        with pytest.raises(ServiceUnavailable) as caught:
            await connection.post("[]", read_timeout_s=0.01)
        assert caught.value.reason is Reason.NO_ANSWER_IN_TIME
        assert caught.value.sent
        await connection.close()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0), (" 2.5 ", 2.5), ("0", 0.0), ("999999", 3600.0), ("", None), ("-5", None),
        ("soon", None), ("9" * 400, None), ("nan", None), ("inf", None),
        ("Sun, 22 Nov 2026 09:00:30 GMT", 30.0), ("Sun, 22 Nov 2026 08:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2126 09:00:00 GMT", 3600.0), ("Sun, 99 Nov 2026 09:00:00 GMT", None),
        ("Sun, 22 Nov 2026 09:00:30 -0000", 30.0), ("٣", None),
    ],
)  # fmt: skip
def test_retry_after_is_read(value: str, seconds: float | None) -> None:
    assert read_retry_after(value, "Sun, 22 Nov 2026 09:00:00 GMT") == seconds


class TestAsk:
    async def test_one_post_for_all(self, client: ApiClient, service: FakeService) -> None:
        service.script("*", Ack(), Processing(9), Success())
        await submit(client, A, B, C)
        found = await client.ask([A, B, C, A])
        assert {status.state for status in found.values()} == {RemoteState.RUNNING}
        assert list(found) == [A, B, C]
        assert service.posts[-1] == ["getResponse"] * 3
        assert client.requests_made == 4

    async def test_nothing_to_ask_asks_nothing(
        self, client: ApiClient, service: FakeService
    ) -> None:
        assert await client.ask([]) == {}
        assert service.posts == []

    async def test_refused_batch_falls_back_for_good(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.takes_batches = False
        await submit(client, A, B, C)
        found = await client.ask([A, B, C])
        assert {status.state for status in found.values()} == {RemoteState.SUCCEEDED}
        assert service.count_posts("getResponse") == 1 + 3
        await client.ask([A, B, C])
        assert service.count_posts("getResponse") == 1 + 3 + 3

    async def test_half_answered_batch_falls_back_for_good(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.takes_batches = "first"
        await submit(client, A, B)
        found = await client.ask([A, B])
        assert {status.state for status in found.values()} == {RemoteState.SUCCEEDED}
        before = service.count_posts("getResponse")
        await client.ask([A, B])
        assert service.count_posts("getResponse") == before + 2

    async def test_job_that_is_not_known_yet_does_not_end_batching(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.script(A, Ack(), Absent(40), Success())
        service.script(B, Ack(), Processing(99), Success())
        await submit(client, A, B)
        for _ in range(16):
            found = await client.ask([A, B])
            assert (found[A].state, found[B].state) == (RemoteState.ABSENT, RemoteState.RUNNING)
        # Sixteen for all, and one alone the first, second, fourth, eighth and sixteenth time.
        assert service.count_posts("getResponse") == 16 + 5

    async def test_job_that_becomes_known_in_between_does_not_end_batching(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.script(A, Ack(), Absent(), Processing(9), Success())
        service.script(B, Ack(), Processing(9), Success())
        await submit(client, A, B)
        assert (await client.ask([A, B]))[A].state is RemoteState.RUNNING
        before = service.count_posts("getResponse")
        await client.ask([A, B])
        assert service.count_posts("getResponse") == before + 1

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (401, "", ServiceUnavailable), (403, "", ServiceUnavailable), (429, "", RateLimited),
            (500, "", ServiceUnavailable), (200, "<html>", UnexpectedReply),
        ],
    )  # fmt: skip
    async def test_trouble_is_not_taken_for_a_refused_batch(
        self,
        client: ApiClient,
        service: FakeService,
        status: int,
        body: str,
        kind: type[ApiError],
    ) -> None:
        await submit(client, A, B)
        service.answer_next(status, body)
        with pytest.raises(kind):
            await client.ask([A, B])
        await client.ask([A, B])
        assert service.posts[-1] == ["getResponse"] * 2

    async def test_refusal_that_has_nothing_to_do_with_the_number_is_raised(
        self, client: ApiClient, service: FakeService
    ) -> None:
        await submit(client, A, B)
        service.refuse_next(Refuse("invalidRequest"))
        service.refuse_next(Refuse("invalidRequest"))
        with pytest.raises(UnexpectedReply):
            await client.ask([A, B])
        await client.ask([A, B])
        assert service.posts[-1] == ["getResponse"] * 2

    async def test_refusal_of_each_by_name_falls_back_for_good(
        self, client: ApiClient, service: FakeService
    ) -> None:
        for task_id in (A, B):
            refusal = Refuse("tooManyTasks", scoped=True)
            service.script(task_id, Ack(), refusal, Processing(99), Success())
        await submit(client, A, B)
        found = await client.ask([A, B])
        assert {status.state for status in found.values()} == {RemoteState.RUNNING}

    async def test_odd_word_is_an_answer_and_asked_about_with_the_others(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.script(A, Ack(), Processing(word="brewing"), Success())
        await submit(client, A, B)
        assert (await client.ask([A, B]))[A].state is RemoteState.UNCLEAR
        assert service.count_posts("getResponse") == 1

    async def test_a_hundred_and_one_jobs_without_batches(
        self, client: ApiClient, service: FakeService
    ) -> None:
        ids = [TaskId(f"task-{number}") for number in range(101)]
        await submit(client, *ids)
        service.takes_batches = False
        assert len(await client.ask(ids)) == 101
        assert service.count_posts("getResponse") == 1 + 101

    async def test_failures_of_single_jobs(self, client: ApiClient, service: FakeService) -> None:
        service.script(A, Failure("invalidProviderContent", inside_data=True))
        service.script(B, Failure("failedProviderTimeout", http_status=504))
        await submit(client, A, B, C)
        found = await client.ask([A, B, C])
        assert [found[key].state.value for key in (A, B, C)] == ["failed", "failed", "succeeded"]

    async def test_a_hundred_and_one_jobs_are_two_posts(
        self, client: ApiClient, service: FakeService
    ) -> None:
        ids = [TaskId(f"task-{number}") for number in range(101)]
        service.script("*", Ack(), Processing(9), Success())
        await submit(client, *ids)
        assert len(await client.ask(ids)) == 101
        assert service.count_posts("getResponse") == 2


class TestUpload:
    async def test_picture_arrives_whole(self, client: ApiClient, service: FakeService) -> None:
        seen: list[tuple[int, int]] = []
        media_id = await client.upload_image(PICTURE, "image/png", lambda *n: seen.append(n))
        (upload,) = service.uploads
        assert upload.media_id == media_id
        assert (upload.size_bytes, upload.task_type) == (len(PICTURE), "imageUpload")
        assert seen[-1][0] == seen[-1][1]

    async def test_data_uri_is_taken_as_it_is(
        self, client: ApiClient, service: FakeService
    ) -> None:
        await client.upload_image(build_data_uri(b"abc", "image/webp"))
        assert service.uploads[0].size_bytes == 3

    async def test_replaced_request_is_remembered(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.takes_image_upload = False
        await client.upload_image(b"abc", "image/png")
        await client.upload_image(b"def", "image/png")
        assert [upload.task_type for upload in service.uploads] == ["mediaStorage"] * 2
        assert service.count_posts("imageUpload") == 1

    @pytest.mark.parametrize(
        ("code", "kind"), [("invalidImage", RequestRejected), ("mediaNotFound", MediaGone)]
    )
    async def test_refused_picture_is_not_tried_the_other_way(
        self, client: ApiClient, service: FakeService, code: str, kind: type[ApiError]
    ) -> None:
        service.refuse_next(Refuse(code))
        with pytest.raises(kind):
            await client.upload_image(b"abc", "image/png")
        assert service.count_posts("mediaStorage") == 0


class TestAccount:
    async def test_balance(self, client: ApiClient, service: FakeService) -> None:
        service.balance = {"amount": 3.5, "currency": "USD"}
        assert str((await client.get_account()).balance) == "3.5"

    async def test_good_key(self, client: ApiClient) -> None:
        check = await client.check_key()
        assert check.accepted
        assert check.account is not None
        assert str(check.account.balance) == "12.5"

    async def test_key_that_may_not_see_the_balance_is_good(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.balance = None
        check = await client.check_key()
        assert check.accepted
        assert check.account is not None
        assert check.account.balance is None

    async def test_wrong_key(self, service: FakeService) -> None:
        client = service.make_client(key="rw-another-key")
        check = await client.check_key()
        assert not check.accepted
        assert check.reason is not None
        assert check.reason.service_code == "invalidApiKey"
        with pytest.raises(AuthenticationFailed):
            await client.get_account()
        await client.aclose()

    @pytest.mark.parametrize(
        "key", [None, "", "  ", "two words", "line\nbreak", "schlüssel", "k" * 600]
    )
    async def test_key_that_cannot_be_one_is_not_sent(
        self, service: FakeService, key: str | None
    ) -> None:
        client = service.make_client(key=key)
        assert not (await client.check_key()).accepted
        assert service.posts == []
        await client.aclose()

    async def test_service_without_accounts_is_asked_by_ping(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.answer_next(400, '{"errors":[{"code":"unknownTaskType"}]}')
        check = await client.check_key()
        assert check.accepted
        assert check.account is None
        assert service.count_posts("ping") == 1

    async def test_no_network_says_nothing_about_the_key(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.down()
        with pytest.raises(NetworkUnreachable):
            await client.check_key()
        service.up()
        assert (await client.check_key()).accepted


class TestAddressesAndKey:
    @pytest.mark.parametrize(
        "address",
        [
            "http://api.runware.test/v1", "http://127.0.0.1.evil.test/v1", "ftp://127.0.0.1/",
            "api.runware.ai", "", "https://", "https://me:secret@h.test/", "http://[::1",
            "https://h.test:notaport/", "http://localhost.evil.test/", "http://0.0.0.0/v1",
            "file:///etc/passwd", "https://a..test/", "https://h.test:0/", "https://h test/",
        ],
    )  # fmt: skip
    def test_unsafe_service_address_is_refused_with_a_sentence(self, address: str) -> None:
        with pytest.raises(DamagedValue) as caught:
            ApiClient(address, lambda: None)
        assert describe_error(caught.value).startswith("The service address ")
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        "address",
        ["https://api.runware.ai/v1", "http://127.0.0.1:8123/v1", "http://localhost/v1",
         "http://[::1]:9/v1", "http://127.1.2.3/v1"],
    )  # fmt: skip
    def test_safe_service_address_is_taken(self, address: str) -> None:
        ApiClient(address, lambda: None)

    async def test_key_is_asked_anew_for_each_request(self, service: FakeService) -> None:
        keys = ["rw-wrong", KEY]
        client = ApiClient(BASE_URL, lambda: ApiKey(keys.pop(0)), transport=service.transport)
        with pytest.raises(AuthenticationFailed):
            await client.ping()
        await client.ping()
        await client.aclose()

    async def test_key_shows_nowhere(
        self, service: FakeService, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Echoed by the service, in a broken connection, in a refusal: never in what we keep."""
        caplog.set_level(logging.DEBUG)

        def fail(request: httpx.Request) -> httpx.Response:
            raise httpx.ReadError(f"lost {request.headers['authorization']}", request=request)

        def echo(status: int) -> Callable[[httpx.Request], httpx.Response]:
            said = {"code": "invalidApiKey", "message": f"{KEY} is bad", "parameter": KEY}
            answer = json.dumps({"errors": [{**said, "allowedValues": [KEY], "code": KEY}]})
            return lambda _: httpx.Response(status, text=answer)

        shown: list[str] = []
        for handler in (fail, echo(401), echo(200), lambda _: httpx.Response(200, text=f"<{KEY}>")):
            client = ApiClient(
                BASE_URL, lambda: ApiKey(KEY), transport=httpx.MockTransport(handler)
            )
            for call in (
                lambda c: c.submit(body_of(A), A),
                lambda c: c.ask([A, B]),
                lambda c: c.check_key(),
                lambda c: c.upload_image(b"x", "image/png"),
            ):
                try:
                    shown.append(repr(await call(client)))
                except ApiError as error:
                    shown += [
                        repr(error), repr(vars(error)), "".join(traceback.format_exception(error)),
                    ]  # fmt: skip
            shown += [repr(client), str(client)]
            await client.aclose()
        secret = KEY[3:]
        # httpx's own words stand in the chain; ours and everything that is kept must be clean.
        ours = [text for text in shown if "lost Bearer" not in text]
        assert len(ours) > 20
        assert not [text for text in ours if secret in text]
        assert secret not in caplog.text


async def test_two_first_requests_open_one_client(service: FakeService) -> None:
    client = service.make_client()
    async with asyncio.TaskGroup() as group:
        group.create_task(client.ping())
        group.create_task(client.ping())
    assert client.requests_made == 2
    await client.aclose()


async def test_closing_twice_and_unopened_is_fine(service: FakeService) -> None:
    client = service.make_client()
    await client.aclose()
    await client.ping()
    await client.aclose()
    await client.aclose()


class TestArchive:
    async def test_it_knows_what_the_service_has_forgotten(
        self, client: ApiClient, service: FakeService
    ) -> None:
        await submit(client, A)
        await client.ask([A])
        service.forget(A, archived=True)
        assert (await client.ask([A]))[A].state is RemoteState.ABSENT
        status = await client.get_task_details(A)
        assert status.state is RemoteState.SUCCEEDED
        assert status.results[0].url.startswith("https://")

    async def test_a_running_job_and_one_that_it_never_saw(
        self, client: ApiClient, service: FakeService
    ) -> None:
        service.script("*", Ack(), Processing())
        await submit(client, A)
        assert (await client.get_task_details(A)).state is RemoteState.RUNNING
        assert (await client.get_task_details(B)).state is RemoteState.ABSENT

    async def test_a_service_without_one(self, client: ApiClient, service: FakeService) -> None:
        service.has_archive = False
        await submit(client, A)
        assert (await client.get_task_details(A)).state is RemoteState.ABSENT


async def test_a_redirect_to_bad_punycode_is_an_answer_that_cannot_be_read() -> None:
    headers = {"location": "https://xn--a.test/v1"}
    odd = httpx.MockTransport(lambda _: httpx.Response(302, headers=headers))
    client = ApiClient(BASE_URL, lambda: ApiKey(KEY), transport=odd)
    with pytest.raises(UnexpectedReply) as caught:
        await client.submit(body_of(A), A)
    assert caught.value.reason is Reason.ANSWER_UNREADABLE
    await client.aclose()
