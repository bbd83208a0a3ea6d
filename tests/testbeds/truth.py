#!/usr/bin/env python3
"""The load at which a share of Poisson arrivals is refused, by simulation (M/D/c with a bounded queue).

usage: truth.py SERVERS SERVICE_MS PLACES [SHARE] [DEADLINE_MS]
PLACES: how many may wait. SHARE: 0.01 unless told. DEADLINE_MS: who would wait longer is refused at once.
"""
import heapq
import random
import sys


def refused_share(rate, servers, service, places, deadline, arrivals=400_000, seed=7):
    draw = random.Random(seed)
    free, starts, now, refused = [0.0] * servers, [], 0.0, 0
    for _ in range(arrivals):
        now += draw.expovariate(rate)
        while starts and starts[0] <= now:
            heapq.heappop(starts)
        earliest = free[0]
        if earliest <= now:
            heapq.heapreplace(free, now + service)
        elif len(starts) >= places or earliest - now > deadline:
            refused += 1
        else:
            heapq.heapreplace(free, earliest + service)
            heapq.heappush(starts, earliest)
    return refused / arrivals


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    servers, service, places = int(sys.argv[1]), float(sys.argv[2]) / 1000, int(sys.argv[3])
    share = float(sys.argv[4]) if len(sys.argv) > 4 else 0.01
    deadline = float(sys.argv[5]) / 1000 if len(sys.argv) > 5 else float("inf")
    low, high = 0.3 * servers / service, 1.2 * servers / service
    for _ in range(11):
        middle = (low + high) / 2
        if refused_share(middle, servers, service, places, deadline) > share:
            high = middle
        else:
            low = middle
    print(f"{(low + high) / 2:.1f}")


main()
