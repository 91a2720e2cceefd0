"""The smallest HTTP/1.1 client a viewer needs: one kept connection, a deadline for each answer."""

import dataclasses
import gzip
import http.client
import json
import time
import urllib.parse


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    seconds: float

    def text(self):
        raw = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return raw.decode("utf-8")

    def json(self):
        return json.loads(self.text())


class Web:
    def __init__(self, origin, deadline_s=15):
        self.host = urllib.parse.urlsplit(origin).netloc
        self.deadline_s = deadline_s
        self.connection = None

    def ask(self, method, path, headers=None, body=None):
        for attempt in (0, 1):
            kept = self.connection is not None
            if not kept:
                self.connection = http.client.HTTPConnection(self.host, timeout=self.deadline_s)
            start = time.monotonic()
            try:
                self.connection.request(method, path, body=body, headers=headers or {})
                reply = self.connection.getresponse()
                content = reply.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()
                # A kept connection may have been closed meanwhile: once more on a new one, as browsers do.
                if not kept or attempt:
                    raise
                continue
            except OSError:
                self.close()
                raise
            named = {name.lower(): value for name, value in reply.getheaders()}
            if reply.will_close:
                self.close()
            return Answer(reply.status, named, content, time.monotonic() - start)
        raise AssertionError("unreachable")

    def get(self, path, **headers):
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None
