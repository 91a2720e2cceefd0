"""Judges of status and commands: mosquitto in front of the service, `broker.Machine` as the printer behind it.

The bounds are the owner's: a report is shown within 1 s, a dead link within 10 s, a healed one within 5 s; a command
reaches the printer within 5 s of the click or never, and never twice.
"""

import concurrent.futures
import json
import random
import signal
import threading
import time

import broker
import parties
from web import Web

SERIAL = "00M09A543210987"
SHOWN_S, DEAD_S, BACK_S, COMMAND_S = 1, 10, 5, 5

# The contract's fields and how each may look.
FIELDS = {"connected": bool, "jobState": str, "percent": int, "remainingMinutes": int, "nozzleC": (int, float),
          "bedC": (int, float), "chamberC": (int, float), "light": str, "lastUpdate": str}


class Desk:
    """What a person at the page can see and do of one printer."""

    def __init__(self, service, printer):
        self.path, self.web = f"/api/printers/{printer}", Web(service.origin)

    def status(self):
        answer = self.web.get(f"{self.path}/status")
        if answer.status != 200:
            raise RuntimeError(f"status: {answer.status} {answer.body[:200]!r}")
        return answer.json()

    def command(self, kind, **more):
        """(HTTP status, answer, seconds)."""
        answer = self.web.ask("POST", f"{self.path}/command", {"Content-Type": "application/json"},
                              json.dumps({"type": kind} | more))
        return answer.status, answer.json(), answer.seconds

    def wait(self, seconds, right, since=None):
        """Seconds from `since` (now) until the status is right; None if that takes longer than `seconds`."""
        since = time.monotonic() if since is None else since
        while True:
            # First the clock: a status that was asked for in time may come late on a busy machine.
            late = time.monotonic() - since
            if right(self.status()):
                return time.monotonic() - since
            if late > seconds:
                return None
            time.sleep(0.02)


def live(status):
    return status["connected"]


def dead(status):
    return not status["connected"]


def stage(trial, place, name="mosquitto", serial=SERIAL):
    """A broker and its machine, both ended with the trial."""
    server = trial.scope.enter_context(broker.Mosquitto(place, trial.directory, serial, name)).start()
    return server, trial.scope.enter_context(broker.Machine(server))


def cuttable(trial):
    """A place whose packets can be dropped, or else one on the loopback interface."""
    try:
        return namespace(trial)
    except (OSError, RuntimeError) as error:
        trial.note(f"no packets are dropped here: {error}")
        return broker.Loopback()


def namespace(trial):
    place = broker.Namespace()
    trial.scope.callback(place.close)
    return place


def admit(trial, service, server, code=parties.CODE, name="Judged"):
    printer = service.add_printer({"name": name, "host": server.place.address, "serial": server.serial, "accessCode": code})
    return Desk(service, printer)


def expect_within(trial, what, seconds, bound):
    trial.expect(seconds is not None and seconds <= bound, f"{what}: " + (
        f"{seconds:.2f} s, at most {bound} wanted" if seconds is not None else f"not within {bound} s"))
    if seconds is not None:
        trial.note(f"{what}: {seconds:.2f} s")


# -- judges -----------------------------------------------------------------------------------------------------------

def mosquitto(trial):
    """Real mosquitto: wrong code, reports, commands, restart, a frozen broker, and a goodbye at the end."""
    server, machine = stage(trial, broker.Loopback())
    service = trial.scope.enter_context(parties.Service(trial.options.command, trial.directory))
    desk = wrong_code(trial, service, server)
    reports(trial, desk, machine)
    commands(trial, desk, machine)
    restart(trial, desk, server)
    half_open(trial, desk, machine, "frozen broker", server.freeze, server.thaw)
    nearly_dead(trial, desk, machine, server)
    goodbye(trial, service, server)


def mosquitto_dropped(trial):
    """A link whose packets are lost from one moment on, in a network namespace."""
    try:
        place = namespace(trial)
    except (OSError, RuntimeError) as error:
        trial.note(f"NOT JUDGED: no network namespace with iptables here ({error}); `mosquitto` judges a frozen broker")
        return
    server, machine = stage(trial, place)
    service = trial.scope.enter_context(parties.Service(trial.options.command, trial.directory))
    desk = admit(trial, service, server)
    expect_within(trial, "first report", desk.wait(BACK_S, live), BACK_S)
    half_open(trial, desk, machine, "dropped packets", place.drop, place.heal)


def mosquitto_schedules(trial):
    """Random faults around random clicks: nothing delivered late, twice, or after having been called not sent."""
    count, rounds = (16, 63) if trial.options.full else (16, 2)
    service = trial.scope.enter_context(parties.Service(trial.options.command, trial.directory))
    places = [cuttable(trial) if number % 2 else broker.Loopback() for number in range(count)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        stages = list(pool.map(lambda number: stage(trial, places[number], f"mosquitto{number}", f"00M09A5432{number:05}"), range(count)))
    schedules = [Schedule(admit(trial, service, server, name=server.name), server, machine, random.Random(number))
                 for number, (server, machine) in enumerate(stages)]
    threads = [threading.Thread(target=schedule.run, args=(rounds,), daemon=True) for schedule in schedules]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = {}
    for schedule in schedules:
        trial.faults += [f"{schedule.server.name}: {fault}" for fault in schedule.faults]
        for status, _ in schedule.ends:
            ends[status] = ends.get(status, 0) + 1
    trial.expect(sum(ends.values()) == count * rounds, f"{sum(ends.values())} of {count * rounds} clicks were answered")
    trial.expect(ends.get(200, 0) > 0 and len(ends) > 1, f"the faults were not where the clicks were: {ends}")
    trial.note(f"{count * rounds} clicks, {sum(schedule.delivered for schedule in schedules)} delivered, the last one of them "
               f"{max((schedule.latest for schedule in schedules), default=0):.1f} s after its click")
    trial.note(f"{count * rounds} clicks: " + ", ".join(f"{n} answered {status}" for status, n in sorted(ends.items())))


def canary(trial):
    """A planted access code is found in no log, error, stream or command line; only where the contract puts it."""
    import canary as birds
    birds.judge(trial)


# -- the parts of `mosquitto` -------------------------------------------------------------------------------------------

def wrong_code(trial, service, server):
    desk = admit(trial, service, server, code="87654321")
    told = desk.wait(BACK_S, lambda status: dead(status) and "access code" in json.dumps(status))
    expect_within(trial, "a wrong code is told", told, BACK_S)
    time.sleep(4)
    knocks = server.logged("not authorised")
    trial.expect(1 <= knocks <= 2, f"a wrong code knocks {knocks} times in its first seconds")
    answer = desk.web.ask("PUT", desk.path, {"Content-Type": "application/json"}, json.dumps(
        {"name": "Judged", "host": server.place.address, "serial": server.serial, "accessCode": parties.CODE}))
    trial.expect(answer.status == 200, f"PUT with the right code: {answer.status}")
    expect_within(trial, "live after the code was put right", desk.wait(BACK_S, live), BACK_S)
    return desk


def reports(trial, desk, machine):
    desk.wait(SHOWN_S + 1, lambda status: status["jobState"] is not None)
    status = desk.status()
    for name, kind in FIELDS.items():
        right = name in status and isinstance(status[name], kind) and (kind is bool or not isinstance(status[name], bool))
        trial.expect(right, f"status: {name} is {status.get(name, 'missing')!r}")
    shown = {name: status.get(name) for name in ("jobState", "percent", "remainingMinutes", "nozzleC", "bedC", "chamberC", "light")}
    wanted = {"jobState": "RUNNING", "percent": 41, "remainingMinutes": 73, "nozzleC": 219.5, "bedC": 59.5, "chamberC": 38.5,
              "light": "on"}
    trial.expect(shown == wanted, f"status: {shown}, wanted {wanted}")
    worst = 0
    for number, (name, field) in enumerate((("nozzle_temper", "nozzleC"), ("bed_temper", "bedC"), ("chamber_temper", "chamberC"),
                                            ("mc_percent", "percent"), ("mc_remaining_time", "remainingMinutes"))):
        value = 44 + number
        took = desk.wait(SHOWN_S, lambda status: status[field] == value, machine.change(**{name: value}))
        trial.expect(took is not None, f"{name} is not shown as {field} within {SHOWN_S} s")
        worst = max(worst, took or 0)
    trial.note(f"reports shown within {worst:.2f} s")


def commands(trial, desk, machine):
    numbers = []
    for kind, more, category, body in (
            ("pause", {}, "print", {"command": "pause"}), ("resume", {}, "print", {"command": "resume"}),
            ("light", {"on": False}, "system", {"command": "ledctrl", "led_node": "chamber_light", "led_mode": "off"}),
            ("light", {"on": True}, "system", {"command": "ledctrl", "led_node": "chamber_light", "led_mode": "on"}),
            ("stop", {}, "print", {"command": "stop"})):
        before, clicked = len(machine.commands()), time.monotonic()
        status, answer, _ = desk.command(kind, **more)
        name = f"{kind} {more or ''}".strip()
        trial.expect(status == 200 and answer.get("ok") is True, f"{name}: answered {status} {answer}")
        arrived = machine.commands()[before:]
        trial.expect(len(arrived) == 1, f"{name}: {len(arrived)} requests at the printer")
        for at, message in arrived:
            inner = message.get(category, {})
            trial.expect(list(message)[:1] == ["user_id"] and message["user_id"] == "1" and set(message) == {"user_id", category},
                         f"{name}: the wrapper is {sorted(message)}")
            trial.expect(body.items() <= inner.items(), f"{name}: {inner}")
            trial.expect(at - clicked <= 1, f"{name}: {at - clicked:.2f} s on its way")
    for message in (message for _, message in machine.requests):
        numbers += [body.get("sequence_id") for body in message.values() if isinstance(body, dict)]
    trial.expect(all(isinstance(number, str) and number.isdecimal() for number in numbers), f"sequence_id: {numbers}")
    trial.expect(sorted(map(int, numbers)) == list(map(int, numbers)) and len(set(numbers)) == len(numbers),
                 f"sequence_id does not grow: {numbers}")
    ended = desk.wait(SHOWN_S, lambda status: status["jobState"] == "FAILED")
    trial.expect(ended is not None, "a stopped print is not shown")
    status, answer, _ = desk.command("pause")
    trial.expect(status == 409 and answer.get("ok") is False and answer.get("error"), f"pause without a print: {status} {answer}")
    machine.change(gcode_state="RUNNING")


def restart(trial, desk, server):
    server.stop()
    stopped = time.monotonic()
    trial.expect(desk.wait(DEAD_S, dead, stopped) is not None, "a broker that is gone is shown live for 10 s")
    expect_refusal(trial, "while the broker is away", desk.command("light", on=False), 503, 1)
    # The service has tried in vain by now.
    time.sleep(max(0, stopped + 3 - time.monotonic()))
    server.start()
    expect_within(trial, "live after the broker's restart", desk.wait(BACK_S, live), BACK_S)


def half_open(trial, desk, machine, name, cut, heal):
    """The socket stays, nothing passes. A click while the page still says live, and one when it says dead."""
    machine.change(gcode_state="RUNNING")
    expect_within(trial, f"{name}: live before", desk.wait(SHOWN_S, lambda s: live(s) and s["jobState"] == "RUNNING"), SHOWN_S)
    before = len(machine.commands())
    machine.hushed.set()
    cut()
    since = time.monotonic()
    clicked = desk.command("pause")
    expect_refusal(trial, f"{name}: at once", clicked, (503, 504), COMMAND_S + 1)
    expect_within(trial, f"{name}: shown dead", desk.wait(DEAD_S, dead, since), DEAD_S)
    expect_refusal(trial, f"{name}: when dead", desk.command("light", on=False), 503, 1)
    machine.hushed.clear()
    heal()
    expect_within(trial, f"{name}: live after the heal", desk.wait(BACK_S, live), BACK_S)
    # What sat in a buffer comes with the first packets.
    time.sleep(1.5)
    late = machine.commands()[before:]
    trial.expect(not late, f"{name}: delivered after the heal: {[message for _, message in late]}")
    trial.expect(desk.status()["jobState"] == "RUNNING", f"{name}: the print has changed by itself")


def nearly_dead(trial, desk, machine, server):
    """Frozen for longer than a command lives and for less than it takes to give the link up: what the broker's kernel
    has acknowledged would be delivered when it thaws."""
    before = len(machine.commands())
    machine.hushed.set()
    server.freeze()
    since = time.monotonic()
    expect_refusal(trial, "into a short freeze", desk.command("pause"), (503, 504), COMMAND_S + 1)
    time.sleep(max(0, since + COMMAND_S + 0.4 - time.monotonic()))
    machine.hushed.clear()
    server.thaw()
    time.sleep(1.5)
    late = machine.commands()[before:]
    trial.expect(not late, f"delivered after a short freeze: {[message for _, message in late]}")
    expect_within(trial, "live after a short freeze", desk.wait(BACK_S, live), BACK_S)


def goodbye(trial, service, server):
    before, start = server.logged("Received DISCONNECT from"), time.monotonic()
    service.stop(signal.SIGTERM, 10)
    expect_within(trial, "end after SIGTERM", time.monotonic() - start, 2)
    trial.expect(service.child.returncode == 0, f"exit code {service.child.returncode}")
    time.sleep(0.2)
    trial.expect(server.logged("Received DISCONNECT from") == before + 1, "no DISCONNECT at the end")


def expect_refusal(trial, when, result, statuses, seconds):
    status, answer, took = result
    right = status in (statuses if isinstance(statuses, tuple) else (statuses,)) and answer.get("ok") is False and answer.get("error")
    trial.expect(right, f"a command {when}: {status} {answer}")
    trial.expect(took <= seconds, f"a command {when}: answered after {took:.1f} s")
    if right:
        trial.note(f"a command {when}: {status} after {took:.1f} s, “{answer['error']}”")


class Schedule:
    """One printer's life under faults: in each round one fault and one click, more than a command's life apart."""

    def __init__(self, desk, server, machine, chance):
        self.desk, self.server, self.machine, self.chance = desk, server, machine, chance
        self.faults, self.ends, self.fault = [], [], None
        self.delivered, self.latest = 0, 0.0

    def run(self, rounds):
        try:
            self.desk.wait(BACK_S + 5, live)
            for number in range(rounds):
                self.round(number)
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}")
        finally:
            self.server.thaw()

    def round(self, number):
        before = len(self.machine.commands())
        # Short ones; and those that a command does not outlive and the link may.
        seconds = self.chance.choice((self.chance.uniform(0.05, 1), self.chance.uniform(COMMAND_S, COMMAND_S + 1.5)))
        fault = threading.Thread(target=self.disturb, args=(self.chance.uniform(0, 0.8), seconds), daemon=True)
        click_after = self.chance.uniform(0, 1.5)
        fault.start()
        time.sleep(click_after)
        clicked = time.monotonic()
        status, answer, _ = self.desk.command("light", on=number % 2 == 0)
        self.ends.append((status, answer))
        fault.join()
        # Until nothing of it can be on its way any more; the link heals meanwhile.
        self.desk.wait(BACK_S + 3, live)
        time.sleep(max(0, clicked + COMMAND_S + 1 - time.monotonic()))
        arrived = [at - clicked for at, _ in self.machine.commands()[before:]]
        self.judge(f"round {number}, fault {self.fault}", status, answer, arrived)

    def judge(self, when, status, answer, arrived):
        self.delivered += len(arrived)
        self.latest = max([self.latest, *arrived])
        if len(arrived) > 1:
            self.faults.append(f"{when}: delivered {len(arrived)} times")
        if any(seconds > COMMAND_S for seconds in arrived):
            self.faults.append(f"{when}: delivered {arrived} s after the click")
        if status == 200 and not arrived:
            self.faults.append(f"{when}: called done and never delivered")
        if status == 503 and arrived and "sent" not in answer.get("error", ""):
            self.faults.append(f"{when}: called not connected and delivered all the same")
        if status not in (200, 409, 503, 504) or answer.get("ok") is not (status == 200):
            self.faults.append(f"{when}: answered {status} {answer}")

    def disturb(self, after, seconds):
        time.sleep(after)
        cut = "drop" if isinstance(self.server.place, broker.Namespace) else "freeze"
        self.fault = self.chance.choice(("none", "freeze", cut, "restart", "kill"))
        match self.fault:
            case "freeze":
                self.machine.hushed.set()
                self.server.freeze()
                time.sleep(seconds)
                self.machine.hushed.clear()
                self.server.thaw()
            case "drop":
                self.machine.hushed.set()
                self.server.place.drop()
                time.sleep(seconds)
                self.machine.hushed.clear()
                self.server.place.heal()
            case "restart" | "kill":
                self.server.stop(signal.SIGKILL if self.fault == "kill" else signal.SIGTERM)
                time.sleep(min(seconds, 2))
                self.server.start()
