"""Twilio's SDK as it comes, in a bare loop of threads; `python -m bench.peers.sdk_loop SECONDS THREADS` prints how many calls it made."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from bench.peers.calls import call


def loop(seconds: float) -> int:
    """Call until the time is over."""
    call("warm")
    ends, done = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        call("job")
        done += 1
    return done


if __name__ == "__main__":
    seconds, threads = float(sys.argv[1]), int(sys.argv[2])
    with ThreadPoolExecutor(threads) as hands:
        print(sum(hands.map(loop, [seconds] * threads)))
