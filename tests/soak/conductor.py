"""Conducts a run: faults, edits, jumps of the clock, rest, restarts; and notes what comes of them."""

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import time

import plan
from clock import CACHE_S
from link import Gone
from rhythm import Rhythm, percentile
from sampler import LogCounter, cpu_of, figures

PICTURE_BACK_S = 8.0
# After this the real figure is not waited for any more.
GIVEN_UP_S = 40.0
SAMPLE_S = 2.0
WINDOW_S = 30.0
# What was begun before the rest has come to its end, and has been logged, after this.
SETTLED_S = 30.0
# Edits one after the other up to a kill.
BURST_S = 1.5


@dataclasses.dataclass
class Heal:
    printer: int
    fault: str
    at: float
    back_s: float | None = None


class Conductor:
    """`stage`: the parties (stage.py). Times are seconds since the start, if they are not called monotonic."""

    def __init__(self, stage, lives, chance, journal):
        self.stage, self.lives, self.chance, self.journal = stage, lives, chance, journal
        self.start = time.monotonic()
        self.rhythms = {number: Rhythm() for number in stage.numbers}
        # Since when its picture has gone on, and whether something is being done to it.
        self.good_since = dict.fromkeys(stage.numbers, 0.0)
        self.busy, self.heals, self.samples, self.down, self.rests, self.crowd = set(), [], [], [], [], {}
        self.log, self.ended, self.checks, self.bursting = LogCounter(stage.service.log), [], set(), False

    def now(self):
        return time.monotonic() - self.start

    def note(self, kind, **more):
        self.journal.write(json.dumps({"at": round(self.now(), 2), "kind": kind} | more) + "\n")

    async def until(self, second):
        await asyncio.sleep(max(0.0, second - self.now()))

    async def run(self):
        readers = [asyncio.create_task(job) for job in (self.read_parts(), self.read_crowd(), self.sample())]
        try:
            await self.live()
            await asyncio.gather(*self.checks)
        finally:
            for reader in readers:
                reader.cancel()
            for outcome in await asyncio.gather(*readers, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome

    async def live(self):
        for life in self.lives:
            self.stage.restless(False)
            await self.until(life.rough)
            self.stage.restless(True)
            self.note("rough")
            jobs = [self.torment(number, life.rest) for number in self.stage.numbers if number != self.stage.undisturbed]
            jobs += [self.torment_group(group, life.rest) for group in self.stage.groups if not group.spared]
            await asyncio.gather(*jobs, self.edit(life.rest), self.jump(life.rest), self.move(life.rest))
            await self.calm(life)
            await self.end(life)

    # -- faults -------------------------------------------------------------------------------------------------------

    async def torment(self, number, until):
        """A printer's faults, each when the picture has been good for long enough that it is promised back in 8 s."""
        while True:
            due = self.good_since[number] + plan.ALONE_S + self.chance.uniform(0, 25)
            await self.until(min(until, max(self.now() + 0.5, due)))
            faults = plan.OF_A_BROKER if self.chance.random() < 0.25 else [
                fault for fault in plan.OF_A_CAMERA if number in self.stage.lined or fault.begin[0][0] != "line"]
            fault = plan.pick(faults, self.chance)
            lasts = self.chance.uniform(*fault.lasts)
            if self.now() + lasts + PICTURE_BACK_S > until:
                return
            if number in self.busy or self.now() - self.good_since[number] < plan.ALONE_S:
                continue
            await self.disturb([number], fault, lasts, self.stage.obey_of(number))

    async def torment_group(self, group, until):
        """All of a group at once, now and then."""
        while self.now() < until:
            await asyncio.sleep(self.chance.uniform(0, 15))
            if self.chance.random() < 0.5:
                await self.disturb_group(group, until)
            await asyncio.sleep(min(self.chance.uniform(60, 200), max(0.0, until - self.now())))

    async def disturb_group(self, group, until):
        fault = plan.pick(plan.OF_A_GROUP, self.chance)
        lasts = self.chance.uniform(*fault.lasts)
        # Nothing new begins with one of them until it is over.
        mine = set()
        try:
            while self.now() + lasts + PICTURE_BACK_S < until:
                free = set(group.numbers) - self.busy
                self.busy |= free
                mine |= free
                if len(mine) == len(group.numbers) and all(self.now() - self.good_since[n] > plan.ALONE_S for n in mine):
                    return await self.disturb(group.numbers, fault, lasts, group.obey)
                await asyncio.sleep(0.5)
        finally:
            self.busy -= mine

    async def disturb(self, numbers, fault, lasts, obey):
        self.busy |= set(numbers)
        self.note("fault", printers=numbers, fault=fault.name, seconds=round(lasts, 1))
        try:
            for whom, order in fault.begin:
                await obey(whom, order)
            await asyncio.sleep(lasts)
        finally:
            for whom, order in fault.end:
                await obey(whom, order)
        healed = self.now()
        for number in numbers:
            self.good_since[number] = healed
            self.watch_heal(Heal(number, fault.name, healed))
        self.busy -= set(numbers)

    def watch_heal(self, heal):
        task = asyncio.create_task(self.check_heal(heal))
        self.checks.add(task)
        task.add_done_callback(self.checks.discard)

    async def check_heal(self, heal):
        await self.until(heal.at + PICTURE_BACK_S + 2)
        rhythm = self.rhythms[heal.printer]
        while (back := rhythm.back_after(heal.at, self.now())) is None and self.now() < heal.at + GIVEN_UP_S:
            await asyncio.sleep(0.5)
        heal.back_s = back
        self.good_since[heal.printer] = max(self.good_since[heal.printer], heal.at + (heal.back_s or 0.0))
        self.heals.append(heal)
        self.note("back", printer=heal.printer, fault=heal.fault, seconds=heal.back_s and round(heal.back_s, 2))

    async def move(self, until):
        """Printers print, pause and run out of filament, whatever else happens."""
        while self.now() < until:
            await asyncio.sleep(self.chance.uniform(0.5, 2))
            number = self.chance.choice(self.stage.numbers)
            if number not in self.busy:
                await self.stage.obey_of(number)("printer", self.chance.choice(plan.OF_A_MACHINE))

    async def jump(self, until):
        """The last one stays over rest and restart: a service may well begin with a wrong clock."""
        while self.stage.clock and self.now() < until - 4 * CACHE_S:
            jump = self.chance.choice(plan.JUMPS)
            self.stage.clock.set(jump)
            self.note("clock", jump=jump)
            await asyncio.sleep(min(self.chance.uniform(5, 25), max(0.0, until - self.now())))

    async def edit(self, until):
        while self.now() < until:
            with contextlib.suppress(Gone):
                await self.stage.editor.any()
            await asyncio.sleep(self.chance.uniform(0.3, 2))

    # -- rest and end -------------------------------------------------------------------------------------------------

    async def calm(self, life):
        self.stage.restless(False)
        for serial in list(self.stage.editor.ghosts):
            with contextlib.suppress(Gone):
                await self.stage.editor.remove(serial)
        self.note("rest")
        begun = self.now()
        await self.until(begun + SETTLED_S)
        self.log.look()
        before, since = self.log.lines, self.now()
        await self.until(max(since, life.end - BURST_S))
        self.log.look()
        self.rests.append((begun, self.now(), self.log.lines - before, (self.now() - since) / 60))

    async def end(self, life):
        if life.ending == "end":
            return await self.look("at the end")
        self.bursting = True
        burst = asyncio.create_task(self.edit_in_a_row())
        await asyncio.sleep(self.chance.uniform(0.2, BURST_S))
        down = self.now()
        await asyncio.to_thread(self.stage.service.stop, signal.SIGKILL if life.ending == "kill" else signal.SIGTERM)
        self.bursting = False
        await burst
        self.note(life.ending)
        for rhythm in self.rhythms.values():
            rhythm.renew()
        up = self.now()
        await asyncio.to_thread(self.stage.service.restart)
        self.ended.append((up, life.ending))
        self.down.append((down, up + PICTURE_BACK_S))
        await self.look(f"after the {life.ending} at {down:.0f} s")
        for number in self.stage.numbers:
            self.good_since[number] = up
            self.watch_heal(Heal(number, life.ending, up))

    async def edit_in_a_row(self):
        while self.bursting:
            try:
                await self.stage.editor.any()
            except Gone:
                await asyncio.sleep(0.05)

    async def look(self, when):
        await self.stage.editor.look(when)

    # -- what is seen -------------------------------------------------------------------------------------------------

    async def read_parts(self):
        async for line in self.stage.watch_lines():
            at, number, first, msn, part = line.split()
            rhythm, faults = self.rhythms[int(number)], len(self.rhythms[int(number)].faults)
            rhythm.part(float(at) - self.start, int(first), int(msn), int(part))
            for fault in rhythm.faults[faults:]:
                self.note("back in numbers", printer=int(number), what=fault)

    async def read_crowd(self):
        async for line in self.stage.crowd_lines():
            told = json.loads(line)
            self.note("crowd", told=told)
            for what, times in told.items():
                self.crowd[what] = self.crowd.get(what, 0) + times

    async def sample(self):
        cpu, all_cpu, at, lines = None, cpu_of(self.stage.pids()), self.now(), 0
        while True:
            await asyncio.sleep(SAMPLE_S)
            child = self.stage.service.child
            found, now = child and figures(child.pid), self.now()
            self.log.look()
            everything = cpu_of(self.stage.pids())
            sample = {"at": round(now, 2), "log_lines": self.log.lines - lines, "p99_s": self.gap(now - WINDOW_S, now, 0.99),
                      "cores": round(max(0.0, everything - all_cpu) / (now - at), 3), "load": os.getloadavg()[0]}
            if found:
                # A new process begins at nothing.
                spent = found["cpu_s"] - cpu if cpu is not None and found["cpu_s"] >= cpu else 0.0
                sample |= found | {"service_cores": round(spent / (now - at), 3)}
            cpu, all_cpu, at, lines = found and found["cpu_s"], everything, now, self.log.lines
            self.samples.append(sample)
            self.note("sample", **sample)

    def gaps(self, since, until):
        """Of the undisturbed printer, without those of a service that was away."""
        gaps = self.rhythms[self.stage.undisturbed].gaps(since, until)
        return [gap for end, gap in gaps if not any(end > down and end - gap < up for down, up in self.down)]

    def gap(self, since, until, share):
        return percentile(self.gaps(since, until), share)
