"""/history: columns over time, from memory and from the file, and what it refuses."""

import time
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from answers import assert_problem, assert_security_headers, content, strict_json
from harness import Server, wait_until
from past import QUICK, flushed, let_pass, seconds, stop, when_recorder

USUAL = ["cpu.busy_percent", "cpu.user_percent", "cpu.system_percent", "cpu.iowait_percent", "load.load_1",
         "memory.used_percent"]

BAD_QUERIES = [
    ("from=x", "from=x: from accepts RFC 3339"),
    ("to=", "to=: to accepts RFC 3339"),
    ("from=1e9", "from=1e9: from accepts"),
    ("from=2026-13-01T00:00:00Z", "from=2026-13-01T00:00:00Z: from accepts"),
    ("from=-5y", "from=-5y: from accepts"),
    ("from=now&to=-5m", "from must lie before to"),
    ("from=-5m&to=-5m", "from must lie before to"),
    ("from=-5m&from=-6m", "from is given more than once"),
    ("step=0", "step=0: step accepts seconds from 1"),
    ("step=0.5", "step=0.5: step accepts seconds from 1"),
    ("step=-1", "step=-1: step accepts"),
    ("step=soon", "step=soon: step accepts"),
    ("step=", "step=: step accepts"),
    ("from=-1d&step=1", "step must be at least 9s"),
    ("series=", "series=: series accepts all, or names"),
    ("series=load.load_1,,cpu_count", "series accepts all, or names"),
    ("series=load.load_1:most", "each optionally followed by :min, :max or :avg"),
    ("series=:max", "series accepts all, or names"),
    ("series=laod.load_1", "no series with this name was recorded; recorded series are "),
    ("series=laod.*", "series=laod.*: no series with this name was recorded"),
    ("form=-5m", 'unknown parameter "form"; this route accepts series, from, to, step and host'),
]


@pytest.fixture(scope="module")
def still():
    """A server that has recorded two time ranges with a gap between them, and records no more.

    Its samples are so far apart that a step of a second returns each of them. `still.live` is the /system of that time,
    by the time of the sample.
    """
    with Server("--interval", "0.7", "--flush-interval", "0.05") as running:
        running.live = {}

        def record(until: int):
            def enough():
                system = running.json("/system")
                running.live[system["sampled_at"]] = system
                return len(running.live) >= until and running.live
            wait_until(enough)

        record(7)
        stopped = seconds(strict_json(running.request("/stop").body)["since"])
        let_pass(stopped + 3)
        running.request("/start")
        record(11)
        stop(running)
        running.begin = min(map(seconds, running.live)) - 1
        running.end = time.time()
        yield running


def ask(server, query: str = "", **headers):
    response = server.request(f"/history{'?' if query else ''}{query}", headers=headers)
    assert response.status == 200, response.body
    return response


def columns(server, query: str = "") -> dict:
    answer = strict_json(content(ask(server, query)))
    assert list(answer) == ["from", "to", "step_seconds", "times", "series"]
    assert answer["times"] == sorted(set(answer["times"]))
    for name, values in answer["series"].items():
        assert len(values) == len(answer["times"]), name
        assert all(value is None or isinstance(value, (int, float)) for value in values), name
    return answer


def stretch(server) -> str:
    return f"from={server.begin}&to={server.end}"


def test_an_answer_has_times_and_an_array_for_each_series(still):
    response = ask(still)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert_security_headers(response)
    answer = columns(still)
    assert list(answer["series"]) == USUAL
    assert seconds(answer["to"]) - seconds(answer["from"]) == pytest.approx(1200, abs=0.002)
    assert answer["step_seconds"] == 1
    assert len(answer["times"]) >= 10


def test_the_series_are_in_the_requested_order(still):
    answer = columns(still, f"{stretch(still)}&series=memory.used_percent,cpu_count,load.load_1:max")
    assert list(answer["series"]) == ["memory.used_percent", "cpu_count", "load.load_1:max"]


def test_a_star_selects_all_names_with_its_prefix(still):
    names = list(columns(still, f"{stretch(still)}&series=cpu.*")["series"])
    assert names == sorted(names)
    assert {"cpu.busy_percent", "cpu.steal_percent"} <= set(names)
    assert all(name.startswith("cpu.") for name in names)
    both = list(columns(still, f"{stretch(still)}&series=cpu.*:max,load.*:min")["series"])
    assert both == [f"{name}:max" for name in names] + [
        f"load.load_{length}:min" for length in (1, 15, 5)]


def test_all_selects_every_series(still):
    names = columns(still, f"{stretch(still)}&series=all")["series"]
    assert names == columns(still, f"{stretch(still)}&series=*")["series"]
    assert {"processes.total", "self.cpu_percent", "ledger.coverage_percent", "forks_per_second",
            "swap.used_bytes", "memory.cached_bytes", *USUAL} <= set(names)


def test_samples_equal_the_live_ones(still):
    """Each sample that was seen is there with its own time and its own numbers."""
    series = {"cpu.busy_percent": lambda now: now["cpu"]["now"]["busy_percent"],
              "ledger.unaccounted_percent": lambda now: now["ledger"]["now"]["unaccounted_percent"],
              "forks_per_second": lambda now: now["forks_per_second"]["now"],
              "processes.total": lambda now: now["processes"]["total"],
              "self.cpu_percent": lambda now: now["self"]["cpu_percent"]["now"],
              "self.rss_bytes": lambda now: now["self"]["rss_bytes"],
              "cpu_count": lambda now: now["cpu_count"]}
    answer = columns(still, f"{stretch(still)}&series={','.join(series)}&step=1")
    places = {round(moment * 1000): place for place, moment in enumerate(answer["times"])}
    compared = 0
    for moment, system in still.live.items():
        # After /stop live samples continue.
        place = places.get(round(seconds(moment) * 1000))
        if place is None or system["cpu"]["now"] is None:
            continue
        for name, live in series.items():
            # Both have two decimals, and a half may be rounded either way.
            assert answer["series"][name][place] == pytest.approx(live(system), abs=0.0101), (moment, name)
        compared += 1
    assert compared >= 8


def test_a_gap_is_null(still):
    answer = columns(still, f"{stretch(still)}&series=cpu_count,cpu_count:min,cpu_count:max&step=1")
    for values in answer["series"].values():
        empty = [place for place, value in enumerate(values) if value is None]
        assert len(empty) == 1
    times, gap = answer["times"], empty[0]
    assert times[gap + 1] - times[gap - 1] > 2.5
    assert times[gap - 1] < times[gap] < times[gap + 1]


def parts(samples: list[tuple[float, float]], begin: float, end: float) -> list[tuple[float, float]]:
    """Each sample's value, and the seconds of it inside a time range: a sample measured the time before it."""
    found = []
    for place, (moment, value) in enumerate(samples):
        length = moment - samples[place - 1][0] if place else 9
        if length > 2.5:
            # The first sample of a run has no length; it weighs as much as the next.
            inside = samples[place + 1][0] - moment if begin <= moment < end else 0
        else:
            inside = min(moment, end) - max(moment - length, begin)
        if inside > 0:
            found.append((value, inside))
    return found


@pytest.mark.parametrize("step", [2, 3, 5])
def test_a_step_has_mean_minimum_and_maximum(still, step):
    name = "memory.used_percent"
    single = columns(still, f"{stretch(still)}&series={name}&step=1")
    samples = [(moment, value) for moment, value in zip(single["times"], single["series"][name])
               if value is not None]
    answer = columns(still, f"{stretch(still)}&series={name},{name}:avg,{name}:min,{name}:max&step={step}s")
    assert answer["step_seconds"] == step
    # Under its own name, :avg is the series itself.
    assert list(answer["series"]) in ([name, f"{name}:min", f"{name}:max"],
                                      [name, name, f"{name}:min", f"{name}:max"])
    for place, moment in enumerate(answer["times"]):
        assert moment % step == 0
        inside = parts(samples, moment, moment + step)
        # Parts below two milliseconds may come from rounding.
        whole = [value for value, part in inside if part > 0.0035]
        if len(whole) < len(inside):
            continue
        expected = {name: sum(value * part for value, part in inside) / sum(part for _, part in inside),
                    f"{name}:min": min(whole), f"{name}:max": max(whole)
                    } if inside else dict.fromkeys([name, f"{name}:min", f"{name}:max"])
        for column, value in expected.items():
            got = answer["series"][column][place]
            assert got == (value if value is None else pytest.approx(value, abs=0.0051)), (moment, column)


@pytest.mark.parametrize(("reach", "step"), [("-20m", 1), ("-1h", 10), ("-4h", 10), ("-1d", 60), ("-7d", 600),
                                             ("-30d", 1800), ("-365d", 21600)])
def test_without_a_step_it_chooses_one_that_fits_a_chart(still, reach, step):
    answer = columns(still, f"from={reach}")
    assert answer["step_seconds"] == step
    assert len(answer["times"]) <= 1501


def test_ten_thousand_points_are_the_most(still):
    assert_problem(still.request("/history?from=-1d&step=8"), 400, "step must be at least 9s")
    assert len(columns(still, "from=-1d&step=9")["times"]) <= 10_000


def test_times_are_rfc_3339_epoch_or_relative(still):
    moment = still.begin + 1
    zulu = datetime.fromtimestamp(moment, UTC)
    abroad = zulu.astimezone(timezone(timedelta(hours=2)))
    expected = columns(still, f"from={moment}&to={still.end}&series=cpu_count")
    for text in [f"{moment:.3f}", f"{zulu:%Y-%m-%dT%H:%M:%S}.{zulu.microsecond // 1000:03}Z",
                 quote(abroad.isoformat(timespec="milliseconds")), abroad.isoformat(timespec="milliseconds")]:
        answer = columns(still, f"from={text}&to={still.end}&series=cpu_count")
        assert seconds(answer["from"]) == pytest.approx(moment, abs=0.0011), text
        assert answer["times"] == expected["times"], text
    ago = columns(still, "from=-90s&to=-30s")
    assert seconds(ago["to"]) - seconds(ago["from"]) == pytest.approx(60, abs=0.002)
    assert abs(seconds(ago["to"]) + 30 - time.time()) < 5
    assert abs(seconds(columns(still, "from=-5m&to=now")["to"]) - time.time()) < 5


@pytest.mark.parametrize("unit", ["90", "90s", "1.5m", "0.025h"])
def test_durations_have_units(still, unit):
    answer = columns(still, f"from=-{unit}")
    assert seconds(answer["to"]) - seconds(answer["from"]) == pytest.approx(90, abs=0.002)


@pytest.mark.parametrize(("query", "mention"), BAD_QUERIES, ids=[query for query, _ in BAD_QUERIES])
def test_bad_input_gets_a_clear_message(still, query, mention):
    assert_problem(still.request(f"/history?{query}"), 400, mention)


@pytest.mark.parametrize("query", ["from=-999999999999", "from=0", "to=99999999999", "from=-11574074d&to=now",
                                   "from=999999999998&to=999999999999", "from=0&step=604800"])
def test_distant_times_are_accepted(still, query):
    assert still.request(f"/history?{query}").status in (200, 400)
    assert still.request("/livez").status == 200


def test_outside_the_record_it_is_empty(still):
    answer = columns(still, "from=1000000000&to=1000000060&series=cpu_count")
    assert all(value is None for value in answer["series"]["cpu_count"])


def test_it_is_compressed_for_clients_that_accept_it(still):
    query = f"{stretch(still)}&series=all"
    plain = ask(still, query, **{"Accept-Encoding": ""})
    packed = ask(still, query, **{"Accept-Encoding": "gzip"})
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert content(packed) == plain.body
    assert len(packed.body) < len(plain.body) / 2


def test_head_has_no_body_and_other_methods_are_refused(still):
    head = still.request("/history", method="HEAD")
    assert head.status == 200
    assert head.body == b""
    for method in ("POST", "PUT", "DELETE"):
        response = still.request("/history", method=method)
        assert_problem(response, 405)
        assert response.headers["Allow"] == "GET, HEAD"


def test_memory_and_file_answer_alike(still, tmp_path):
    """The same query before anything but the first sample was written, and after everything was."""
    with Server("--interval", "0.7", "--flush-interval", "3600", data=tmp_path) as server:
        wait_until(lambda: server.json("/system")["sequence"] >= 6)
        server.request("/stop")
        held = when_recorder(server, lambda now: not now["recording"])
        assert held["flushed_through"] is None or seconds(held["flushed_through"]) < time.time() - 2
        query = f"from={time.time() - 60}&to={time.time()}&series=all&step=1"
        live = columns(server, query)
    with Server("--no-record", data=tmp_path) as server:
        assert columns(server, query) == live
    assert len(live["times"]) >= 5


def test_an_empty_record_is_not_an_error():
    with Server(*QUICK, "--no-record") as server:
        assert columns(server)["series"] in ({}, {name: [] for name in USUAL})


def test_it_continues_across_a_restart(tmp_path):
    spans = []
    for _ in range(3):
        with Server(*QUICK, data=tmp_path) as server:
            begin = time.time()
            flushed(server, begin + 1.2)
            spans.append((begin, time.time()))
            answer = columns(server, f"from={spans[0][0] - 1}&to={time.time()}&series=cpu_count&step=1")
            filled = {moment for moment, value in zip(answer["times"], answer["series"]["cpu_count"])
                      if value is not None}
            for begin, end in spans:
                assert any(begin - 1 <= moment <= end for moment in filled), (spans, filled)
