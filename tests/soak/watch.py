#!/usr/bin/env python3
"""Watches the low-latency playlists of some printers and prints each change: `monotonic id first msn part`.

  watch.py PORT ID...

`part` is how many parts of segment `msn` there are: 0 when it has not begun. It survives the service: what does not
answer is asked again.
"""

import asyncio
import sys
import time

from link import Gone, Link, edge

AGAIN_S = 0.2


async def watch(port, printer):
    link, path, query, last = Link(port), f"/hls/{printer}/stream_ll.m3u8", "", None
    while True:
        try:
            status, _, body = await link.ask(path + query)
        except Gone:
            status = 0
        if status != 200:
            query = ""
            await asyncio.sleep(AGAIN_S)
            continue
        first, msn, part, _ = now = edge(body.decode())
        if now[:3] == last:
            # A held request whose time is over; or a stream without parts.
            await asyncio.sleep(AGAIN_S)
        else:
            print(f"{time.monotonic():.4f} {printer} {first} {msn} {part}", flush=True)
        last, query = now[:3], f"?_HLS_msn={msn}&_HLS_part={part}"


async def main():
    await asyncio.gather(*(watch(int(sys.argv[1]), printer) for printer in sys.argv[2:]))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    asyncio.run(main())
