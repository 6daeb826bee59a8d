"""How soon a finished run is noticed, and after how many polls.

`python -m tests.bench.bench_polling`. Virtual time: run times are drawn, polls follow
`bot.domain.pacing` as the worker does.
"""

import random
from math import exp, log
from statistics import median, quantiles

from bot.domain.pacing import next_poll

MEDIAN_RUN = 46.0
RUNS = 20_000


def poll(run: float) -> tuple[int, float]:
    """Count the polls of one run, and the seconds from its end to the poll that sees it."""
    at, polls = 0.0, 0
    while at < run:
        at += next_poll(at, MEDIAN_RUN)
        polls += 1
    return polls, at - run


def main() -> None:
    print("run times lognormal around 46 s; targets at sigma 0.2: polls <= 8, 1.0 s, 2.5 s")
    print("sigma   polls (median)   noticed after p50 / p95")
    for sigma in (0.2, 0.6):
        dice = random.Random(46)
        drawn = [poll(exp(dice.gauss(log(MEDIAN_RUN), sigma))) for _ in range(RUNS)]
        late = quantiles([after for _, after in drawn], n=100)
        polls = median(count for count, _ in drawn)
        print(f"{sigma:>5}   {polls:>14.0f}   {late[49]:.2f} s / {late[94]:.2f} s")


if __name__ == "__main__":
    main()
