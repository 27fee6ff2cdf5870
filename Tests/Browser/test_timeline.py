"""The rows behind the charts: what was recorded and what was seen become one line without lies."""

import pytest

MAKE = """async ([names, scale, acts]) => {
  const { makeTimeline } = await import('/timeline.js');
  const timeline = makeTimeline(names, scale);
  for (const [act, argument] of acts) timeline[act](argument);
  return timeline.rows().map(({ time, values, count }) => [time, ...values, count]);
}"""


@pytest.fixture(scope="module")
def modules(server, browser):
    """A page whose policy lets it import our modules."""
    page = browser.new_page()
    page.goto(f"{server.url}/stats")
    yield page
    page.close()


@pytest.fixture
def rows(modules):
    """The rows of a timeline after some acts: `rows(seen(1, 5), recorded([1, 2], [3, 4]), step=0)`."""
    def make(*acts, names=("a",), step=0, spacing=1000, reach=60_000):
        scale = {"step": step, "spacing": spacing, "reach": reach}
        return modules.evaluate(MAKE, [list(names), scale, [list(act) for act in acts]])
    return make


def seen(seconds: float, *values):
    return "add", {"time": round(seconds * 1000), "values": list(values)}


def recorded(times: list[float], values: list, to: str = "1970-01-01T01:00:00Z", step: float = 1):
    return "fill", {"times": times, "series": {"a": values}, "step_seconds": step, "to": to}


def test_what_was_seen_follows_what_was_recorded(rows):
    assert rows(seen(12, 7), recorded([10, 11, 12], [1, 2, 3]), seen(13, 8)) == [
        [10_000, 1, 1], [11_000, 2, 1], [12_000, 3, 1], [13_000, 8, 1]]


def test_nothing_seen_is_lost_when_nothing_was_recorded(rows):
    assert rows(seen(1, 1), seen(2, 2), recorded([], [])) == [[1000, 1, 1], [2000, 2, 1]]


def test_a_hole_in_what_was_seen_is_a_gap(rows):
    assert rows(seen(1, 1), seen(2, 2), seen(9, 3)) == [
        [1000, 1, 1], [2000, 2, 1], [3000, None, 0], [9000, 3, 1]]


def test_a_late_sample_is_no_gap(rows):
    assert len(rows(seen(1, 1), seen(3.4, 2))) == 2


def test_a_hole_is_filled_by_what_was_recorded(rows):
    assert rows(seen(1, 1), seen(4, 4), recorded([1, 2, 3, 4], [1, 2, 3, 4])) == [
        [1000, 1, 1], [2000, 2, 1], [3000, 3, 1], [4000, 4, 1]]


def test_a_gap_of_the_recorder_stays_unless_it_was_seen(rows):
    times, values = [1, 2, 3, 6], [1, 2, None, 6]
    assert [3000, None, 0] in rows(recorded(times, values))
    assert rows(seen(3, 3), seen(4, 4), seen(5, 5), recorded(times, values)) == [
        [second * 1000, second, 1] for second in (1, 2, 3, 4, 5, 6)]


def test_coarse_history_is_no_row_of_gaps(rows):
    """What is old was thinned: its points lie farther apart than samples do."""
    assert [row[0] for row in rows(recorded([10, 20, 30], [1, 2, 3]))] == [10_000, 20_000, 30_000]


def test_samples_are_gathered_into_stretches(rows):
    assert rows(seen(10, 1), seen(12, 3), seen(19.9, 5), seen(20, 7), step=10_000) == [
        [10_000, 3, 3], [20_000, 7, 1]]


def test_a_recorded_stretch_goes_on_with_its_weight(rows):
    to = "1970-01-01T00:00:13Z"
    assert rows(recorded([0, 10], [9, 3], to=to, step=10), seen(13, 7), step=10_000) == [
        [0, 9, 10], [10_000, 4, 4]]


def test_the_greatest_is_not_a_mean(rows):
    names = ("a", "b:max")
    assert rows(seen(10, 1, 1), seen(12, 3, 9), seen(13, 2, 2), names=names, step=10_000) == [
        [10_000, 2, 9, 3]]


def test_what_is_not_known_is_left_out_of_the_mean(rows):
    assert rows(seen(10, None), seen(12, 3), step=10_000)[0][1] == 3


def test_a_clock_that_was_set_back_leaves_no_rows_in_the_future(rows):
    assert [row[0] for row in rows(seen(100, 1), seen(101, 2), seen(50, 3), seen(51, 4))] == [
        50_000, 51_000]


def test_old_rows_go(rows):
    assert rows(*[seen(second, 0) for second in range(200)])[0][0] == 199_000 - 61_000


@pytest.mark.parametrize("time, index", [
    (0, 0), (10_000, 0), (14_999, 0), (15_001, 1), (20_000, 1), (99_000, 2)])
def test_the_nearest_row(modules, time, index):
    assert modules.evaluate(
        """async (time) => (await import('/timeline.js')).nearestRow(
             [10_000, 20_000, 30_000].map((moment) => ({ time: moment })), time)""", time) == index
