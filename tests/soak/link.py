"""A small HTTP client for hundreds of requests a second in one thread: one kept connection, from an address of its own.

Viewers come from many addresses in life, and the service gives each its share; so each has one here (127.0.0.0/8).
"""

import asyncio
import time

# A connection that was idle for longer is not used again: the service ends it after 120 s, and its last word (400) would be
# taken for the answer to what is asked next.
IDLE_S = 30.0


class Gone(Exception):
    """No answer, or half of one."""


class Unsent(Gone):
    """Nothing was sent at all: nobody listens."""


class Link:
    def __init__(self, port, address="127.0.0.1", deadline_s=15.0):
        self.port, self.address, self.deadline_s = port, address, deadline_s
        self.reader = self.writer = None
        self.used = time.monotonic()

    async def open(self):
        if time.monotonic() - self.used > IDLE_S:
            self.close()
        self.used = time.monotonic()
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(self.address, 0))

    async def ask(self, path, method="GET", body=None, headers=()):
        """(status, header fields in lower case, body)."""
        try:
            await asyncio.wait_for(self.open(), self.deadline_s)
        except (OSError, asyncio.TimeoutError) as error:
            raise Unsent(f"{type(error).__name__}: {error}") from error
        try:
            return await asyncio.wait_for(self.exchange(path, method, body, headers), self.deadline_s)
        except (OSError, EOFError, ValueError, IndexError, asyncio.TimeoutError) as error:
            self.close()
            raise Gone(f"{type(error).__name__}: {error}") from error

    async def exchange(self, path, method, body, headers):
        fields = [f"Host: 127.0.0.1:{self.port}", *headers]
        if body is not None:
            fields += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.writer.write("\r\n".join([f"{method} {path} HTTP/1.1", *fields, "", ""]).encode() + (body or b""))
        status, found = await self.head()
        length = int(found.get("content-length", 0))
        content = await self.reader.readexactly(length) if length and method != "HEAD" else b""
        if found.get("connection") == "close":
            self.close()
        return status, found, content

    async def head(self):
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = (line.partition(":") for line in lines[1:] if line)
        return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in fields}

    async def begin(self, path):
        """Sends a request whose answer is read by nobody, or piece by piece."""
        try:
            await self.open()
            self.writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: text/event-stream\r\n\r\n".encode())
        except OSError as error:
            self.close()
            raise Gone(str(error)) from error

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


def edge(text):
    """(first number, number and part that the low-latency playlist ends with, the last part's URI and range or None)."""
    first = msn = part = 0
    newest = None
    for line in text.splitlines():
        if line.startswith("#EXT-X-PART:"):
            part, newest = part + 1, line
        elif line.startswith("#EXT-X-MEDIA-SEQUENCE:"):
            first = msn = int(line.partition(":")[2])
        elif line and not line.startswith("#"):
            msn, part = msn + 1, 0
    return first, msn, part, newest
