"""/start and /stop: which clients may switch the recorder, what they answer, and what is recorded afterwards."""

import time

import pytest
from answers import assert_problem, assert_security_headers, strict_json
from harness import Server, wait_until
from past import QUICK, ever_flushed, flushed, let_pass, recorder, seconds, stop, when_recorder

MEMBERS = ["recording", "reason", "switched_on", "since", "file", "size_bytes", "limit_bytes", "oldest",
           "flushed_through", "held_samples", "lost_samples"]
FOREIGN = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
           {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1.evil.example"},
           {"Origin": "http://127.0.0.1:1"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}]


@pytest.fixture(scope="module")
def switched():
    """A server whose recorder the tests switch; each test leaves it on."""
    with Server(*QUICK) as running:
        ever_flushed(running)
        yield running


@pytest.fixture(autouse=True)
def on_again(request):
    yield
    if "switched" in request.fixturenames:
        request.getfixturevalue("switched").request("/start")


def switch(server, path: str, method: str = "GET", headers: dict | None = None) -> dict:
    response = server.request(path, method=method, headers=headers)
    assert response.status == 200, response.body
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert_security_headers(response)
    return strict_json(response.body)


def test_the_state_of_a_recorder_that_records(switched):
    state = switch(switched, "/start")
    assert list(state) == MEMBERS == list(recorder(switched))
    assert state["recording"] is state["switched_on"] is True
    assert state["reason"] is None
    assert state["file"] == str(switched.data / "history.db")
    assert state["limit_bytes"] == 256 * 1024 * 1024
    assert 0 < state["size_bytes"] <= state["limit_bytes"]
    assert seconds(state["oldest"]) <= seconds(state["flushed_through"]) <= time.time()
    assert state["lost_samples"] == 0
    assert (switched.data / "history.db").stat().st_size <= state["size_bytes"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_stop_and_start_switch_it(switched, method):
    off = switch(switched, "/stop", method)
    assert off["recording"] is off["switched_on"] is False
    assert off["reason"] == "switched off"
    when_recorder(switched, lambda now: not now["recording"])
    on = switch(switched, "/start", method)
    assert on["recording"] is on["switched_on"] is True
    assert on["reason"] is None
    assert seconds(on["since"]) >= seconds(off["since"])
    when_recorder(switched, lambda now: now["recording"])


@pytest.mark.parametrize("path", ["/start", "/stop"])
def test_switching_twice_does_no_harm(switched, path):
    first = switch(switched, path)
    again = switch(switched, path)
    assert first["switched_on"] == again["switched_on"] == (path == "/start")
    assert first["since"] == again["since"]


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", ["/start", "/stop"])
def test_other_methods_change_nothing(switched, path, method):
    response = switched.request(path, method=method)
    assert response.status == 405
    assert response.headers["Allow"] == "GET, POST"
    if method != "HEAD":
        assert_problem(response, 405, "GET and POST")
    assert recorder(switched)["switched_on"]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_of_other_sites_are_refused(switched, method, headers):
    response = switched.request("/stop", method=method, headers=headers)
    assert_problem(response, 403, "other sites")
    assert_security_headers(response)
    assert recorder(switched)["switched_on"]


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_page_and_the_address_bar_are_accepted(switched, site):
    own = f"http://127.0.0.1:{switched.port}"
    assert not switch(switched, "/stop", headers={"Sec-Fetch-Site": site})["switched_on"]
    assert switch(switched, "/start", "POST", {"Sec-Fetch-Site": site, "Origin": own})["switched_on"]


def test_samples_from_before_a_stop_reach_the_file(switched):
    """And samples after it do not."""
    sampled = switched.json("/system")["sampled_at"]
    last = seconds(stop(switched)["flushed_through"])
    assert last >= seconds(sampled) - 0.5
    sequence = switched.json("/system")["sequence"]
    wait_until(lambda: switched.json("/system")["sequence"] > sequence + 5)
    assert seconds(recorder(switched)["flushed_through"]) == last
    assert switched.json("/system")["ledger"]["now"], "live serving continues"
    switch(switched, "/start")
    assert seconds(flushed(switched)["flushed_through"]) > last


def test_off_means_a_gap():
    with Server(*QUICK) as server:
        flushed(server, time.time() + 1.5)
        stopped = seconds(switch(server, "/stop")["since"])
        let_pass(stopped + 4.5)
        started = seconds(switch(server, "/start")["since"])
        flushed(server, started + 1.1)
        answer = server.json(f"/history?series=cpu_count&from={stopped - 3}&to={started + 1}&step=1")
        values = dict(zip(answer["times"], answer["series"]["cpu_count"]))
        missing = [moment for moment, value in values.items() if value is None
                   and stopped - 0.5 < moment < started]
        assert 3 <= len(missing) <= 5
        assert values[int(stopped - 1)] is not None
        assert values[int(started + 1)] is not None
        response = server.request(f"/cpu_usage?at={(stopped + started) / 2 + 1}")
        assert_problem(response, 404, "with a gap there")
        # Averages do not extend over the gap.
        headers = server.request(f"/cpu_usage?at={started + 1}").headers
        assert float(headers["X-Window-Seconds"]) <= 1.1


def test_it_can_start_switched_off():
    with Server(*QUICK, "--no-record") as server:
        state = recorder(server)
        assert not state["recording"] and not state["switched_on"]
        assert state["reason"] == "switched off"
        wait_until(lambda: server.json("/system")["sequence"] > 5)
        assert recorder(server)["flushed_through"] is None
        assert_problem(server.request("/cpu_usage?at=now"), 404, "nothing is recorded yet")
        switch(server, "/start")
        ever_flushed(server)
        assert server.request("/cpu_usage?at=now").status == 200


@pytest.mark.parametrize("value", ["1", "true"])
def test_the_environment_can_switch_it_off(value):
    with Server(environment={"TOPSERVER_NO_RECORD": value}) as server:
        assert not recorder(server)["switched_on"]


def test_records_of_an_earlier_run_are_readable_while_switched_off(tmp_path):
    with Server(*QUICK, data=tmp_path) as server:
        ever_flushed(server)
        sampled = server.request("/cpu_usage").headers["X-Sampled-At"]
    with Server(*QUICK, "--no-record", data=tmp_path) as server:
        response = server.request(f"/cpu_usage?at={sampled}")
        assert response.status == 200, response.body
        assert response.headers["X-Sampled-At"] == sampled


def test_the_limit_is_a_number_of_bytes():
    with Server("--history-limit", "5MiB") as server:
        assert recorder(server)["limit_bytes"] == 5 * 1024 * 1024
