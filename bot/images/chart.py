"""The spending chart: bars for days, a line for the day's budget.

matplotlib is imported when something is drawn: the picture process, which knows this module too,
has to start small. `bot.images.charts` says in which process a chart is drawn.
"""

import json
import os
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from bot.domain.pictures import Picture
from bot.domain.spending import WEEK, Day, most
from bot.ui.texts import status

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 1200, 675
"""Pixels: sharp on a phone, which shows it some 350 points wide."""

_DPI = 150
_LARGE, _PLAIN = 23.0, 17.0  # points; 48 and 35 pixels
# opaque, so that it reads alike in Discord's dark and light theme
_PAPER, _INK, _FAINT, _RULE = "#1e1f22", "#f2f3f5", "#b5bac1", "#3f4147"
_BAR, _BUDGET = "#7984f5", "#f0b232"
_ROOM = 1.16  # above what is highest, for its amount
_SMALLEST = 100_000.0  # micro-dollars an axis spans at least


def chart(data: bytes) -> Picture:
    """Draw what `encode` wrote."""
    told = json.loads(data)
    days = [Day(date=date, amount=amount) for date, amount in told["days"]]
    png = draw(days, told["cap"])
    return Picture(data=png, content_type="image/png", width=WIDTH, height=HEIGHT)


def encode(days: Sequence[Day], cap: int) -> bytes:
    """Write a chart's figures for the process that draws it."""
    return json.dumps({"days": [[day.date, day.amount] for day in days], "cap": cap}).encode()


def draw(days: Sequence[Day], cap: int) -> bytes:
    """Draw a PNG of WIDTH × HEIGHT; days without a gap, oldest first, and the budget of a day."""
    # numpy would reserve memory for a thread a core
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see above
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    figure.text(0.035, 0.945, status.chart_title(days), size=_LARGE, color=_INK, va="top")
    axes = figure.add_axes((0.13, 0.14, 0.815, 0.655), facecolor=_PAPER)
    axes.bar(range(len(days)), [day.amount for day in days], width=0.72, color=_BAR, zorder=2)
    highest = most(days)
    _scale(axes, len(days), max(highest.amount if highest else 0, cap, _SMALLEST))
    axes.axhline(cap, color=_BUDGET, linewidth=2.5, dashes=(4, 2), zorder=4)
    figure.text(
        0.955, 0.932, status.chart_budget(cap), size=_PLAIN, color=_BUDGET, ha="right", va="top"
    )
    _label_days(axes, days)
    _label_most(axes, days, highest)
    png = BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue()


def _scale(axes: "Axes", count: int, top: float) -> None:
    """Lay out the axes: few amounts, faint rules, no frame."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415 - likewise

    middle, half = (count - 1) / 2, max(count, WEEK) / 2 + 0.2
    axes.set_xlim(middle - half, middle + half)
    axes.set_ylim(0, top * _ROOM)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda amount, _: status.chart_step(amount)))
    axes.tick_params(length=0, labelsize=_PLAIN, labelcolor=_FAINT, pad=9)
    axes.grid(axis="y", color=_RULE, linewidth=1, zorder=0)
    axes.spines[:].set_visible(False)
    axes.axhline(0, color=_FAINT, linewidth=1.5, zorder=3)


def _label_days(axes: "Axes", days: Sequence[Day]) -> None:
    """Name the last day and those whole weeks before it."""
    named = range(len(days) - 1, -1, -WEEK)
    axes.set_xticks(list(named), [status.chart_day(days[at].date) for at in named])


def _label_most(axes: "Axes", days: Sequence[Day], highest: Day | None) -> None:
    if highest is None:
        axes.text(
            0.5, 0.5, status.NOTHING_SPENT, size=_LARGE, color=_FAINT, ha="center", va="center",
            transform=axes.transAxes,
        )  # fmt: skip
        return
    place = (days.index(highest), highest.amount)
    axes.annotate(
        status.chart_amount(highest.amount), place, (0, 7), textcoords="offset points",
        size=_PLAIN, color=_INK, ha="center", va="bottom", zorder=5,
        bbox={"facecolor": _PAPER, "edgecolor": "none", "pad": 2},
    )  # fmt: skip
