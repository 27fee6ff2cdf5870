"""Clients with many different queries delay neither the samples nor each other without bound."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from answers import ALL_COLUMNS, assert_problem, content, strict_json
from harness import Server, wait_until
from proc_tree import ProcTree

PROCESSES = 1500


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """A server of a machine whose table is expensive."""
    tree = ProcTree(tmp_path_factory.mktemp("proc"))
    for pid in range(1, PROCESSES + 1):
        tree.put(pid, name=f"worker-{pid}".encode(), start=100 + pid)
    with Server("--interval", "1", "--proc", str(tree.root)) as running:
        yield running


def sequence(server) -> int:
    return server.json("/system")["sequence"]


def test_sixty_repeated_queries_delay_no_sample(busy):
    stop = threading.Event()
    troubles = []

    def ask(first: int):
        number = 0
        while not stop.is_set():
            number += 1
            response = busy.request(
                f"/cpu_usage?fields=all&sort=start_time&limit={100_000 + (first + number) % 60}",
                headers={"Accept-Encoding": "gzip" if number % 2 else "identity"})
            if response.status != 200 or len(strict_json(content(response))) != PROCESSES:
                troubles.append((response.status, response.body[:200]))

    threads = [threading.Thread(target=ask, args=(20 * first,)) for first in range(3)]
    for thread in threads:
        thread.start()
    try:
        begin = sequence(busy)

        def ready():
            response = busy.request("/readyz")
            assert response.status == 200, response.body
            return sequence(busy) >= begin + 8
        wait_until(ready, timeout=60)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not troubles


def test_each_of_many_simultaneous_queries_is_answered(busy):
    """Whole tables, in every possible form, all at the same time; a small query among them is answered too."""
    targets = [f"/cpu_usage?fields=all&sort={sort}&limit={limit}"
               for sort in ALL_COLUMNS for limit in range(100_000, 100_006)]
    with ThreadPoolExecutor(64) as pool:
        replies = [pool.submit(busy.request, target, headers={"Accept-Encoding": "gzip"}) for target in targets]
        assert busy.request("/livez").status == 200
        assert busy.request("/cpu_usage?limit=1").status == 200
        for reply in replies:
            assert reply.result().status == 200
            assert len(strict_json(content(reply.result()))) == PROCESSES
    assert busy.request("/readyz").status == 200


def test_spellings_of_one_query_share_one_answer(busy):
    columns = ",".join(ALL_COLUMNS)
    spellings = ["fields=all&sort=name", "sort=name&fields=all", f"fields={columns}&sort=name",
                 f"sort=n%61me&fields={quote(columns)}", "fields=all&sort=name&order=asc", "&&fields=all&sort=name&",
                 "fields=all&sort=name&min_cpu=0", "fields=all&sort=name&name="]

    def same():
        replies = [busy.request(f"/cpu_usage?{spelling}") for spelling in spellings]
        assert {reply.status for reply in replies} == {200}
        # All of one sample, although the next one may arrive in between.
        return len({reply.headers["X-Sequence"] for reply in replies}) == 1 and replies
    replies = wait_until(same)
    assert len({reply.body for reply in replies}) == 1


@pytest.mark.parametrize("target", ["/system?x", "/system?x=1", "/cpu_usage?x=1", "/cpu_usage?limit=0", "/hosts?x=1"])
def test_a_bad_query_is_refused_each_time(busy, target):
    for _ in range(3):
        assert_problem(busy.request(target), 400)


def test_a_sample_says_how_many_were_skipped(busy):
    own = busy.json("/system")["self"]
    assert own["skipped_samples_total"] >= 0
    assert own["sample_lag_seconds"] >= 0
