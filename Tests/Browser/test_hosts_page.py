"""The page of the fleet with a synthetic hub: what it shows, sorts, filters and says."""

import re

import pytest
from fleet_feed import FakeFleet, local, one
from playwright.sync_api import Page, expect

STATES = {"mail": "lost", "edge": "stale"}


@pytest.fixture
def fleet(server, page):
    """Opens the page with the hosts of the test: `fleet(one("a"), …)`."""
    def open_fleet(*hosts, address: str = "/fleet", init: str = "") -> FakeFleet:
        # The page polls more often than once a second, so that tests wait less.
        page.add_init_script("""
          const everySoOften = setInterval;
          window.setInterval = (action, delay) => everySoOften(action, delay / 5);""" + init)
        feed = FakeFleet(page, *hosts)
        page.goto(server.url + address)
        return feed
    return open_fleet


def names(page: Page):
    return page.locator(".host .host-link")


def some_hosts():
    return [local("hub", 12), one("hot", 97), one("warm", 60, alerts=["cpu"]), one("cool", 3),
            one("edge", 8, "stale"), one("mail", 99, "lost", cpu_average_percent=None,
                                         recent_cpu_percent=[None] * 60)]


def value(page: Page, name: str):
    return page.locator(f"#summary [data-value={name}]")


def test_the_hottest_host_comes_first_and_a_lost_one_is_not_hot(fleet, page):
    fleet(*some_hosts())
    expect(names(page)).to_have_text(["hot", "warm", "hub", "edge", "cool", "mail"])
    row = page.locator(".host[data-key=hot]")
    expect(row.locator(".cpu-value")).to_have_text("97.0")
    expect(row.locator(".cpu")).to_have_attribute("data-heat", "4")
    expect(row.locator(".top-name")).to_have_text("nginx")
    expect(page.locator(".host[data-key=mail] .cpu")).to_have_attribute("data-heat", "0")


def test_every_host_is_counted_by_its_state(fleet, page):
    fleet(*some_hosts())
    expect(value(page, "total")).to_have_text("6")
    expect(value(page, "states")).to_have_text("4 live, 1 stale, 1 lost")
    expect(value(page, "hot")).to_have_text("1")
    expect(value(page, "alerts")).to_have_text("1")
    expect(page.locator("[data-count=lost]")).to_have_text("1")
    expect(page).to_have_title("1 very hot · 1 lost · Fleet · Top-Server")


def test_a_silent_host_has_a_word_and_a_sign(fleet, page):
    fleet(*some_hosts())
    for name, word in (("edge", "stale 12 s"), ("mail", "lost 5 min"), ("hot", "live")):
        state = page.locator(f".host[data-key={name}] td .host-state")
        expect(state).to_have_text(word)
        sign = state.evaluate("state => getComputedStyle(state, '::before').content")
        assert sign == {"edge": '"◐"', "mail": '"✕"', "hot": '"●"'}[name]


def test_the_filter_for_very_hot_hosts_never_hides_a_silent_one(fleet, page):
    fleet(*some_hosts())
    page.get_by_label("Only very hot").check()
    expect(names(page)).to_have_text(["hot", "edge", "mail"])
    expect(page.locator("[data-value=silent]")).to_have_text(
        "2 silent hosts stay visible, because their CPU use is unknown")
    page.locator("#min-cpu").fill("50")
    expect(names(page)).to_have_text(["hot", "warm", "edge", "mail"])
    expect(value(page, "hot")).to_have_text("2")
    assert page.url.endswith("#min_cpu=50")


def test_the_threshold_is_stored_and_the_filter_is_in_the_address(fleet, page):
    fleet(*some_hosts())
    expect(page.locator("#min-cpu")).to_have_value("90")
    page.locator("#min-cpu").fill("55")
    page.goto("about:blank")
    page.go_back()
    expect(page.locator("#min-cpu")).to_have_value("55")
    expect(names(page)).to_have_count(6)


@pytest.mark.parametrize("text", ["", "0", "101"])
def test_an_invalid_threshold_changes_nothing(fleet, page, text):
    fleet(*some_hosts())
    page.get_by_label("Only very hot").check()
    expect(names(page)).to_have_count(3)
    field = page.locator("#min-cpu")
    field.fill(text)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(names(page)).to_have_count(3)
    field.blur()
    page.get_by_label("Only very hot").uncheck()
    expect(field).to_have_value("90")


def test_hosts_are_found_by_name_and_state(fleet, page):
    fleet(*some_hosts(), one("HOTEL", 1))
    page.locator("#filter").fill("hot")
    expect(names(page)).to_have_text(["hot", "HOTEL"])
    expect(page.locator("[data-value=shown]")).to_have_text("2 of 7 shown")
    expect(page.locator("[data-value=silent]")).to_have_text("2 silent hosts are filtered out")
    page.keyboard.press("Escape")
    page.locator("#states label", has_text="Lost").click()
    expect(names(page)).to_have_text(["mail"])
    assert page.url.endswith("#state=lost")
    page.locator("#filter").fill("nobody")
    expect(page.locator("#empty")).to_contain_text("No host matches.")
    page.get_by_role("button", name="Show all hosts").click()
    expect(names(page)).to_have_count(7)
    expect(page.locator("#filter")).to_be_focused()


def test_a_fleet_without_a_hot_host_says_so(fleet, page):
    fleet(local("hub", 5), one("cool", 7), address="/fleet#min_cpu=90")
    expect(page.locator(".empty-text")).to_have_text("All 2 live hosts are below 90 % CPU.")
    expect(value(page, "threshold")).to_have_text("hottest: cool, 7.0 %")


@pytest.mark.parametrize("column, first, second", [
    ("name", "cool", "warm"), ("age", "mail", "cool"), ("average", "hot", "cool"), ("alerts", "warm", "cool")])
def test_headings_sort_both_ways(fleet, page, column, first, second):
    fleet(*some_hosts())
    expect(names(page)).to_have_count(6)
    heading = page.locator(f"th[data-column={column}]")
    heading.locator("button").click()
    expect(names(page).first).to_have_text(first)
    direction = heading.get_attribute("aria-sort")
    heading.locator("button").click()
    expect(names(page).first).to_have_text(second)
    assert {direction, heading.get_attribute("aria-sort")} == {"ascending", "descending"}
    assert page.locator("th[aria-sort]").count() == 1


def test_unknown_values_are_last_in_either_order(fleet, page):
    fleet(*some_hosts())
    expect(names(page).last).to_have_text("mail")
    page.locator("th[data-column=cpu] button").click()
    expect(names(page).first).to_have_text("cool")
    expect(names(page).last).to_have_text("mail")


def test_rows_keep_their_places_under_the_pointer(fleet, page):
    feed = fleet(one("a", 90), one("b", 50), one("c", 10))
    expect(names(page)).to_have_text(["a", "b", "c"])
    page.locator(".host").nth(1).hover()
    feed.publish(one("a", 5), one("b", 50), one("c", 95), one("d", 99))
    expect(page.locator(".host[data-key=c] .cpu-value")).to_have_text("95.0")
    expect(names(page)).to_have_text(["a", "b", "c", "d"])
    expect(page.locator("#order-note")).to_have_class(re.compile("is-held"))
    page.mouse.move(5, 5)
    expect(names(page)).to_have_text(["d", "c", "b", "a"])


def test_the_last_minute_is_drawn_with_its_gaps(fleet, page):
    fleet(one("a", 50, recent_cpu_percent=[100.0] * 20 + [None] * 20 + [0.0] * 20))
    line = page.locator(".host[data-key=a] .spark-line")
    expect(line).to_have_attribute("d", re.compile("^M0 0H1.*H20M40 20H41.*H60$"))


HOSTILE = ["<img src=x onerror=alert(1)>", "a\u202egnp.evil", "x" * 253, "&amp;", "\"'><script>alert(2)</script>",
           "a?host=b&min_cpu=1#x", "../stats", "%3Cb%3E", "ｈｏｓｔ"]


def test_hostile_names_are_text_everywhere(fleet, page):
    fleet(*[one(name, 50 + at, alerts=["<b>rule</b>"], agent="<i>1</i>", address="<u>a</u>",
                processes=[{"pid": 1, "name": "<script>alert(3)</script>", "user": "<b>", "cpu_percent": 1.0}])
            for at, name in enumerate(HOSTILE)])
    expect(names(page)).to_have_count(len(HOSTILE))
    assert set(names(page).all_text_contents()) == {
        name.replace("\u202e", "‹U+202E›") for name in HOSTILE}
    assert page.locator("#list :is(img, script, b:not(.segment-count), i)").count() == 0
    for at, name in reversed(list(enumerate(HOSTILE))):
        page.locator(".host").nth(len(HOSTILE) - 1 - at).locator(".host-link").click()
        expect(page.locator("#detail-name")).to_have_text(name.replace("\u202e", "‹U+202E›"))
        expect(page.locator("#facts")).to_contain_text("<u>a</u>")
        expect(page.locator("#top-processes tbody")).to_contain_text("<script>alert(3)</script>")
        assert page.locator("#detail :is(img, script, b, i, u)").count() == 0
        page.go_back()
        expect(names(page)).to_have_count(len(HOSTILE))


def test_a_hub_without_other_hosts_shows_the_command(fleet, page, server):
    feed = fleet(local("hub"))
    command = f"topserver agent --hub ws://127.0.0.1:{server.port}/webservices/cpu/"
    expect(page.locator(".agent-command code")).to_have_text(command)
    expect(page.locator(".agent-notes")).to_contain_text("Other machines cannot reach 127.0.0.1")
    feed.publish(local("hub"), one("first"))
    expect(page.locator("#agent-help")).to_be_hidden()


def test_a_missing_hub_is_reported_and_the_last_values_stay(fleet, page):
    feed = fleet(*some_hosts())
    expect(page.locator("#pulse")).to_have_text("Live")
    feed.is_hanging = True
    expect(page.locator("#trouble-notice")).to_contain_text("No answer from the hub")
    expect(page.locator("#pulse")).to_have_text("No data")
    expect(names(page)).to_have_count(6)
    feed.is_hanging = False
    feed.publish(*some_hosts())
    expect(page.locator("#pulse")).to_have_text("Live")


def test_an_error_is_shown_in_the_hubs_words(fleet, page, expected_errors):
    expected_errors.append("503")
    feed = fleet(*some_hosts())
    expect(names(page)).to_have_count(6)
    feed.refusal = "the hub is stopping"
    expect(page.locator("#trouble-notice")).to_contain_text("The hub says “the hub is stopping”")


def test_a_hub_without_new_data_is_reported(fleet, page):
    fleet(*some_hosts())
    expect(page.locator("#trouble-notice")).to_contain_text("Nothing new from the hub")
    expect(page.locator("#pulse")).to_have_text("Not moving")


def test_an_unknown_host(fleet, page):
    fleet(local("hub"), one("a"), address="/fleet?host=nobody")
    expect(page.locator(".detail-missing")).to_contain_text("The hub has no host of this name")
    expect(page.locator(".detail-body")).to_be_hidden()
    page.get_by_role("link", name="All hosts").click()
    expect(names(page)).to_have_count(2)


def test_one_host_in_full(fleet, page):
    feed = fleet(local("hub"), one(
        "web", 80, reconnects=3, late_samples=42, clock_offset_seconds=-61.5, cpu_count=4,
        cpu={"user_percent": 50.0, "system_percent": 20.0, "softirq_percent": 5.0, "steal_percent": 5.0,
             "iowait_percent": 10.0, "idle_percent": 10.0}))
    page.locator(".host[data-key=web] .host-link").click()
    expect(page.locator("#detail-name")).to_be_focused()
    expect(page).to_have_title("80.0 % · web · Fleet")
    figure = page.locator("#detail-figures [data-value=average]")
    expect(figure).to_have_text("80.0 % over a minute, of 4 CPUs")
    expect(page.locator("#modes [data-mode=system] dd")).to_have_text("20.0")
    facts = page.locator("#facts")
    for text in ("an agent", "10.0.0.7", "0.5.0", "61 s behind the hub’s", "42"):
        expect(facts).to_contain_text(text)
    row = page.locator("#top-processes tbody tr")
    expect(row.locator(".name-text")).to_have_text("nginx")
    expect(page.locator(".detail-processes")).to_be_hidden()
    assert feed.questions[-1] == {"host": ["web"]}
    page.keyboard.press("Escape")
    expect(page.locator(".host[data-key=web] .host-link")).to_be_focused()


def test_this_host_leads_to_its_processes(fleet, page):
    fleet(local("hub"), one("web"), address="/fleet?host=hub")
    expect(page.get_by_role("link", name="All processes of this host")).to_have_attribute("href", "stats")


def test_a_host_that_sends_only_a_percentage(fleet, page):
    fleet(local("hub"), one("seed", 12.3, kind="text", agent=None, cpu=None, load=None, memory=None, cpu_count=None,
                            coverage_percent=None, uptime_seconds=None, interval_seconds=None, processes=[],
                            clock_offset_seconds=None), address="/fleet?host=seed")
    expect(page.locator("#detail-figures [data-value=cpu]")).to_have_text("12.3 %")
    expect(page.locator("#detail-figures [data-value=memory]")).to_have_text("–")
    expect(page.locator("#modes")).to_be_hidden()
    expect(page.locator("#top-processes")).to_contain_text("This client sends only a percentage")
    expect(page.locator("#facts")).not_to_contain_text("null")


def test_a_host_that_becomes_silent_while_it_is_shown(fleet, page):
    feed = fleet(local("hub"), one("web", 80), address="/fleet?host=web")
    state = page.locator(".detail-state")
    expect(state).to_have_text("live")
    feed.publish(local("hub"), one("web", 80, "lost", connected=True))
    expect(state).to_have_text("lost")
    expect(state).to_have_attribute("title", "No sample for 5 min; its connection is still open")
    expect(page.locator(".section-note")).to_have_text("From the newest sample that arrived.")


def test_a_host_shows_only_its_own_alerts(fleet, page):
    feed = fleet(local("hub"), one("web", 80, alerts=["cpu"]), address="/livez")
    firing = {"rule": "cpu", "state": "firing", "since": "2025-06-01T11:50:00Z", "seconds": 600,
              "condition": "CPU above 75 %", "suspects": [{"name": "nginx"}]}
    feed.alerts = {"active": [{**firing, "host": "web"}, {**firing, "host": "other", "rule": "theirs"}],
                   "recent": [{**firing, "host": None, "rule": "ours", "until": "2025-06-01T11:55:00Z"}], "rules": []}
    page.goto(page.url.replace("/livez", "/fleet?host=web"))
    item = page.locator("#detail-alerts li")
    expect(item).to_have_count(1)
    expect(item).to_contain_text("firing cpu CPU above 75 %")
    expect(item.locator(".alert-time")).to_contain_text(re.compile(r"^Jun 1, 2025, .*50, for 10 min$"))
    expect(item).to_contain_text("Suspects: nginx")


def test_the_keyboard_does_everything(fleet, page):
    fleet(*some_hosts())
    expect(names(page)).to_have_count(6)
    page.keyboard.press("h")
    expect(names(page)).to_have_count(3)
    page.keyboard.press("h")
    page.keyboard.press("n")
    expect(names(page).first).to_have_text("cool")
    page.keyboard.press("p")
    expect(names(page).first).to_have_text("hot")
    page.keyboard.press("/")
    expect(page.locator("#filter")).to_be_focused()
    names(page).first.focus()
    page.keyboard.press("ArrowDown")
    expect(names(page).nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#detail-name")).to_have_text("warm")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def test_five_thousand_hosts_need_few_rows_and_all_are_reachable(fleet, page):
    fleet(*[one(f"host-{number:04}", number % 100) for number in range(5000)])
    expect(value(page, "total")).to_have_text("5\u202f000")
    expect(page.locator("#hosts-table")).to_have_attribute("aria-rowcount", "5001")
    assert page.locator(".host").count() < 60
    page.keyboard.press("n")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator(".host[data-key=host-4999]")).to_be_visible()
    expect(page.locator(".host[data-key=host-4999] .spark-line")).to_have_attribute("d", re.compile("^M0"))
    page.locator(".host[data-key=host-4990] .host-link").click()
    expect(page.locator("#detail-name")).to_have_text("host-4990")
    page.go_back()
    expect(page.locator(".host[data-key=host-4990]")).to_be_in_viewport()


def test_no_width_scrolls_sideways(fleet, page):
    fleet(*some_hosts(), *[one(name, 1, alerts=["a-rule-of-many-words"]) for name in HOSTILE])
    expect(names(page).first).to_be_visible()
    for address in ("/fleet", "/fleet?host=" + "x" * 253, "/fleet?host=nobody"):
        page.goto(re.sub("/fleet.*", address, page.url))
        expect(page.locator("#pulse")).to_have_text("Live")
        for width in (320, 390, 600, 820, 1100, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)


def test_a_finger_can_hit_every_control(server, open_page):
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    FakeFleet(page, *some_hosts())
    page.goto(f"{server.url}/fleet")
    expect(names(page).first).to_be_visible()
    controls = page.locator(".masthead :is(a, button), .toolbar :is(input[type=search], input[type=number], label), "
                            "thead button, .host")
    heights = [control.bounding_box()["height"] for control in controls.all() if control.is_visible()]
    assert len(heights) >= 12
    assert min(heights) >= 44
    row = page.locator(".host[data-key=edge]")
    expect(row.locator(".name-more .host-state")).to_have_text("stale 12 s")
    expect(row.locator(".spark")).to_be_visible()


def test_both_pages_link_to_each_other(fleet, page, server):
    fleet(*some_hosts())
    page.get_by_role("link", name="This host").click()
    expect(page).to_have_url(re.compile("/stats$"))
    page.get_by_role("link", name="Fleet").click()
    expect(page).to_have_url(re.compile("/fleet$"))
