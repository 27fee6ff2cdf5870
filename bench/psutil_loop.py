"""A peer: the cost of a monitor in Python, written as well as psutil allows."""

import time

import psutil

due = time.monotonic()
while True:
    for process in psutil.process_iter(["cpu_times", "name", "status"]):
        process.info  # noqa: B018 — read, as a monitor would
    due = max(due + 1, time.monotonic())
    time.sleep(due - time.monotonic())
