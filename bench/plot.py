#!/usr/bin/env python3
"""Draws the cost of sampling against the number of processes, from the figures of one or more runs.

    python3 bench/run.py --only sampling --json run.json
    python3 bench/plot.py run.json            # docs/images/cost-light.svg and cost-dark.svg

Needs matplotlib (python3-matplotlib).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
OURS = "topserver"
THEMES = {
    "light": {"ink": "#1f2328", "quiet": "#6e7781", "grid": "#d8dee4", "ours": "#0969da"},
    "dark": {"ink": "#e6edf3", "quiet": "#8d96a0", "grid": "#30363d", "ours": "#4493f8"},
}
MARKERS = {OURS: "o", "top": "s", "htop": "^", "psutil": "v", "Glances": "D", "process-exporter": "P"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, help="files that bench/run.py --json wrote")
    costs = collect([json.loads(run.read_text()) for run in parser.parse_args().runs])
    # The same figures give the same files.
    plt.rcParams.update({"svg.hashsalt": "cost", "svg.fonttype": "none", "font.family": "sans-serif"})
    for name, colours in THEMES.items():
        draw(costs, colours, IMAGES / f"cost-{name}.svg")


def collect(runs: list[dict]) -> dict[str, list[tuple[int, float]]]:
    """For each program: processes, and milliseconds of CPU a second, the median of all minutes with that number."""
    seen: dict[str, dict[int, list[tuple[int, float]]]] = {}
    for run in runs:
        for minute in run["sampling"]["minutes"]:
            for name, cpu in minute["cpu_seconds"].items():
                point = (minute["processes"], cpu / minute["elapsed_seconds"] * 1000)
                seen.setdefault(name, {}).setdefault(minute["sleepers"], []).append(point)
    return {name: [tuple(median(column) for column in zip(*points))
                   for _, points in sorted(by_count.items())]
            for name, by_count in seen.items()}


def draw(costs: dict, colours: dict[str, str], file: Path):
    figure, axes = plt.subplots(figsize=(7.2, 4.4))
    for name, points in costs.items():
        is_ours = name == OURS
        axes.plot(*zip(*points), marker=MARKERS.get(name, "x"), markersize=5,
                  color=colours["ours"] if is_ours else colours["quiet"],
                  linewidth=2.4 if is_ours else 1.0, zorder=3 if is_ours else 2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    # The scale is fixed before labels are moved apart on it.
    axes.margins(x=0.18)
    figure.canvas.draw()
    for name, offset in label_offsets(axes, costs).items():
        is_ours = name == OURS
        axes.annotate("Top-Server" if is_ours else name, costs[name][-1], xytext=(8, offset),
                      textcoords="offset points", va="center",
                      color=colours["ours"] if is_ours else colours["ink"],
                      fontweight="bold" if is_ours else "normal", fontsize=9)
    axes.set_xlabel("processes", color=colours["ink"])
    axes.set_ylabel("milliseconds of CPU a second", color=colours["ink"])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.tick_params(colors=colours["ink"], which="both", length=0)
    axes.grid(True, which="major", color=colours["grid"], linewidth=0.7)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.savefig(file, transparent=True, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def label_offsets(axes, costs: dict) -> dict[str, float]:
    """How far each label moves up, in points, so that no two labels that begin at the same place overlap."""
    heights = {name: axes.transData.transform(points[-1]) for name, points in costs.items()}
    scale = 72 / axes.figure.dpi
    offsets, taken = {}, []
    for name, (x, y) in sorted(heights.items(), key=lambda item: item[1][1]):
        wanted = y * scale
        below = [top for place, top in taken if abs(place - x) < 1]
        height = max([wanted] + [top + 11 for top in below])
        offsets[name] = height - wanted
        taken.append((x, height))
    return offsets


if __name__ == "__main__":
    main()
