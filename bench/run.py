#!/usr/bin/env python3
"""Measures the release build beside its peers and prints ratios; it does not pass or fail.

Everything runs on this machine's loopback and ends with this program. Figures vary by 10 to 30 %
between runs and machines; compare the ratios within one run.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys

import accuracy_bench
import compile_bench
import events_bench
import fleet_bench
import history_bench
import http_bench
import memory_bench
import peers
import recorder_bench
import report_bench
import sampling_bench
from support import BenchError, machine

SUBJECTS = {"http": http_bench.run, "sampling": sampling_bench.run, "accuracy": accuracy_bench.run,
            "compile": compile_bench.run, "memory": memory_bench.run, "recorder": recorder_bench.run,
            "report": report_bench.run, "events": events_bench.run, "fleet": fleet_bench.run,
            "history": history_bench.run}


def main() -> int:
    options = parse_arguments()
    # SIGTERM unwinds like Ctrl-C, so that every started program ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        facts = machine()
        for name, value in facts.items():
            print(f"{name}: {value}")
        results = {subject: SUBJECTS[subject](options) for subject in options.only}
        if options.json:
            with open(options.json, "w") as file:
                json.dump({"machine": facts, **results}, file, indent=2)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=subjects, default=list(SUBJECTS), metavar="SUBJECT[,…]",
                        help=f"of {', '.join(SUBJECTS)} (default: all)")
    parser.add_argument("--seconds", type=positive,
                        help="length of each measurement (default: 5 for http and report, 300 for recorder, 60 for the others)")
    parser.add_argument("--rounds", type=positive, default=3, help="http, report: runs of each (3)")
    parser.add_argument("--processes", type=counts, default=[100, 1_000, 5_000, 10_000, 30_000],
                        metavar="N[,…]", help="sampling: sleeping processes (100,1000,5000,10000,30000)")
    parser.add_argument("--peers", type=peer_names, default=list(peers.PEERS), metavar="PEER[,…]",
                        help=f"sampling: of {', '.join(peers.PEERS)} (default: all)")
    parser.add_argument("--agents", type=counts, default=[100, 1_000, 5_000], metavar="N[,…]",
                        help="fleet: agents on loopback (100,1000,5000)")
    parser.add_argument("--json", metavar="FILE", help="also write every figure to FILE")
    options = parser.parse_args()
    options.http_seconds = options.seconds or 5
    options.visible_sweeps = min(options.seconds or 30, 30)
    options.sampling_seconds = options.seconds or 60
    options.accuracy_seconds = options.seconds or 60
    options.fleet_seconds = options.seconds or 60
    options.events_seconds = options.seconds or 60
    options.recorder_seconds = options.seconds or 300
    return options


def subjects(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(SUBJECTS):
        raise argparse.ArgumentTypeError(f"no subject {', '.join(sorted(unknown))}")
    return names


def peer_names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(peers.PEERS):
        raise argparse.ArgumentTypeError(f"no peer {', '.join(sorted(unknown))}")
    return names


def counts(text: str) -> list[int]:
    return [positive(part) for part in text.split(",")]


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
