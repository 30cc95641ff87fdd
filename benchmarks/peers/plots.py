"""Draws the ratios of a report beside their aims.

plots.py REPORT.json     writes ratios.svg beside it
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot


def draw(report: Path) -> None:
    ratios = json.loads(report.read_text())["ratios"]
    names = sorted(ratios, reverse=True)
    figure, axes = pyplot.subplots(figsize=(11, 1 + 0.32 * len(names)))
    for place, name in enumerate(names):
        ratio = ratios[name]
        met = ratio["aim"] is None or ratio["value"] >= ratio["aim"]
        axes.barh(place, ratio["value"], color="#4a7" if met else "#c84", height=0.6)
        axes.plot([ratio["low"], ratio["high"]], [place, place], color="#333", linewidth=1)
        if ratio["aim"] is not None:
            axes.plot([ratio["aim"]] * 2, [place - 0.4, place + 0.4], color="#000", linewidth=2)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xscale("log")
    axes.set_xlabel("ratio (bar: median; line: all rounds; black: aim)")
    figure.tight_layout()
    figure.savefig(report.with_name("ratios.svg"))


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
