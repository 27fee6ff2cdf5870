"""The page's logic without its page: text and numbers as they are shown."""

import pytest


@pytest.fixture(scope="module")
def call(server, browser):
    """Calls an exported function of a module: `call("format.js", "formatBytes", 12)`."""
    page = browser.new_page()
    page.goto(f"{server.url}/stats")
    yield lambda module, function, *arguments: page.evaluate(
        "async ([module, name, values]) => (await import(`/${module}`))[name](...values)",
        [module, function, list(arguments)])
    page.close()


@pytest.mark.parametrize("name, shown", [
    ("plain", "plain"),
    ("Ünï-日本", "Ünï-日本"),
    ("a\nb\tc", "a↵b⇥c"),
    ("\x1b[31mred", "‹U+001B›[31mred"),
    ("\x7f\x85", "‹U+007F›‹U+0085›"),
    ("\u202eevil\u2066", "‹U+202E›evil‹U+2066›"),
    ("zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"),
    ("tag\U000e0041", "tag‹U+E0041›"),
    ("", "(empty)"),
    ("  ", "␣␣"),
])
def test_nothing_in_a_name_stays_hidden(call, name, shown):
    assert call("format.js", "visibleText", name) == shown


@pytest.mark.parametrize("count, shown", [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 KiB"), (4096, "4.0 KiB"), (150 * 2**20, "150 MiB"),
    (1023 * 2**20, "1.0 GiB"), (3.5 * 2**30, "3.5 GiB"), (5000 * 2**40, "5000 TiB"), (None, "–"),
])
def test_bytes(call, count, shown):
    assert call("format.js", "formatBytes", count) == shown


@pytest.mark.parametrize("count, budget, shown", [
    (12 * 2**20, 256 * 2**20, "12.0 of 256 MiB"), (0, 4 * 2**20, "0.0 of 4.0 MiB"),
    (300 * 2**20, 2 * 2**30, "0.3 of 2.0 GiB")])
def test_bytes_of_a_budget(call, count, budget, shown):
    assert call("format.js", "formatBytesOf", count, budget) == shown


@pytest.mark.parametrize("percent, shown", [
    (100, "100.0 %"), (99.99, "99.9 %"), (99.8, "99.8 %"), (0, "0.0 %")])
def test_coverage_never_flatters(call, percent, shown):
    assert call("format.js", "formatCoverage", percent) == shown


def test_options_of_a_sentence_are_told_from_its_words(call):
    pieces = call("ledger.js", "splitOptions", "use --pid=host, or --proc.")
    assert [(piece["text"], piece["isOption"]) for piece in pieces] == [
        ("use ", False), ("--pid=host", True), (", or ", False), ("--proc", True), (".", False)]


@pytest.mark.parametrize("system", [None, {}, {"ledger": {"now": None, "window": None}}])
def test_no_figures_are_made_up(call, system):
    for read in ("readLedger", "readModes", "readOwnCost"):
        assert call("ledger.js", read, system, "average") is None
    assert call("ledger.js", "readGap", system) is None


@pytest.mark.parametrize("seconds, shown", [
    (0.2, "< 1 s"), (1, "1 s"), (119.9, "119 s"), (120, "2 min"), (7200, "2 h"), (172_799, "47 h"),
    (172_800, "2 d")])
def test_spans(call, seconds, shown):
    assert call("format.js", "formatSpan", seconds) == shown


@pytest.mark.parametrize("seconds, shown", [
    (1.0003, "1 s"), (0.97, "1 s"), (0.1, "0.1 s"), (2.5, "2.5 s"), (59.98, "60 s")])
def test_measured_lengths(call, seconds, shown):
    assert call("format.js", "formatSeconds", seconds) == shown


@pytest.mark.parametrize("percent, level", [
    (None, 0), (9.99, 0), (10, 1), (50, 2), (70, 3), (90, 4), (800, 4)])
def test_heat(call, percent, level):
    assert call("format.js", "heatLevel", percent) == level


def test_counts_are_grouped(call):
    assert call("format.js", "formatCount", 1234567) == "1\u202f234\u202f567"
