"""The page of the fleet with a real hub, to which clients send with an independent WebSocket library."""

import re
import threading

import pytest
from feeds import REFUSED
from fleet import Client, confirmed, host, sample
from harness import Server, wait_until
from playwright.sync_api import Page, expect
from test_charts import height


class Senders:
    """Hosts that send a sample each second, until they are silenced."""

    def __init__(self, server: Server):
        self.server = server
        self.busy = {}
        self.more = {}
        self.clients = {}
        self.sequence = 0
        self.silent = set()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def add(self, name: str, busy: float, **more):
        self.more[name] = more
        self.clients[name] = Client(self.server)
        self.busy[name] = busy

    def _run(self):
        while not self.stopped.wait(1):
            self.sequence += 1
            for name, busy in list(self.busy.items()):
                if name not in self.silent:
                    self.clients[name].say(sample(name, self.sequence, busy=busy, **self.more[name]))

    def stop(self):
        self.stopped.set()
        self.thread.join()
        for client in self.clients.values():
            client.__exit__(None, None, None)


@pytest.fixture
def hub():
    with Server() as server:
        yield server


@pytest.fixture
def senders(hub):
    running = Senders(hub)
    yield running
    running.stop()


def names(page: Page):
    return page.locator(".host .host-link")


def row(page: Page, name: str):
    return page.locator(".host").filter(has=page.get_by_role("link", name=name, exact=True))


def without_this_machine(page: Page):
    """The machine that runs the tests may be the hottest host of all."""
    page.locator("#filter").fill("t-")


def test_the_hottest_host_comes_first_with_its_process(hub, senders, page):
    senders.add("t-cool", 3)
    senders.add("t-hot", 99, processes=[{"pid": 7, "name": "burner", "user": "root", "cpu_percent": 396.0}])
    page.goto(f"{hub.url}/fleet")
    expect(names(page)).to_have_count(3)
    without_this_machine(page)
    expect(names(page)).to_have_text(["t-hot", "t-cool"])
    expect(row(page, "t-hot").locator(".cpu-value")).to_have_text("99.0")
    expect(row(page, "t-hot").locator(".top-name")).to_have_text("burner")
    expect(row(page, "t-hot").locator(".spark-line")).to_have_attribute("d", re.compile("^M"))
    expect(row(page, "t-cool").locator(".load")).to_have_text("0.50 / 4")
    page.get_by_label("Only very hot").check()
    expect(names(page)).to_have_text(["t-hot"])
    senders.busy["t-cool"] = 95
    expect(names(page)).to_have_text(["t-hot", "t-cool"])


def test_this_machine_is_a_host_like_the_others(hub, page):
    name = hub.json("/system")["hostname"]
    page.goto(f"{hub.url}/fleet")
    expect(page.locator("#agent-help")).to_contain_text(f"ws://127.0.0.1:{hub.port}/webservices/cpu/")
    names(page).first.click()
    expect(page.locator("#detail-name")).to_have_text(name)
    expect(page.locator("#facts")).to_contain_text("this machine, the hub itself")
    expect(page.locator("#modes [data-mode=user] dd")).to_have_text(re.compile(r"^\d"))
    page.get_by_role("link", name="All processes of this host").click()
    expect(page).to_have_url(f"{hub.url}/stats")


@pytest.mark.long
def test_a_silent_host_is_stale_then_lost_then_back(hub, senders, page):
    senders.add("t-steady", 20)
    senders.add("t-moody", 80)
    page.goto(f"{hub.url}/fleet")
    state = row(page, "t-moody").locator("td .host-state")
    expect(state).to_have_text("live")
    senders.silent.add("t-moody")
    expect(state).to_have_text(re.compile(r"^stale \d+ s$"))
    expect(page.locator("[data-count=stale]")).to_have_text("1")
    expect(state).to_have_text(re.compile(r"^lost \d+ s$"), timeout=60_000)
    expect(page.locator("[data-count=lost]")).to_have_text("1")
    without_this_machine(page)
    expect(names(page)).to_have_count(2)
    expect(names(page).last).to_have_text("t-moody")
    page.get_by_label("Only very hot").check()
    expect(names(page)).to_have_text(["t-moody"])
    senders.silent.clear()
    expect(state).to_have_count(0)
    page.get_by_label("Only very hot").uncheck()
    expect(state).to_have_text("live")


def test_one_host_has_its_own_charts(hub, senders, page):
    senders.add("web", 50, cpu={"user_percent": 60, "system_percent": 20, "idle_percent": 20},
                processes=[{"pid": 7, "name": "nginx", "user": "www-data", "cpu_percent": 97.3},
                           {"pid": 8, "name": "php", "user": None, "cpu_percent": 12.0}])
    wait_until(lambda: host(hub, "web"))
    page.goto(f"{hub.url}/fleet?host=web")
    expect(page.locator("#top-processes .name-text")).to_have_text(["nginx", "php"])
    expect(page.locator("#facts")).to_contain_text("127.0.0.1")
    expect(page.locator("#detail-figures [data-value=cpu]")).to_have_text("80.0 %")
    expect(page.locator(".chart[data-chart=cpu] .chart-key:has([data-series=user]) .chart-value")).to_have_text("60.0")
    plot = page.locator(".chart[data-chart=cpu] canvas").first
    expect(plot).to_be_visible()
    for _ in range(200):
        if 0.5 < height(page, "cpu", "user", 0.995) < 0.7:
            break
        page.wait_for_timeout(200)
    else:
        pytest.fail(f"the chart shows {height(page, 'cpu', 'user', 0.995)}")


def test_late_samples_are_in_the_charts(hub, page):
    with Client(hub) as client:
        # As an agent sends what it kept during an outage: the oldest first.
        for number in range(1, 59):
            client.acknowledged(sample("late", number, busy=70, age=600 - number))
        client.acknowledged(sample("late", 59, busy=10))
        wait_until(lambda: (host(hub, "late") or {}).get("late_samples") == 58)
        page.goto(f"{hub.url}/fleet?host=late")
        expect(page.locator("#facts")).to_contain_text("58")
        # Ten minutes ago is the middle of the chart.
        for _ in range(200):
            if 0.6 < height(page, "cpu", "user", 0.525) < 0.8:
                return
            page.wait_for_timeout(100)
        pytest.fail(f"the chart shows {height(page, 'cpu', 'user', 0.525)}")


def test_a_client_that_sends_plain_text(hub, page):
    with Client(hub) as client:
        assert client.say("CPU usages from seed-client: 92.5") == "ok"
        page.goto(f"{hub.url}/fleet")
        expect(row(page, "seed-client").locator(".cpu-value")).to_have_text("92.5")
        row(page, "seed-client").locator(".host-link").click()
        expect(page.locator("#facts")).to_contain_text("a client that sends a percentage")
        expect(page.locator("#top-processes")).to_contain_text("sends only a percentage")


HOSTILE = ["<img/src=x/onerror=alert(1)>", "a?host=b#c", "%3Cscript%3E", "'\"&amp;", "../stats", "é" * 126]


def test_hostile_names_are_text(hub, senders, page):
    for at, name in enumerate(HOSTILE):
        senders.add(name, 60 + at, agent="<i>", processes=[
            {"pid": 1, "name": "<b>\u202ename</b>", "user": "</td>", "cpu_percent": 50.0}])
    page.goto(f"{hub.url}/fleet")
    expect(names(page)).to_have_count(len(HOSTILE) + 1)
    assert set(HOSTILE) <= set(names(page).all_text_contents())
    for name in HOSTILE:
        row(page, name).locator(".host-link").click()
        expect(page.locator("#detail-name")).to_have_text(name)
        expect(page.locator("#top-processes .name-text")).to_have_text("<b>‹U+202E›name</b>")
        page.reload()
        expect(page.locator("#detail-name")).to_have_text(name)
        expect(page.locator("#facts")).to_contain_text("<i>")
        page.get_by_role("link", name="All hosts").click()
        expect(names(page)).to_have_count(len(HOSTILE) + 1)


def test_a_killed_and_restarted_hub(page, tmp_path, expected_errors):
    expected_errors.append(REFUSED)
    first = Server(data=confirmed(tmp_path, "web"))
    with Client(first) as client:
        client.acknowledged(sample("web", 1, busy=40))
        page.goto(f"{first.url}/fleet")
        expect(row(page, "web").locator(".cpu-value")).to_have_text("40.0")
        first.kill()
    expect(page.locator("#trouble-notice")).to_contain_text("No answer from the hub")
    expect(row(page, "web").locator(".cpu-value")).to_have_text("40.0")
    with Server(port=first.port, data=tmp_path):
        expect(page.locator("#pulse")).to_have_text("Live")
        expect(row(page, "web").locator("td .host-state")).to_have_text(re.compile("^(stale|lost)"))
        page.close()
