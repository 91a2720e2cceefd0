#!/usr/bin/env python3
"""Lines between the service and cameras, with faults on order; each line is a port in front of a camera's.

  line.py HOST:PORT=HOST:PORT...      listens on the left one, speaks to the right one; says `ready`

Orders on standard input, one a line: LINE (1, 2 …), then
  dumb       nothing passes any more, and nobody hangs up
  slow       four kilobytes a second
  garbage    bytes that are nobody's, in the middle of what the camera says
  cut        the connections end in a reset
  away       the port is closed, and the connections end
  heal       as at the start
"""

import asyncio
import os
import socket
import struct
import sys

PIECE = 16 * 1024
SLOW_BYTES = 4096


class Line:
    def __init__(self, here, there):
        self.here, self.there = here, there
        self.fault, self.changed, self.garbage, self.both, self.server = None, asyncio.Event(), False, set(), None

    async def open(self):
        if self.server is None:
            self.server = await asyncio.start_server(self.carry, *self.here, limit=PIECE)

    async def carry(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.there, limit=PIECE)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self.both |= ends
        ways = [asyncio.create_task(self.copy(reader, far_writer, False)), asyncio.create_task(self.copy(far_reader, writer, True))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in ends:
            end.close()
        self.both -= ends

    async def copy(self, reader, writer, from_camera):
        try:
            while piece := await reader.read(SLOW_BYTES // 4 if self.fault == "slow" else PIECE):
                while self.fault == "dumb":
                    await self.changed.wait()
                if self.fault == "slow":
                    await asyncio.sleep(0.25)
                if from_camera and self.garbage:
                    self.garbage, piece = False, os.urandom(64) + piece
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass

    def cut(self):
        for writer in list(self.both):
            # RST: a linger of no time.
            link = writer.get_extra_info("socket")
            if link is not None and link.fileno() >= 0:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def obey(self, order):
        self.fault = order if order in ("dumb", "slow") else None
        self.changed.set()
        self.changed.clear()
        match order:
            case "garbage":
                self.garbage = True
            case "cut":
                self.cut()
            case "away":
                self.server.close()
                self.server = None
                self.cut()
            case "heal":
                await self.open()


async def main(words):
    ends = [[(end.partition(":")[0], int(end.partition(":")[2])) for end in word.split("=")] for word in words]
    lines = [Line(*pair) for pair in ends]
    for line in lines:
        await line.open()
    print("ready", flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := (await orders.readline()).decode().split():
        await lines[int(order[0]) - 1].obey(order[1])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1:]))
