#!/usr/bin/env python3
"""Fifty viewers of all kinds, who come again when the service has been away.

  crowd.py PORT SEED ID...

  20 play by blocking reload and fetch each part       14 play the standard playlist and fetch each segment
   8 listen to events                                   4 look at stills
   2 stop reading in the middle                         2 leave, again and again

Every ten seconds it prints what was answered since: one line of JSON, status or what went wrong to how often. Those who
stop reading or leave do it on two words from standard input, `restless` and `calm`, so that there is a time of rest.
"""

import asyncio
import collections
import contextlib
import json
import random
import re
import sys

from link import Gone, Link, edge

AGAIN_S, TELL_S = 0.5, 10.0


def kind_of(path):
    return re.sub(r"seg\d+", "segN", path.partition("?")[0].rpartition("/")[2])


def segments(playlist):
    """Those that are there: behind EXT-X-GAP there is no file (rfc8216bis 4.4.4.7)."""
    names, gap = [], False
    for line in playlist.splitlines():
        gap |= line == "#EXT-X-GAP"
        if line and not line.startswith("#"):
            names += [] if gap else [line]
            gap = False
    return names


class Crowd:
    def __init__(self, port, seed, printers):
        self.port, self.printers, self.chance = port, printers, random.Random(seed)
        self.told, self.count, self.restless = collections.Counter(), 0, asyncio.Event()

    def link(self):
        self.count += 1
        return Link(self.port, f"127.100.{self.count // 200}.{1 + self.count % 200}")

    def one(self):
        return self.chance.choice(self.printers)

    async def again(self, once):
        """A viewer who does not give up."""
        link, printer = self.link(), self.one()
        while True:
            try:
                await once(link, printer)
            except Gone:
                self.told["no answer"] += 1
            link.close()
            await asyncio.sleep(AGAIN_S * (1 + self.chance.random()))

    async def ask(self, link, path, headers=()):
        status, fields, body = await link.ask(path, headers=headers)
        self.told[str(status) if status < 400 else f"{status} {kind_of(path)}"] += 1
        return status, fields, body

    async def low_latency(self, link, printer):
        folder, query = f"/hls/{printer}/", ""
        while True:
            status, _, body = await self.ask(link, f"{folder}stream_ll.m3u8{query}")
            if status != 200:
                return
            _, msn, part, newest = edge(body.decode())
            if newest and query:
                attributes = dict(pair.split("=", 1) for pair in newest.partition(":")[2].split(",") if "=" in pair)
                length, _, offset = attributes["BYTERANGE"].strip('"').partition("@")
                span = f"Range: bytes={offset}-{int(offset) + int(length) - 1}"
                await self.ask(link, folder + attributes["URI"].strip('"'), [span])
            if query == (query := f"?_HLS_msn={msn}&_HLS_part={part}"):
                await asyncio.sleep(AGAIN_S)

    async def standard(self, link, printer):
        had = None
        while True:
            status, _, body = await self.ask(link, f"/hls/{printer}/stream.m3u8")
            if status != 200:
                return
            names = segments(body.decode())
            if names and names[-1] != had:
                had = names[-1]
                await self.ask(link, f"/hls/{printer}/{had}")
            await asyncio.sleep(2)

    async def stills(self, link, printer):
        while True:
            await self.ask(link, f"/api/printers/{printer}/still.mp4")
            await asyncio.sleep(3)

    async def events(self, link, printer):
        path = self.chance.choice(["/api/events", f"/api/printers/{printer}/status/stream"])
        await link.begin(path)
        with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError):
            while data := await link.reader.read(65536):
                self.told["event bytes"] += len(data)
        raise Gone("the events ended")

    async def stop_reading(self, link, printer):
        await self.restless.wait()
        await link.begin(self.chance.choice(["/api/events", f"/hls/{printer}/stream_ll.m3u8"]))
        link.reader._transport.pause_reading()
        self.told["stopped reading"] += 1
        await asyncio.sleep(self.chance.uniform(5, 40))

    async def leave(self, link, printer):
        await self.restless.wait()
        await link.begin(f"/hls/{printer}/stream_ll.m3u8?_HLS_msn=0")
        await asyncio.sleep(self.chance.uniform(0, 1))
        self.told["left"] += 1

    async def obey(self):
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            self.restless.set() if line.strip() == b"restless" else self.restless.clear()

    async def tell(self):
        while True:
            await asyncio.sleep(TELL_S)
            print(json.dumps(self.told), flush=True)
            self.told.clear()

    async def run(self):
        kinds = ([self.low_latency] * 20 + [self.standard] * 14 + [self.events] * 8 + [self.stills] * 4 +
                 [self.stop_reading] * 2 + [self.leave] * 2)
        await asyncio.gather(self.obey(), self.tell(), *map(self.again, kinds))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    asyncio.run(Crowd(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]).run())
