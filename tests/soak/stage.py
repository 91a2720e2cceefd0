"""The parties of a run: printers in groups, lines, the service, its watcher and its crowd."""

import asyncio
import contextlib
import os
import pathlib
import signal
import subprocess
import sys

import parties
from clock import Clock
from editor import Editor

HERE = pathlib.Path(__file__).resolve().parent
# A group is one process with printers of one model: so no serial number is there twice.
MODELS, OF_A_GROUP = ["X1C", "P2S", "H2S", "H2D"], 4
PICTURES, CLIP = 15, "chamber540"
LINE_PORT = 7422


class Group:
    def __init__(self, printers, numbers, spared):
        self.printers, self.numbers, self.spared = printers, numbers, spared

    async def obey(self, _whom, order):
        match order:
            case "stop":
                os.kill(self.printers.child.pid, signal.SIGSTOP)
            case "continue":
                os.kill(self.printers.child.pid, signal.SIGCONT)
            case "kill":
                await asyncio.to_thread(self.printers.stop, signal.SIGKILL)
            case "start":
                await asyncio.to_thread(self.printers.start, "\n" * OF_A_GROUP)


class Stage:
    """Everything is started by `set_up` and ends with `scope`."""

    def __init__(self, scope, directory, seed, chance, say):
        self.scope, self.directory, self.seed, self.chance, self.say = scope, pathlib.Path(directory), seed, chance, say
        self.groups, self.owner, self.numbers, self.lined = [], {}, [], {}
        self.clock = Clock(directory)
        fault = self.clock.fault()
        if fault:
            say(f"!!! the clock does NOT jump: {fault}")
            self.clock = None

    async def set_up(self):
        enter = self.scope.enter_context
        farms = [enter(self.farm(model)) for model in MODELS]
        drafts = [printer for farm in farms for printer in farm.printers]
        if len({draft["serial"] for draft in drafts}) != len(drafts):
            raise RuntimeError("two printers have the same serial number")
        lined = drafts[::2]
        pairs = [f"{draft['host']}:{LINE_PORT}={draft['host']}:7322" for draft in lined]
        self.lines = enter(Fed("lines", [sys.executable, HERE / "line.py", *pairs], self.directory))
        await asyncio.to_thread(self.lines.start, "ready")
        for draft in lined:
            draft["rtspUrl"] = draft["rtspUrl"].replace(":7322", f":{LINE_PORT}")
        # MALLOC_ARENA_MAX as in docs/platecast.service.
        environment = {"HLS_OUTPUT_DIR": str(self.directory / "mirror"), "MALLOC_ARENA_MAX": "2"} | (self.clock.environment() if self.clock else {})
        self.service = enter(parties.Service(parties.default_service(), self.directory, environment))
        self.editor = Editor(self.service.port, self.chance)
        for draft in drafts:
            await self.admit(draft, farms, drafts)
        self.undisturbed = self.numbers[-1]
        self.begin_to_look()

    def farm(self, model):
        farm = parties.VirtualPrinters(OF_A_GROUP, self.folder(model), CLIP, PICTURES, ("--model", model, "--frame-log", "/dev/null"))
        return farm

    def folder(self, name):
        folder = self.directory / name
        folder.mkdir()
        return folder

    async def admit(self, draft, farms, drafts):
        number = await self.editor.add(draft)
        if number is None:
            raise RuntimeError(f"a printer was not added: {self.editor.refused}")
        place = drafts.index(draft)
        self.numbers.append(number)
        if place % 2 == 0:
            self.lined[number] = place // 2 + 1
        if place % OF_A_GROUP == OF_A_GROUP - 1:
            farm = farms[place // OF_A_GROUP]
            self.groups.append(Group(farm, self.numbers[-OF_A_GROUP:], spared=place == len(drafts) - 1))
            self.owner |= {number: (farm, at + 1) for at, number in enumerate(self.numbers[-OF_A_GROUP:])}

    def obey_of(self, number):
        farm, place = self.owner[number]

        async def obey(whom, order):
            # A group that is killed meanwhile hears nothing.
            with contextlib.suppress(OSError, ValueError):
                if whom == "line":
                    os.write(self.lines.child.stdin.fileno(), f"{self.lined[number]} {order}\n".encode())
                else:
                    farm.order(f"{place} {order}")
        return obey

    def begin_to_look(self):
        numbers = list(map(str, self.numbers))
        self.watcher = self.scope.enter_context(Fed("watch", [sys.executable, HERE / "watch.py", self.service.port, *numbers], self.directory))
        self.audience = self.scope.enter_context(
            Fed("crowd", [sys.executable, HERE / "crowd.py", self.service.port, self.seed, *numbers], self.directory))
        for party in (self.watcher, self.audience):
            party.start_piped()

    def watch_lines(self):
        return self.watcher.lines()

    def crowd_lines(self):
        return self.audience.lines()

    def restless(self, yes):
        os.write(self.audience.child.stdin.fileno(), b"restless\n" if yes else b"calm\n")

    def pids(self):
        """Of all that belongs to the run."""
        some = [group.printers.child for group in self.groups] + [
            self.lines.child, self.service.child, self.watcher.child, self.audience.child]
        return [os.getpid(), *(child.pid for child in some if child)]


class Fed(parties.Process):
    """A child that takes orders, and whose lines are read."""

    stdin = subprocess.PIPE

    def start_piped(self):
        # A text that it prints only when it serves is not waited for.
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.command, stdin=self.stdin, stdout=subprocess.PIPE, stderr=log, start_new_session=True)

    async def lines(self):
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), self.child.stdout)
        while line := await reader.readline():
            yield line.decode()
        raise RuntimeError(f"{self.name} has ended:\n{self.tail()}")
