#!/usr/bin/env python3
"""A soak: 16 printers, 50 viewers, and faults of everything for an hour. Called by scripts/soak; see its --help."""

import argparse
import asyncio
import contextlib
import pathlib
import random
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent / "judges"))

import parties
import plan
import verdicts
from conductor import Conductor
from stage import Stage


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--night", action="store_true")
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    seconds = 8 * 3600 if options.night else 60 * options.minutes
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = parties.ROOT / "target" / "soak" / time.strftime("%Y%m%d-%H%M%S")
    directory.mkdir(parents=True)
    print(f"seed {seed}, {seconds / 60:g} minutes, {directory.relative_to(parties.ROOT)}", flush=True)
    return asyncio.run(soak(seconds, seed, directory))


async def soak(seconds, seed, directory):
    chance = random.Random(seed)
    with contextlib.ExitStack() as scope, open(directory / "run.jsonl", "w", buffering=1) as journal:
        stage = Stage(scope, directory, seed, chance, lambda line: print(line, flush=True))
        await stage.set_up()
        conductor = Conductor(stage, plan.lives(seconds, chance), chance, journal)
        await conductor.run()
        table = verdicts.judge(conductor, seconds)
        (directory / "plot.svg").write_text(verdicts.picture(conductor, f"soak, seed {seed}, {seconds / 60:g} minutes"))
    print("\n" + "\n".join(table.rows))
    print(f"\n{table.missed} of {table.count} missed; seed {seed}; {directory.relative_to(parties.ROOT)}/plot.svg, run.jsonl")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
