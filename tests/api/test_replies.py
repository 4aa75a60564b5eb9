"""Every shape in which the service has been seen to answer, and what each means."""

import json
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_desktop.api.error_text import DETAIL_LENGTH
from kling_desktop.api.replies import (
    Account,
    RemoteState,
    TaskStatus,
    read_account,
    read_ping,
    read_statuses,
    read_submission,
    read_task_details,
    read_upload,
)
from kling_desktop.domain.errors import (
    ApiError,
    AuthenticationFailed,
    ConflictingTask,
    ContentRejected,
    GenerationFailed,
    InsufficientCredits,
    JobUnknown,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    UnexpectedReply,
)
from kling_desktop.domain.job import TaskId
from kling_desktop.domain.reasons import Reason

A, B = (
    TaskId("5b1f7c52-6c0e-4b0d-8a3e-0d8c2f4c9a10"),
    TaskId("c0a2f0a4-3f52-4c0f-9a55-3a1d7a0f1f77"),
)
URL = "https://vm.runware.ai/video/os/a01d21/ws/5/vi/0d8b0c5e.mp4"


def named(**fields: Any) -> dict[str, Any]:
    return {"taskType": "videoInference", "taskUUID": A, **fields}


def video(**fields: Any) -> dict[str, Any]:
    return named(status="success", videoUUID="v1", videoURL=URL, **fields)


def ask(answer: Any, status: int = 200, *, expected: int = 1) -> TaskStatus:
    body = answer if isinstance(answer, str) else json.dumps(answer)
    return read_statuses(status, body, [A], expected=expected)[A]


def submit(answer: Any, status: int = 200) -> TaskStatus:
    body = answer if isinstance(answer, str) else json.dumps(answer)
    return read_submission(status, body, A)


class TestSubmission:
    @pytest.mark.parametrize(
        "answer",
        [
            {"data": [named()]},
            {"data": named()},
            [named()],
            named(),
            {"data": [named()], "errors": []},
            {"data": [named(taskUUID=A.upper())]},
            {"data": [named(taskUUID=B), named()], "errors": [{"taskUUID": B, "code": "x"}]},
            {"data": [named()], "errors": [named(code="conflictTaskUUID")]},
            {"data": [named(status="processing")]},
        ],
    )
    def test_acknowledgement_in_every_shape(self, answer: Any) -> None:
        assert submit(answer) == TaskStatus(task_id=A, state=RemoteState.RUNNING)

    def test_finished_video_in_the_first_answer(self) -> None:
        assert submit({"data": [video()]}).state is RemoteState.SUCCEEDED

    @pytest.mark.parametrize("status", [200, 400])
    def test_conflict_is_its_own_error(self, status: int) -> None:
        with pytest.raises(ConflictingTask) as caught:
            submit({"data": [], "errors": [named(code="conflictTaskUUID", message="m")]}, status)
        assert caught.value.task_scoped

    @pytest.mark.parametrize(
        "answer",
        [
            {"errors": [named(code="unsupportedDuration", message="m")]},
            {"error": {"code": "unsupportedDuration", "message": "m"}, "taskUUID": A},
            {
                "data": [
                    named(status="error", error={"code": "unsupportedDuration", "message": "m"})
                ]
            },
            {"data": [named(code="unsupportedDuration", message="m")]},
            [named(code="unsupportedDuration", message="m", status="error")],
            {"data": [named(code="unsupportedDuration", error="m")]},
        ],
    )
    def test_refusal_in_every_shape_even_with_200(self, answer: Any) -> None:
        with pytest.raises(RequestRejected) as caught:
            submit(answer)
        assert caught.value.task_scoped
        assert caught.value.service_code == "unsupportedDuration"
        assert caught.value.detail == "m"

    @pytest.mark.parametrize("code", ["unsupportedDuration", "mediaNotFound", "promptBlocked"])
    @pytest.mark.parametrize("word", [{}, {"status": "processing"}])
    def test_acknowledged_and_refused_at_once_is_neither(
        self, code: str, word: dict[str, str]
    ) -> None:
        """Not a refusal: the service may have taken it, and under a new id it is paid twice."""
        error = named(code=code, message="m", parameter="inputs.frameImages")
        with pytest.raises(UnexpectedReply) as caught:
            submit({"data": [named(**word)], "errors": [error]})
        assert (caught.value.service_code, caught.value.detail) == (code, "m")
        assert not caught.value.task_scoped

    @pytest.mark.parametrize("status", [404, 405])
    @pytest.mark.parametrize(
        "answer",
        ["<html>Not Found</html>", "", {"errors": [{"code": "notFound", "message": "m"}]},
         {"errors": [{"code": "methodNotAllowed"}]}, {"error": "Not Found"}],
    )  # fmt: skip
    def test_wrong_address_refuses_no_job(self, status: int, answer: Any) -> None:
        with pytest.raises(ServiceUnavailable) as caught:
            submit(answer, status)
        assert not caught.value.task_scoped
        assert "no Runware service at this address" in caught.value.detail

    def test_refusal_says_what_would_have_been_taken(self) -> None:
        error = named(
            code="unsupportedDimensions",
            message="m",
            parameter=["width", "height"],
            allowedValues=["1920x1080", 5, 0.5, True, {"odd": 1}],
        )
        with pytest.raises(RequestRejected) as caught:
            submit({"errors": [error]}, 400)
        assert caught.value.parameters == ("width", "height")
        assert caught.value.allowed_values == ("1920x1080", "5", "0.5", "true")

    def test_refusal_that_names_no_task_is_not_task_scoped(self) -> None:
        with pytest.raises(AuthenticationFailed) as caught:
            submit({"errors": [{"code": "invalidApiKey", "parameter": "apiKey"}]}, 401)
        assert not caught.value.task_scoped
        assert caught.value.parameters == ("apiKey",)

    @pytest.mark.parametrize(
        "answer",
        [
            "<html>Bad gateway</html>",
            "",
            "{}",
            "null",
            "7",
            '{"data":[]}',
            '{"data":null}',
            json.dumps({"data": [named(taskUUID=B)]}),
            json.dumps({"errors": [{"taskUUID": B, "code": "unsupportedDuration"}]}),
            json.dumps({"data": [named(status="brewing")]}),
            json.dumps({"data": [named(status="success")]}),
            json.dumps({"errors": [{"message": "hm"}]}),
        ],
    )
    def test_nonsense_with_200_is_unexpected(self, answer: str) -> None:
        with pytest.raises(UnexpectedReply):
            submit(answer)

    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
    @pytest.mark.parametrize("answer", ["", "<html></html>", '{"data":[]}', "{}"])
    def test_trouble_without_an_error_of_the_task(self, status: int, answer: str) -> None:
        with pytest.raises(ServiceUnavailable) as caught:
            submit(answer, status)
        assert (caught.value.sent, caught.value.task_scoped) == (True, False)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (301, UnexpectedReply), (400, ServiceUnavailable), (401, ServiceUnavailable),
            (402, ServiceUnavailable), (403, ServiceUnavailable), (404, ServiceUnavailable),
            (413, ServiceUnavailable), (422, ServiceUnavailable), (429, RateLimited),
            (406, UnexpectedReply), (431, UnexpectedReply), (451, UnexpectedReply),
        ],
    )  # fmt: skip
    def test_status_alone(self, status: int, kind: type[ApiError]) -> None:
        with pytest.raises(ApiError) as caught:
            submit("", status)
        assert type(caught.value) is kind

    @pytest.mark.parametrize("status", [400, 401, 402, 403, 407, 413, 422])
    @pytest.mark.parametrize(
        "answer",
        [
            "<html><title>Just a moment...</title></html>", "", "Forbidden", {"message": "Forbidden"},
            {"error": "access_denied"}, {"statusCode": 401, "message": "Access denied"},
            {"success": False, "errors": [{"code": 1010, "message": "Banned"}]},
            {"error": {"code": 403, "message": "No.", "status": "PERMISSION_DENIED"}},
        ],
    )  # fmt: skip
    def test_what_stands_in_between_knows_neither_key_nor_credit(
        self, answer: Any, status: int
    ) -> None:
        for read in (submit, ask):
            with pytest.raises(ServiceUnavailable) as caught:
                read(answer, status)
            assert caught.value.reason is Reason.REFUSED_ON_THE_WAY
            assert caught.value.sent

    @pytest.mark.parametrize("status", [400, 406, 413, 422, 451])
    @pytest.mark.parametrize(
        "error", [{"code": "unsupportedDuration"}, named(message="m"), named(code="anythingNew")]
    )
    def test_a_refusal_with_the_services_code_or_our_task_is_believed(
        self, error: Any, status: int
    ) -> None:
        with pytest.raises(RequestRejected):
            submit({"errors": [error]}, status)

    def test_retry_after_reaches_the_error(self) -> None:
        for status in (429, 503):
            with pytest.raises((RateLimited, ServiceUnavailable)) as caught:
                read_submission(status, "", A, retry_after_s=7.0)
            assert caught.value.retry_after_s == 7.0

    def test_provider_trouble_before_acceptance_is_waited_out(self) -> None:
        for code in ("providerError", "failedProviderTimeout", "inferenceError", "downloadFailed"):
            with pytest.raises(ServiceUnavailable) as caught:
                submit({"errors": [named(code=code)]})
            assert caught.value.task_scoped


class TestStatus:
    @pytest.mark.parametrize("word", ["processing", "pending", "queued", "scheduled", "WAITING "])
    def test_running_in_every_word(self, word: str) -> None:
        assert ask({"data": [named(status=word)]}).state is RemoteState.RUNNING

    def test_running_without_a_word_or_with_an_id_alone(self) -> None:
        assert ask({"data": [named()]}).state is RemoteState.RUNNING
        assert ask({"data": [named(videoUUID="v")]}).state is RemoteState.RUNNING

    @pytest.mark.parametrize(
        ("said", "read"), [(40, 40), (40.6, 40), (-3, 0), (250, 100), ("40", None), (True, None)]
    )
    def test_progress(self, said: object, read: int | None) -> None:
        assert ask({"data": [named(status="processing", progress=said)]}).progress == read

    def test_video_with_all_its_facts(self) -> None:
        status = ask({"data": [video(cost=0.1848, seed=2**62 + 1, NSFWContent=False)]})
        assert status.state is RemoteState.SUCCEEDED
        (result,) = status.results
        assert (result.result_id, result.url) == ("v1", URL)
        assert str(result.cost_usd) == "0.1848"
        assert result.seed == 2**62 + 1
        assert result.nsfw is False

    @pytest.mark.parametrize(
        "item",
        [
            named(status="success", mediaUUID="v1", mediaURL=URL),
            named(videoUUID="v1", videoURL=URL),
            {**video(), "taskType": "getResponse"},
        ],
    )
    def test_video_in_older_and_newer_names(self, item: dict[str, Any]) -> None:
        status = ask({"data": [item]})
        assert status.state is RemoteState.SUCCEEDED
        assert (status.results[0].result_id, status.results[0].url) == ("v1", URL)

    @pytest.mark.parametrize(
        "cost", ["0", "0.0", "-1", "null", '"0.2"', "true", "1e999999", "1e400", "9" * 400, "1E9"]
    )
    def test_cost_that_says_nothing_is_unknown(self, cost: str) -> None:
        item = json.dumps(video()).removesuffix("}") + f', "cost": {cost}}}'
        assert ask('{"data": [' + item + "]}").results[0].cost_usd is None

    @pytest.mark.parametrize("seed", ["1.5", "-1", '"7"', "true", "1" + "0" * 60])
    def test_seed_that_is_none(self, seed: str) -> None:
        item = json.dumps(video()).removesuffix("}") + f', "seed": {seed}}}'
        assert ask('{"data": [' + item + "]}").results[0].seed is None

    def test_absent_is_not_unknown(self) -> None:
        for answer in ({"data": []}, {"data": None}, {"data": [named(taskUUID=B)]}):
            assert ask(answer) == TaskStatus(task_id=A, state=RemoteState.ABSENT)

    @pytest.mark.parametrize("http_status", [200, 400, 500, 504])
    @pytest.mark.parametrize("inside", [False, True])
    def test_failure_in_every_place_and_status(self, http_status: int, inside: bool) -> None:
        error = {"code": "invalidProviderContent", "message": "declined"}
        answer = (
            {"data": [named(status="error", error=error)]}
            if inside
            else {"data": [], "errors": [named(status="error", **error)]}
        )
        status = ask(answer, http_status)
        assert status.state is RemoteState.FAILED
        assert isinstance(status.error, ContentRejected)
        assert status.error.detail == "declined"

    def test_504_with_an_error_of_the_task_is_the_jobs_end(self) -> None:
        for code in ("failedProviderTimeout", "timeoutProvider", "somethingNew", ""):
            status = ask({"errors": [named(code=code, message="late")]}, 504)
            assert status.state is RemoteState.FAILED
            assert isinstance(status.error, GenerationFailed)

    def test_error_of_the_task_with_200_is_the_jobs_end(self) -> None:
        for code in ("providerError", "internalServerError", "somethingNew", "taskFailed"):
            status = ask({"errors": [named(code=code)]})
            assert (status.state, type(status.error)) == (RemoteState.FAILED, GenerationFailed)

    @pytest.mark.parametrize(
        ("code", "http_status", "kind"),
        [
            ("internalServerError", 500, ServiceUnavailable),
            ("serviceUnavailable", 503, ServiceUnavailable),
            ("rateLimitExceeded", 429, RateLimited),
            ("rateLimitExceeded", 200, RateLimited),
            ("unauthorized", 401, AuthenticationFailed),
            ("insufficientCredits", 402, InsufficientCredits),
        ],
    )
    def test_trouble_of_the_question_is_no_verdict(
        self, code: str, http_status: int, kind: type[ApiError]
    ) -> None:
        status = ask({"errors": [named(code=code)]}, http_status)
        assert status.state is RemoteState.UNCLEAR
        assert type(status.error) is kind

    def test_refused_question_is_no_verdict_even_when_it_names_the_task(self) -> None:
        error = {"taskType": "getResponse", "taskUUID": A, "code": "invalidTaskUUID"}
        status = ask({"errors": [error]}, 400)
        assert (status.state, type(status.error)) == (RemoteState.UNCLEAR, UnexpectedReply)

    def test_same_words_marked_as_final_are_a_verdict(self) -> None:
        for code in ("internalServerError", "providerRateLimitExceeded"):
            status = ask({"errors": [named(code=code, status="error")]}, 500)
            assert (status.state, type(status.error)) == (RemoteState.FAILED, GenerationFailed)

    @pytest.mark.parametrize(
        "code", ["taskNotFound", "taskExpired", "taskFailedOrNotFound", "taskCancelled"]
    )
    def test_task_that_is_not_known_any_more(self, code: str) -> None:
        status = ask({"errors": [named(code=code)]}, 404)
        assert status.state is RemoteState.FAILED
        assert isinstance(status.error, JobUnknown)
        assert status.error.service_code == code

    def test_echo_of_a_resend_means_that_the_task_is_known(self) -> None:
        assert ask({"errors": [named(code="conflictTaskUUID")]}).state is RemoteState.RUNNING

    @pytest.mark.parametrize("word", ["brewing", "finished", 7, "success"])
    def test_word_that_nobody_knows_is_no_guess(self, word: object) -> None:
        status = ask({"data": [named(status=word)]})
        assert (status.state, type(status.error)) == (RemoteState.UNCLEAR, UnexpectedReply)

    def test_failure_beside_a_video_leaves_the_video(self) -> None:
        error = named(code="providerError", status="error")
        status = ask({"data": [video()], "errors": [error]})
        assert (status.state, len(status.results)) == (RemoteState.SUCCEEDED, 1)

    def test_one_of_several_fails_and_the_others_go_on(self) -> None:
        answer = {
            "data": [named(taskUUID=B, status="processing")],
            "errors": [named(code="promptBlocked", status="error")],
        }
        found = read_statuses(200, json.dumps(answer), [A, B])
        assert (found[A].state, found[B].state) == (RemoteState.FAILED, RemoteState.RUNNING)

    def test_general_error_beside_an_answer_leaves_the_answer(self) -> None:
        answer = {"data": [video()], "errors": [{"code": "tooMuch"}]}
        found = read_statuses(200, json.dumps(answer), [A, B])
        assert (found[A].state, found[B].state) == (RemoteState.SUCCEEDED, RemoteState.UNCLEAR)

    def test_general_refusal_never_fails_a_job(self) -> None:
        for code in ("invalidRequest", "unsupportedParameter", "modelNotFound", "somethingNew"):
            with pytest.raises(UnexpectedReply) as caught:
                ask({"errors": [{"code": code, "message": "m"}]}, 400)
            assert (caught.value.service_code, caught.value.http_status) == (code, 400)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [(401, ServiceUnavailable), (429, RateLimited), (502, ServiceUnavailable)],
    )
    def test_status_without_a_word_about_the_task(self, status: int, kind: type[ApiError]) -> None:
        for answer in ("", "<html>", '{"data":[]}'):
            with pytest.raises(kind):
                ask(answer, status)

    def test_malformed_answer(self) -> None:
        for answer in ('{"data": [', "{}", "", "\x00"):
            with pytest.raises(UnexpectedReply):
                ask(answer)


class TestSeveralVideos:
    def test_they_arrive_one_by_one(self) -> None:
        one, two = video(), {**video(), "videoUUID": "v2", "videoURL": URL + "?2"}
        waiting = named(status="processing")
        first = ask({"data": [one, waiting]}, expected=2)
        assert (first.state, len(first.results)) == (RemoteState.RUNNING, 1)
        assert ask({"data": [one]}, expected=2).state is RemoteState.RUNNING
        both = ask({"data": [one, two]}, expected=2)
        assert both.state is RemoteState.SUCCEEDED
        assert [result.result_id for result in both.results] == ["v1", "v2"]

    def test_the_same_one_twice_is_one(self) -> None:
        assert len(ask({"data": [video(), video()]}).results) == 1
        same = [video(resultIndex=0), {**video(resultIndex=0), "videoUUID": "other"}]
        assert len(ask({"data": same}).results) == 1
        old = named(status="success", mediaUUID="m", mediaURL=URL)
        assert len(ask({"data": [old, old]}).results) == 1

    def test_finished_and_failed_together_make_the_number(self) -> None:
        answer = {"data": [video()], "errors": [named(code="providerError", status="error")]}
        assert ask(answer, expected=2).state is RemoteState.SUCCEEDED
        failed = {"errors": [named(code="providerError", status="error")]}
        assert ask(failed, expected=2).state is RemoteState.RUNNING
        assert ask({"errors": failed["errors"] * 2}, expected=2).state is RemoteState.FAILED

    def test_one_video_is_enough_where_one_was_asked_for(self) -> None:
        status = ask({"data": [video(), named(status="processing")]})
        assert status.state is RemoteState.SUCCEEDED


class TestOtherAnswers:
    def test_upload_in_both_ways_and_shapes(self) -> None:
        for item in ({"imageUUID": "m"}, {"mediaUUID": "m", "operation": "upload"}):
            for data in (item, [item]):
                assert read_upload(200, json.dumps({"data": data})) == "m"
        with pytest.raises(UnexpectedReply):
            read_upload(200, '{"data":[{"imageURL":"x"}]}')
        with pytest.raises(RequestRejected):
            read_upload(400, '{"errors":[{"code":"invalidImage"}]}')
        with pytest.raises(RequestRejected):  # waiting makes no picture smaller
            read_upload(413, "<html>Request Entity Too Large</html>")
        with pytest.raises(ServiceUnavailable):
            read_upload(400, "<html>Bad Request</html>")

    def test_balance_as_number_and_as_object(self) -> None:
        as_number = read_account(200, '{"data":[{"balance":12.345,"organizationName":"Studio"}]}')
        assert as_number == Account(balance=Decimal("12.345"), organization="Studio")
        body = '{"data":[{"balance":{"amount":7,"freeBalance":1.5,"currency":"EUR"}}]}'
        assert read_account(200, body) == Account(
            balance=Decimal(7), free_balance=Decimal("1.5"), currency="EUR"
        )
        assert read_account(200, '{"data":[{"balance":0}]}').balance == 0
        assert read_account(200, '{"data":[{"organizationName":"x"}]}').balance is None

    def test_ping(self) -> None:
        read_ping(200, '{"data":[{"taskType":"ping","pong":true}]}')
        for body in ('{"data":[{}]}', '{"data":[]}', '{"data":[{"pong":false}]}'):
            with pytest.raises(UnexpectedReply):
                read_ping(200, body)


# What no reply may ever do: raise anything but an ApiError, hang, or blow up the memory.

_keys = st.sampled_from(
    [
        "data", "errors", "error", "taskUUID", "taskType", "status", "videoURL", "videoUUID",
        "mediaURL", "cost", "seed", "progress", "code", "message", "parameter", "allowedValues",
        "resultIndex", "balance", "amount", "currency", "pong", "imageUUID", "NSFWContent",
    ]
)  # fmt: skip
_words = st.sampled_from(
    [A, B, "success", "error", "processing", "brewing", URL, "conflictTaskUUID", "taskNotFound",
     "providerError", "rateLimitExceeded", "internalServerError", "videoInference", "getResponse"]
)  # fmt: skip
_leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | _words | st.text(max_size=12)
    | st.integers(min_value=10**300, max_value=10**320)
)  # fmt: skip
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=6),
    max_leaves=25,
)
_statuses = st.sampled_from([0, 100, 200, 204, 301, 400, 401, 402, 403, 404, 408, 413, 422, 429,
                             500, 502, 503, 504, 599, 999])  # fmt: skip


def read_everything(http_status: int, body: bytes | str) -> None:
    for read in (
        lambda: read_submission(http_status, body, A, retry_after_s=1.0),
        lambda: read_statuses(http_status, body, [A, B]),
        lambda: read_statuses(http_status, body, [A], expected=3),
        lambda: read_upload(http_status, body),
        lambda: read_account(http_status, body),
        lambda: read_ping(http_status, body),
    ):
        detail = ""
        try:
            read()
        except ApiError as error:
            detail = error.detail
        assert len(detail) <= DETAIL_LENGTH
        assert "\n" not in detail


@given(_statuses, _values)
def test_any_json_is_read_or_refused(http_status: int, value: Any) -> None:
    read_everything(http_status, json.dumps(value))


@given(_statuses, st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_are_read_or_refused(http_status: int, body: bytes | str) -> None:
    read_everything(http_status, body)


@given(_statuses, _values, st.integers(0, 400), st.binary(max_size=3))
def test_any_damage_to_an_answer_is_read_or_refused(
    http_status: int, value: Any, place: int, damage: bytes
) -> None:
    whole = json.dumps({"data": [video(cost=0.2, seed=5), value], "errors": [value]}).encode()
    place = min(place, len(whole))
    read_everything(http_status, whole[:place] + damage + whole[place + len(damage) :])
    read_everything(http_status, whole[:place])


@pytest.mark.parametrize(
    "body",
    [
        "[" * 500_000,
        '{"data":' * 100_000,
        "[" * 900 + "]" * 900,
        '{"data":[' + "9" * 1_000_000 + "]}",
        '{"data":[{"taskUUID":"' + A + '","cost":1e' + "9" * 30 + "}]}",
        '{"data":[{"taskUUID":"' + A + '","progress":1e9999999,"status":"processing"}]}',
        '{"data":[{"taskUUID":"' + A + '","videoURL":"u","cost":0.' + "1" * 100_000 + "}]}",
        '{"errors":[{"code":' + "7" * 3000 + ',"allowedValues":[' + "1," * 50_000 + "2]}]}",
        json.dumps({"errors": [{"code": "x" * 200_000, "message": "k9" * 2_000_000}]}),
        json.dumps({"error": "http://" * 300_000}),
        "NaN",
        "[Infinity]",
    ],
    ids=range(12),
)
def test_monstrous_answers_are_read_or_refused_quickly(body: str) -> None:
    for http_status in (200, 500):
        read_everything(http_status, body)


def test_limits_of_the_interpreter_are_left_as_they_were() -> None:
    before = sys.get_int_max_str_digits(), sys.getrecursionlimit()
    read_everything(200, "[" * 100_000)
    assert (sys.get_int_max_str_digits(), sys.getrecursionlimit()) == before


def look_up(answer: Any, status: int = 200) -> TaskStatus:
    return read_task_details(status, json.dumps(answer), A)


def archived(response: Any, *, task_id: str = A, request: Any = None) -> dict[str, Any]:
    found = [named()] if request is None else request
    item = {"taskType": "getTaskDetails", "taskUUID": task_id}
    return {"data": [{**item, "request": found, "response": response}]}


CONFLICT = named(code="conflictTaskUUID", message="Taken.")


class TestArchive:
    def test_a_result(self) -> None:
        status = look_up(archived({"data": [video(cost=0.35)], "errors": []}))
        assert status.state is RemoteState.SUCCEEDED
        assert status.results[0].url == URL
        assert status.results[0].cost_usd == Decimal("0.35")

    @pytest.mark.parametrize(
        "response",
        [
            None, {}, {"data": []}, {"data": [named()]}, {"data": [], "errors": [CONFLICT]},
            {"errors": [{"code": "conflictTaskUUID", "message": "Taken."}]},
        ],
    )  # fmt: skip
    def test_our_own_request_without_an_end_is_an_acceptance(self, response: Any) -> None:
        assert look_up(archived(response)).state is RemoteState.RUNNING

    @pytest.mark.parametrize("code", ["invalidProviderContent", "providerError", "taskFailed"])
    def test_the_end_of_an_accepted_task(self, code: str) -> None:
        error = named(status="error", code=code, message="No.")
        assert look_up(archived({"errors": [error]})).state is RemoteState.FAILED
        assert look_up(archived({"data": [error]})).state is RemoteState.FAILED

    @pytest.mark.parametrize(
        "code", ["invalidApiKey", "rateLimitExceeded", "unsupportedDuration", "taskNotFound"]
    )
    def test_another_refusal_can_be_that_of_a_second_submission(self, code: str) -> None:
        status = look_up(archived({"errors": [named(code=code, message="No.")]}))
        assert status.state is RemoteState.UNCLEAR
        assert status.error is not None

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            ({"data": []}, 200),
            ({"errors": [{"code": "taskNotFound", "message": "No.", "taskUUID": A}]}, 400),
            ({"errors": [{"code": "unsupportedTaskType", "parameter": "taskType"}]}, 400),
            (archived({"data": [video()]}, task_id=B), 200),
            (archived(None, request=[named() | {"taskUUID": B}]), 200),
            (archived(None, request=[{"taskType": "getTaskDetails", "taskUUID": A}]), 200),
            (archived(None, request=[]), 200),
        ],
    )
    def test_not_found_proves_nothing(self, answer: Any, status: int) -> None:
        assert look_up(answer, status).state is RemoteState.ABSENT

    def test_results_of_other_tasks_are_not_ours(self) -> None:
        other = video() | {"taskUUID": B}
        assert look_up(archived({"data": [other]})).state is RemoteState.RUNNING

    @pytest.mark.parametrize(
        ("answer", "status", "kind"),
        [
            ({"errors": [{"code": "invalidApiKey"}]}, 401, AuthenticationFailed),
            ({"errors": [{"code": "internalServerError"}]}, 500, ServiceUnavailable),
            ({"errors": [{"code": "rateLimitExceeded"}]}, 429, RateLimited),
            ("nonsense", 200, UnexpectedReply),
            ({"data": []}, 503, ServiceUnavailable),
        ],
    )
    def test_a_failed_question_says_nothing(
        self, answer: Any, status: int, kind: type[ApiError]
    ) -> None:
        with pytest.raises(kind):
            look_up(answer, status)


def test_halves_of_characters_are_replaced() -> None:
    odd = '{"data":[{"taskUUID":"%s","status":"success","videoURL":"https://h/\\ud800","videoUUID":"\\udfff"}]}'
    (result,) = ask(odd % A).results
    assert (result.url, result.result_id) == ("https://h/?", "?")
