"""Filter, switches, pause, keys, and stored settings."""

from feeds import at, names, process
from playwright.sync_api import expect


def test_the_filter_matches_name_pid_and_owner(stats):
    page = stats(process("mysql", 9, pid=7701), process("postgresql", 8, pid=12),
                 process("shell", 7, pid=13, user="ana"))
    for text, shown in {
        "SQL": ["mysql", "postgresql"], "77": ["mysql"], "ana": ["shell"],
        "sql post": ["postgresql"], "(.*": [],
    }.items():
        page.locator("#filter").fill(text)
        expect(names(page)).to_have_text(shown)
        expect(page.locator("[data-value=shown]")).to_have_text(f"{len(shown)} of 3 shown")
        expect(page.locator("#empty")).to_be_visible(visible=not shown)


def test_the_way_back_from_an_empty_table(stats):
    page = stats(process("one", 9))
    page.locator("#filter").fill("nothing")
    expect(page.locator("#empty")).to_contain_text("No process matches")
    page.get_by_role("button", name="Show all processes").click()
    expect(names(page)).to_have_text(["one"])
    expect(page.locator("#filter")).to_be_focused()


def test_kernel_threads_are_hidden_by_default(stats):
    page = stats(process("daemon", 9), process("kworker/0:1", 5, kernel=True))
    expect(names(page)).to_have_text(["daemon"])
    page.get_by_label("Hide kernel threads").uncheck()
    expect(names(page)).to_have_text(["daemon", "kworker/0:1"])


def test_idle_processes_are_shown_by_default(stats):
    page = stats(process("busy", 9), process("idle", 0), process("unknown", None))
    expect(names(page)).to_have_text(["busy", "idle", "unknown"])
    page.get_by_label("Hide idle").check()
    expect(names(page)).to_have_text(["busy", "unknown"])


def test_now_and_average_are_two_measures(stats):
    page = stats(process("steady", 10), process("burst", 1, user_now=90.0, sys_now=2.5))
    expect(names(page)).to_have_text(["steady", "burst"])
    page.get_by_label("Now").check()
    expect(names(page)).to_have_text(["burst", "steady"])
    expect(page.locator(".process .total-value").first).to_have_text("92.50")


def test_a_process_whose_children_work_is_not_idle(stats):
    page = stats(process("make", 0, children_user_avg=90.0), process("idle", 0))
    page.get_by_label("Hide idle").check()
    expect(names(page)).to_have_text(["make"])
    page.get_by_label("Now").check()
    expect(names(page)).to_have_text(["make"])


def test_a_paused_page_is_frozen_but_sorts_and_filters(stats, feed):
    one, two = process("one", 80), process("two", 20)
    page = stats(one, two)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#paused-notice")).to_be_visible()
    expect(page.locator("#pulse")).to_have_text("Paused")

    feed.publish(at(one, 1), at(two, 2))
    asked = feed.requests
    page.wait_for_event("requestfinished", lambda request: feed.requests > asked)
    expect(page.locator(".process .total-value")).to_have_text(["80.00", "20.00"])
    page.locator("th[data-column=total] button").click()
    expect(page.locator(".process .total-value")).to_have_text(["20.00", "80.00"])
    page.locator("#filter").fill("one")
    expect(page.locator(".process .total-value")).to_have_text(["80.00"])

    page.locator("#paused-notice").get_by_role("button", name="Resume").click()
    expect(page.locator(".process .total-value")).to_have_text(["1.00"])
    expect(page.locator("#paused-notice")).to_be_hidden()


def test_settings_are_stored_and_the_filter_is_in_the_address(stats):
    page = stats(process("one", 80), process("two", 20), process("kthreadd", 0, kernel=True))
    page.locator("th[data-column=name] button").click()
    page.get_by_label("Hide kernel threads").uncheck()
    page.get_by_label("Now").check()
    page.locator("#filter").fill("e")
    page.reload()
    expect(names(page)).to_have_text(["kthreadd", "one"])
    expect(page.locator("#filter")).to_have_value("e")
    expect(page.get_by_label("Now")).to_be_checked()
    expect(page.locator("th[data-column=name]")).to_have_attribute("aria-sort", "ascending")
    assert page.url.endswith("#filter=e")


def test_corrupt_stored_settings_are_ignored(stats, page):
    page.add_init_script("""localStorage.setItem('top-server',
      '{"sortColumn": "constructor", "basis": 7, "theme": "<b>"}')""")
    stats(process("one", 80), process("two", 90))
    expect(names(page)).to_have_text(["two", "one"])


def test_the_page_works_without_storage(stats, page):
    page.add_init_script("""Object.defineProperty(window, 'localStorage',
      { get() { throw new DOMException('denied', 'SecurityError') } })""")
    stats(process("one", 80), process("two", 90))
    page.locator("th[data-column=name] button").click()
    expect(names(page)).to_have_text(["one", "two"])


def test_keys(stats):
    page = stats(process("b", 80, rss_bytes=1, pid=2), process("a", 20, rss_bytes=9, pid=1),
                 process("k", 10, kernel=True, pid=3))
    page.keyboard.press("m")
    expect(names(page)).to_have_text(["a", "b"])
    page.keyboard.press("P")
    expect(names(page)).to_have_text(["b", "a"])
    page.keyboard.press("n")
    expect(names(page)).to_have_text(["a", "b"])
    page.keyboard.press("k")
    expect(names(page)).to_have_text(["a", "b", "k"])
    page.keyboard.press("Space")
    expect(page.locator("#paused-notice")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#paused-notice")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and display")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#filter")).to_be_focused()


def test_keys_are_letters_inside_the_filter(stats):
    page = stats(process("pm k", 80), process("other", 90))
    page.keyboard.press("/")
    page.keyboard.type("pm k")
    expect(page.locator("#filter")).to_have_value("pm k")
    expect(names(page)).to_have_text(["pm k"])
    expect(page.locator("#paused-notice")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#filter")).to_have_value("")


def test_the_space_bar_belongs_to_the_control_in_focus(stats):
    page = stats(process("one", 80))
    page.get_by_label("Hide idle").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Hide idle")).to_be_checked()
    page.locator("th[data-column=name] button").focus()
    page.keyboard.press("Space")
    expect(page.locator("th[data-column=name]")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("#paused-notice")).to_be_hidden()


def test_single_keys_can_be_switched_off(stats):
    page = stats(process("one", 80), process("k", 10, kernel=True))
    page.keyboard.press("?")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("k")
    page.get_by_role("button", name="Keys and display").click()
    page.get_by_label("Single-key shortcuts").check()
    expect(names(page)).to_have_text(["one"])
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("k")
    expect(names(page)).to_have_text(["one", "k"])


def test_a_setting_is_announced_and_a_sample_is_not(stats, feed):
    one, two = process("one", 80), process("two", 20)
    page = stats(one, two)
    announcer = page.locator("#announcer")
    feed.publish(at(one, 70), at(two, 20), process("three", 1))
    expect(names(page)).to_have_count(3)
    expect(announcer).to_have_text("")
    page.locator("#filter").fill("tw")
    expect(announcer).to_have_text("1 process shown, sorted by total, descending, live")
