"""Edits through the API, one after the other, and a ledger of what was acknowledged."""

import json

from ledger import ABSENT, Ledger
from link import Gone, Link, Unsent
from parties import CODE

# Nobody is there; what the service tries there is refused at once.
NOWHERE = "127.99.99.{}"
MOST_GHOSTS = 4


class Editor:
    def __init__(self, port, chance):
        self.link, self.chance, self.ledger = Link(port, "127.0.0.2"), chance, Ledger()
        # serial -> its number and what was last asked for.
        self.printers, self.ghosts, self.count, self.refused = {}, {}, 0, []

    async def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        status, _, content = await self.link.ask(path, method, data)
        return status, json.loads(content) if content else None

    async def change(self, method, path, printer, wanted, right):
        """One edit of the printer of this serial; its number, if it has been acknowledged."""
        serial, body = printer["serial"], printer if method != "DELETE" else None
        try:
            status, answer = await self.ask(method, path, body)
        except Gone as gone:
            if not isinstance(gone, Unsent):
                self.ledger.doubt(serial, wanted)
            raise
        if status >= 500:
            self.ledger.doubt(serial, wanted)
            raise Gone(f"{method} {path}: {status}")
        if status != right:
            # By the service's own word nothing has happened.
            self.refused.append(f"{method} {path}: {status} {answer}")
            return None
        self.ledger.acknowledge(serial, wanted)
        return answer["id"] if answer else 0

    async def add(self, printer, of=None):
        number = await self.change("POST", "/api/printers", printer, value(printer), 201)
        if number is not None:
            (self.printers if of is None else of)[printer["serial"]] = (number, printer)
        return number

    async def edit(self, of, serial):
        number, printer = of[serial]
        self.count += 1
        printer = printer | {"name": f"{printer['name'].split(' #')[0]} #{self.count}"}
        if of is self.ghosts:
            printer["host"] = NOWHERE.format(1 + self.count % 250)
        # What was asked for last is what the next edit goes on from, whether it has happened or not.
        of[serial] = (number, printer)
        await self.change("PUT", f"/api/printers/{number}", printer, value(printer), 200)

    async def remove(self, serial):
        number, printer = self.ghosts[serial]
        if await self.change("DELETE", f"/api/printers/{number}", printer, ABSENT, 204) is not None:
            del self.ghosts[serial]

    async def any(self):
        """One edit of any kind."""
        kind = self.chance.choice(["rename"] * 5 + ["add"] * 2 + ["edit", "remove"])
        if kind == "add" and len(self.ghosts) < MOST_GHOSTS:
            self.count += 1
            await self.add({"name": f"Ghost #{self.count}", "host": NOWHERE.format(1 + self.count % 250),
                            "serial": f"00M99X{self.count:09}", "accessCode": CODE, "rtspUrl": None}, self.ghosts)
        elif kind in ("edit", "remove") and self.ghosts:
            serial = self.chance.choice(sorted(self.ghosts))
            await (self.edit(self.ghosts, serial) if kind == "edit" else self.remove(serial))
        else:
            await self.edit(self.printers, self.chance.choice(sorted(self.printers)))

    async def look(self, when):
        """Compares what is there with the ledger. A printer whose adding was in doubt is a ghost from now on, or nothing."""
        status, found = await self.ask("GET", "/api/printers")
        if status != 200:
            raise Gone(f"the list: {status}")
        self.ledger.compare({printer["serial"]: value(printer) for printer in found}, when)
        self.ghosts = {printer["serial"]: (printer["id"], draft(printer)) for printer in found if printer["serial"] not in self.printers}
        for printer in found:
            if printer["serial"] in self.printers:
                self.printers[printer["serial"]] = (printer["id"], draft(printer))


def value(printer):
    return printer["name"], printer["host"], printer["rtspUrl"]


def draft(printer):
    return {name: printer[name] for name in ("name", "host", "serial", "rtspUrl")} | {"accessCode": CODE}
