"""topserver report: its figures compared with the server's own counter, and its messages when something fails."""

import json
import os
import re
import signal
import socket
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from harness import BINARY, Server, report, wait_until

FIGURES = ["requests_per_second", "mean_seconds", "requests"]


class Page(HTMLParser):
    """The content of a report page: its figures, its tables, and everything that it would load or run."""

    def __init__(self, path: Path):
        super().__init__()
        self.figures: dict[str, list[tuple[str, str]]] = {}
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self._figure = None
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.links += [value for name, value in attributes.items() if name in ("src", "href", "action", "data")]
        if "data-figure" in attributes:
            self._figure = (attributes["data-figure"], attributes.get("value"))

    def handle_data(self, data):
        self.text += data
        if self._figure:
            name, exact = self._figure
            self.figures.setdefault(name, []).append((exact, data))
            self._figure = None


def results(folder: Path, page: str = "report.html", values: str = "report.json") -> tuple[Page, dict]:
    return Page(folder / page), json.loads((folder / values).read_text())


def counted(server) -> int:
    """The number of requests that a stopped server logs."""
    return int(re.search(r"stopped after (\d+) requests", server.log)[1])


def requests_so_far(server) -> dict:
    return server.json("/system")["self"]["requests_total"]


def assert_self_contained(page: Page):
    assert page.source.startswith("<!doctype html>") and page.source.endswith("</html>\n")
    assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert page.links == []
    assert "url(" not in page.source and "@import" not in page.source


def assert_figures(page: Page, values: dict):
    """The page shows the values of the JSON, rounded, and contains the exact values."""
    for name in FIGURES:
        exact = [target[name] for target in values["targets"]]
        assert [json.loads(value) for value, _ in page.figures[name]] == exact
    for target, (_, shown) in zip(values["targets"], page.figures["requests"]):
        assert shown == f"{target['requests']:,}"


def test_a_report_agrees_with_the_servers_own_counter(tmp_path):
    with Server() as server:
        done = report(f"{server.url}/cpu_usage", "--duration", "2s", "--json", "report.json", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        page, values = results(tmp_path)
        assert_self_contained(page)
        assert_figures(page, values)
        target = values["targets"][0]
        assert target["requests"] > 100
        # One more request: the check of the URL before the load.
        assert requests_so_far(server)["cpu_usage"] <= target["requests"] + 1
        wait_until(lambda: requests_so_far(server)["cpu_usage"] == target["requests"] + 1)
        assert target["server"]["requests_counted"] == target["requests"]
        assert target["requests_per_second"] == pytest.approx(target["requests"] / target["seconds"], rel=1e-12)
        assert target["seconds"] >= 2
        assert target["failures"] == {} and target["statuses"] == {"200": target["requests"]}
        assert sum(target["requests_by_slice"]) == target["requests"]
        assert target["connections"] == values["clients"] == 5
        # Five clients that wait only for their answers have a request in progress almost all of the time.
        busy = target["mean_seconds"] * target["requests"] / target["seconds"]
        assert 3 < busy <= 5
        times = target["response_seconds"]
        assert times["min"] <= times["p50"] <= times["p90"] <= times["p99"] <= times["p99_9"] <= times["max"]
        assert target["body_bytes"] > 1000 * target["requests"]


def test_the_page_names_the_machine_and_the_command(tmp_path, server):
    url = f"{server.url}/cpu_usage?limit=3&name=<b>"
    done = report(f"{server.url}/cpu_usage", "--path", "/cpu_usage?limit=3&name=%3Cb%3E", "--duration", "1s",
                  "--clients", "2", "--json", "report.json", folder=tmp_path)
    assert done.returncode == 0, (url, done.stderr)
    page, values = results(tmp_path)
    assert values["machine"]["kernel"] == os.uname().release
    for fact in (os.uname().release, socket.gethostname(), "libcurl/", "2 clients for 1 second"):
        assert fact in page.text
    command = f"topserver report {server.url}/cpu_usage --path '/cpu_usage?limit=3&name=%3Cb%3E' "
    assert values["command"].startswith(command)
    assert command in " ".join(page.text.split())
    assert str(BINARY.parent) not in page.source


def test_paths_alternate(tmp_path):
    # On a server of its own, no request of an earlier test is counted late.
    with Server() as server:
        before = requests_so_far(server)
        done = report(server.url, "--path", "/cpu_usage", "--path", "/livez", "--duration", "1s", "--clients", "2",
                      "--json", "report.json", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        target = results(tmp_path)[1]["targets"][0]
        assert target["server"]["requests_counted"] == target["requests"]
        wait_until(lambda: sum_of(server, before) == target["requests"] + 2)
        after = requests_so_far(server)
        # Each client is at most one request ahead on one of the paths.
        assert abs((after["cpu_usage"] - before["cpu_usage"]) - (after["other"] - before["other"])) <= 2


def sum_of(server, before: dict) -> int:
    now = requests_so_far(server)
    return sum(now[route] - before[route] for route in ("cpu_usage", "other"))


def test_a_fixed_rate_is_kept(tmp_path, server):
    done = report(f"{server.url}/livez", "--rate", "200", "--duration", "2s", "--json", "report.json",
                  folder=tmp_path)
    assert done.returncode == 0, done.stderr
    page, values = results(tmp_path)
    target = values["targets"][0]
    assert target["requests"] + target["unsent"] == 400
    assert target["requests"] > 350
    assert target["requests_per_second"] == pytest.approx(200, rel=0.15)
    assert "from when the request was due" in page.text


def test_a_stall_delays_every_request_that_was_due_during_it(tmp_path):
    """Coordinated omission: a waiting client sends nothing, so a stall would hide in one slow answer."""
    with Server("--interval", "0.5") as server:
        command = [str(BINARY), "report", f"{server.url}/livez", "--rate", "200", "--clients", "2",
                   "--duration", "4s", "--json", "report.json"]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            wait_until(lambda: requests_so_far(server)["other"] > 50)
            server.process.send_signal(signal.SIGSTOP)
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(timeout=1)
            server.process.send_signal(signal.SIGCONT)
            assert running.wait(timeout=30) == 0
        times = results(tmp_path)[1]["targets"][0]["response_seconds"]
        # A quarter of all requests were due in that second, so a tenth waited longer than half of it.
        assert times["p90"] > 0.4
        assert times["max"] > 0.9


def test_two_servers_are_compared(tmp_path):
    with Server() as first, Server() as second:
        done = report(f"{first.url}/cpu_usage", "--compare", f"{second.url}/cpu_usage", "--duration", "1s",
                      "--clients", "2", "--json", "report.json", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        page, values = results(tmp_path)
        assert_self_contained(page)
        assert_figures(page, values)
        assert len(values["targets"]) == 2
        for server, target in zip((first, second), values["targets"]):
            assert target["urls"] == [f"{server.url}/cpu_usage"]
            assert target["server"]["requests_counted"] == target["requests"] > 10
            assert target["seconds"] >= 1
        ratio = values["targets"][1]["requests_per_second"] / values["targets"][0]["requests_per_second"]
        assert f"B to A: {ratio:.2f}" in page.text


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_early_with_its_results(tmp_path, server, signal_number):
    before = requests_so_far(server)["cpu_usage"]
    command = [str(BINARY), "report", f"{server.url}/cpu_usage", "--duration", "5m", "--json", "report.json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        wait_until(lambda: requests_so_far(server)["cpu_usage"] > before + 100)
        running.send_signal(signal_number)
        assert running.wait(timeout=30) == 0
    page, values = results(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["report.html", "report.json"], "a draft is left"
    assert values["ended_by"] == signal.Signals(signal_number).name
    assert f"Ended early by {values['ended_by']}" in page.text
    target = values["targets"][0]
    assert target["seconds"] < 30
    assert target["server"]["requests_counted"] == target["requests"]
    assert_figures(page, values)


def test_a_server_that_disappears_is_reported(tmp_path):
    server = Server()
    command = [str(BINARY), "report", f"{server.url}/cpu_usage", "--duration", "4s", "--json", "report.json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as running:
        wait_until(lambda: requests_so_far(server)["cpu_usage"] > 100)
        server.kill()
        assert running.wait(timeout=30) == 1
        assert running.stderr.read().splitlines()[-1].startswith("topserver: ")
    page, values = results(tmp_path)
    target = values["targets"][0]
    assert target["failures"]["Couldn't connect to server"] > 5
    assert target["silent_since_seconds"] < 4
    assert "The server stopped answering" in page.text and "Failed: Couldn't connect to server" in page.text
    assert target["server"]["after"] is None and target["server"]["requests_counted"] is None
    assert target["requests"] > 100


def test_a_target_that_is_not_top_server_has_a_report_too(tmp_path):
    """Any HTTP server is accepted; the report says which of its figures are missing."""
    script = ("import http.server as h; s = h.ThreadingHTTPServer(('127.0.0.1', 0), h.SimpleHTTPRequestHandler); "
              "h.SimpleHTTPRequestHandler.log_message = lambda *a: None; "
              "print(s.server_port, flush=True); s.serve_forever()")
    with subprocess.Popen(["python3", "-c", script], stdout=subprocess.PIPE, cwd=tmp_path) as other:
        try:
            port = int(other.stdout.readline())
            (tmp_path / "index.html").write_text("hello")
            done = report(f"http://127.0.0.1:{port}/", "--duration", "1s", "--json", "report.json", folder=tmp_path)
        finally:
            other.kill()
    assert done.returncode == 0, done.stderr
    page, values = results(tmp_path)
    assert values["targets"][0]["server"] is None
    assert values["targets"][0]["requests"] > 0
    assert "The server reports nothing about itself" in page.text
    # It speaks HTTP/1.0 and closes after each answer.
    assert values["targets"][0]["connections"] >= values["targets"][0]["requests"]


def test_without_a_terminal_progress_is_printed_in_lines(tmp_path, server):
    done = report(f"{server.url}/livez", "--rate", "10", "--duration", "11s", folder=tmp_path)
    assert done.returncode == 0
    assert re.fullmatch(r"1 s left, \d+ requests, [\d.]+ a second\n", done.stderr)
    assert re.search(r"[\d.]+ requests a second, [\d.]+ [mµ]s each, \d+ in 11 s\n", done.stdout)
    assert done.stdout.endswith("Written: report.html\n")


def test_a_server_loads_no_libcurl(server):
    """It would cost every server 3 MB; only the commands that need it load it."""
    assert "libcurl" not in Path(f"/proc/{server.process.pid}/maps").read_text()


def refused(done: subprocess.CompletedProcess, folder: Path, *mentions: str, status: int = 1):
    """One line that names the problem, and no file."""
    assert done.returncode == status, (done.stdout, done.stderr)
    assert done.stdout == ""
    assert done.stderr.startswith("topserver: ") and done.stderr.count("\n") == 1, done.stderr
    for mention in mentions:
        assert mention in done.stderr
    assert [path.name for path in folder.iterdir()] == []


BAD_OPTIONS = [
    (["--clients", "0"], "--clients"), (["--clients", "many"], "--clients"), (["--duration", "0"], "--duration"),
    (["--duration", "soon"], "--duration"), (["--rate", "-1"], "--rate"), (["--path", "cpu_usage"], "--path"),
    (["--timeout", "0"], "--timeout"), (["--compare", "nonsense"], "--compare"),
    (["--compare", "http://192.0.2.1/"], "--allow-remote"), (["--output", "/nonexistent/x.html"], "/nonexistent/x.html"),
    (["--output", "/"], "Is a directory"), (["--output", "/dev/null"], "/dev/null"),
    (["--json", "/nonexistent/x.json"], "/nonexistent/x.json"), (["--output", "x", "--json", "x"], "same file"),
]


@pytest.mark.parametrize("arguments, mention", BAD_OPTIONS, ids=str)
def test_bad_input_is_reported_before_any_request(tmp_path, arguments, mention):
    with Server() as server:
        done = report(f"{server.url}/cpu_usage", *arguments, folder=tmp_path)
        status = 1 if mention in ("/nonexistent/x.html", "/nonexistent/x.json", "Is a directory", "/dev/null") else 64
        refused(done, tmp_path, mention, status=status)
    assert counted(server) == 0


@pytest.mark.parametrize("url", ["http://192.0.2.1:8845/", "http://0.0.0.0:8845/", "http://example.org/"])
def test_other_machines_need_a_flag(tmp_path, url):
    refused(report(url, folder=tmp_path), tmp_path, url.rstrip("/"), "--allow-remote", status=64)


@pytest.mark.parametrize("url", ["127.0.0.1:8845", "file:///etc/passwd", "http://user:secret@127.0.0.1/"])
def test_an_invalid_url(tmp_path, url):
    refused(report(url, folder=tmp_path), tmp_path, "it accepts http://HOST[:PORT][/PATH]", status=64)


def test_a_target_without_a_listener(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}/cpu_usage"
    refused(report(url, folder=tmp_path), tmp_path, f"no answer from {url}: Couldn't connect to server")


def test_a_silent_server(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        refused(report(url, "--timeout", "300ms", folder=tmp_path), tmp_path, "Timeout was reached")


def test_a_wrong_path(tmp_path, server):
    url = f"{server.url}/cpu-usage"
    refused(report(url, folder=tmp_path), tmp_path, f"{url} answers with status 404")


def test_a_proxy_of_the_environment_is_not_used(tmp_path, server):
    proxies = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
    done = report(f"{server.url}/livez", "--duration", "1s", folder=tmp_path, environment=proxies)
    assert done.returncode == 0, done.stderr


def test_an_old_report_stays_until_the_new_one_is_complete(tmp_path, server):
    (tmp_path / "report.html").write_text("old")
    done = report(f"{server.url}/nope", folder=tmp_path)
    assert done.returncode == 1
    assert (tmp_path / "report.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
