"""Sums up a report of the Autobahn test suite; exits with 1 if a case failed."""

import collections
import json
import sys

GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}


def main(path):
    with open(path) as file:
        (cases,) = json.load(file).values()
    failed = [
        f"case {name}: {case['behavior']}, close {case['behaviorClose']}"
        for name, case in cases.items()
        if not {case["behavior"], case["behaviorClose"]} <= GOOD
    ]
    behaviors = collections.Counter(case["behavior"] for case in cases.values())
    summary = ", ".join(f"{count} {name}" for name, count in behaviors.most_common())
    print(f"{len(cases)} cases: {summary}, {len(failed)} failed")
    for line in failed:
        print(line)
    return 1 if failed or not cases else 0


sys.exit(main(sys.argv[1]))
