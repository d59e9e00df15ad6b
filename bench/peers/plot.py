"""Draw what `run.py` measured, in colours that read on light and on dark pages.

Usage: python -m bench.peers.plot FIGURES.json PICTURE.svg
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from bench.peers.run import TITLES
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

INK = "#7b8490"
COLOURS = "#14a38b", "#3b82f6", "#e07b1a"
OTHER = "#c2569b"
STEP = 0.24


def main(figures: Path, picture: Path) -> None:
    report = json.loads(figures.read_text(encoding="utf-8"))
    mpl.rcParams.update(
        {
            **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "svg.hashsalt": "peers",
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
        }
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), width_ratios=(1.25, 1), layout="constrained")
    _peers(left, report["sizes"])
    _growth(right, report["sizes"])
    figure.savefig(picture, transparent=True, metadata={"Date": None} if picture.suffix == ".svg" else None)


def _peers(axes: Axes, sizes: dict[str, Any]) -> None:
    shown = [peer for peer in TITLES if any(peer in found["peers"] for found in sizes.values())]
    for number, (size, found) in enumerate(sizes.items()):
        rows = [(at, found["peers"][peer]) for at, peer in enumerate(shown) if peer in found["peers"]]
        heights = [at + (number - 1) * STEP for at, _ in rows]
        middle = [row["p50_us"] / 1000 for _, row in rows]
        worst = [row.get("p99_us", row["p50_us"]) / 1000 for _, row in rows]
        axes.hlines(heights, middle, worst, color=COLOURS[number], linewidth=2, alpha=0.55)
        axes.plot(middle, heights, "o", color=COLOURS[number], markersize=6, label=f"{int(size):,}")
        axes.plot(worst, heights, "|", color=COLOURS[number], markersize=8, markeredgewidth=2)
    axes.set_yticks(range(len(shown)), [TITLES[peer] for peer in shown])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_xlabel("milliseconds a request")
    axes.set_title("One request ranked: median (dot) to 99th percentile (bar)")
    axes.grid(axis="x", alpha=0.25)
    axes.legend(title="supporters", frameon=False, loc="upper right")


def _growth(axes: Axes, sizes: dict[str, Any]) -> None:
    engine = [found["by_candidates"]["engine"] for found in sizes.values()]
    for rows, colour in zip(engine, COLOURS, strict=False):
        _line(axes, rows, colour)
    _name(axes, engine[-1][-1], f"{TITLES['engine']}, each size", 8)
    size, found = list(sizes.items())[-1]
    for peer, style, above in (("cells", "-", -112), ("box", "--", 8)):
        rows = found["by_candidates"].get(peer, [])
        if rows:
            _line(axes, rows, OTHER, style)
            _name(axes, rows[-1], f"{TITLES[peer]},\n{int(size):,}", above)
    axes.set_ylim(0, axes.dataLim.ymax * 1.15)
    axes.set_xlim(left=0)
    axes.set_xlabel("supporters within 3 km")
    axes.set_ylabel("milliseconds, median")
    axes.set_title("What more candidates cost")
    axes.grid(alpha=0.25)


def _line(axes: Axes, rows: list[dict[str, float]], colour: str, style: str = "-") -> None:
    x, y = [row["candidates"] for row in rows], [row["us"] / 1000 for row in rows]
    axes.plot(x, y, style, marker="o", markersize=4, color=colour)


def _name(axes: Axes, end: dict[str, float], name: str, above: int) -> None:
    at = end["candidates"], end["us"] / 1000
    axes.annotate(name, at, (4, above), textcoords="offset points", ha="right", fontsize=9)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
