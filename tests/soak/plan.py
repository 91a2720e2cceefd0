"""What happens when, all of it from one seed: the lives of the service, and the faults of printers and lines.

A picture is promised back within 8 s of the heal, but not after everything (src/fleet/camera/pace.rs): after a trouble
that lasts the service waits for a quarter of its time, up to a minute, and a trouble is over only when a picture has
lasted for 30 s. So a printer is left alone for longer than that before its next fault, and a fault lasts up to 18 s.
Two faults of the virtual printer are left out because nothing is promised after them: another access code (60 s and
more until the next attempt, since knocking on locks people out), and `silent` (a connection that was taken keeps its
15 s for a handshake, whatever the printer does meanwhile).
"""

import dataclasses
import random

# Undisturbed before a fault: longer than pace.rs's LASTED.
ALONE_S = 34.0
# From here on a run has to tell whether memory rises.
CONCLUSIVE_S = 45 * 60
# Rough, and at rest for long enough to count lines of log.
SHORTEST_S = 150.0
SHORT_S, LONG_S = (3.0, 9.0), (10.0, 18.0)


@dataclasses.dataclass(frozen=True)
class Fault:
    """`begin` and `end` are orders: (whom, what). None ends by itself, so it is healed as soon as it has happened."""
    name: str
    begin: tuple
    end: tuple = ()
    lasts: tuple = (0.0, 0.0)
    weight: int = 2


def orders(whom, *words):
    return tuple((whom, word) for word in words)


OF_A_CAMERA = [
    Fault("camera reset", orders("printer", "reset")),
    Fault("camera hangs up", orders("printer", "hangup")),
    Fault("camera stalls", orders("printer", "stall"), orders("printer", "heal"), SHORT_S),
    Fault("camera stalls for long", orders("printer", "stall"), orders("printer", "heal"), LONG_S),
    Fault("camera freezes", orders("printer", "freeze"), orders("printer", "heal"), SHORT_S),
    Fault("camera's port closed", orders("printer", "refuse", "reset"), orders("printer", "heal"), LONG_S),
    Fault("printer switched off", orders("printer", "away"), orders("printer", "heal"), LONG_S),
    Fault("another picture size", orders("printer", "clip chamber720"), orders("printer", "clip chamber540"), LONG_S, 1),
    Fault("fewer pictures", orders("printer", "fps 5"), orders("printer", "fps 15"), LONG_S, 1),
    Fault("line dumb", orders("line", "dumb"), orders("line", "heal"), SHORT_S),
    Fault("line dumb for long", orders("line", "dumb"), orders("line", "heal"), LONG_S),
    Fault("garbage on the line", orders("line", "garbage")),
    Fault("line cut", orders("line", "cut")),
    Fault("line away", orders("line", "away"), orders("line", "heal"), LONG_S),
    Fault("slow line", orders("line", "slow"), orders("line", "heal"), SHORT_S, 1),
]
OF_A_BROKER = [
    Fault("broker reset", orders("printer", "mqtt reset")),
    Fault("broker hangs up", orders("printer", "mqtt hangup")),
    Fault("broker stalls", orders("printer", "mqtt stall"), orders("printer", "heal"), LONG_S),
    Fault("broker freezes", orders("printer", "mqtt freeze"), orders("printer", "heal"), LONG_S),
    Fault("broker's port closed", orders("printer", "mqtt refuse", "mqtt reset"), orders("printer", "heal"), LONG_S),
    Fault("printer says nothing", orders("printer", "quiet 12")),
]
OF_A_GROUP = [
    Fault("printers stopped (SIGSTOP)", orders("group", "stop"), orders("group", "continue"), SHORT_S),
    Fault("printers stopped for long (SIGSTOP)", orders("group", "stop"), orders("group", "continue"), LONG_S),
    Fault("printers killed (SIGKILL)", orders("group", "kill"), orders("group", "start"), SHORT_S),
]
OF_A_MACHINE = ["print", "pause", "resume", "finish", "runout", "halt 0500-8051", "fail 0300-8003", "hms 0C00-0300-0002-0004",
                "layers 7 90", "hot on", "hot off", "door open", "door closed", "feed 1 2", "feed external"]
# A day back, a week on, ten years either way, and what a clock is set to that has lost its battery.
JUMPS = ["+0", "-1d", "+7d", "-3650d", "+3650d", "-20000d", "+90", "-90"]


@dataclasses.dataclass(frozen=True)
class Life:
    """Of the service, in seconds since the start: begin, when faults may come, when rest begins, when it ends, and how."""
    begin: float
    rough: float
    rest: float
    end: float
    ending: str


def lengths(seconds):
    """Of an hour a third goes into short lives, with a kill or a restart at the end of each, and the rest is one long
    life: memory takes ten minutes to come to its level, and only then says whether it rises. A longer run is hours one
    after the other, a shorter one has a few equal lives."""
    if seconds < CONCLUSIVE_S:
        count = max(1, min(5, int(seconds / SHORTEST_S)))
        return [seconds / count] * count
    hours = max(1, round(seconds / 3600))
    return ([seconds / hours / 12] * 4 + [seconds / hours * 8 / 12]) * hours


def lives(seconds, chance):
    """One after the other, up to the end."""
    first, begin, found = chance.randrange(2), 0.0, []
    for number, length in enumerate(lengths(seconds)):
        rest = max(55.0, 0.25 * length)
        found.append(Life(begin, begin + ALONE_S, begin + length - rest, begin + length, ("kill", "restart")[(first + number) % 2]))
        begin += length
    return [*found[:-1], dataclasses.replace(found[-1], ending="end")]


def pick(faults, chance: random.Random):
    return chance.choices(faults, [fault.weight for fault in faults])[0]
