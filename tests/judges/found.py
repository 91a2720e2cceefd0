"""The judge `found`: printers, a forger and the service on hosts of their own in namespaces of the kernel. Printers are heard on
the real ports, found by a scan across a router, and followed to another address. A packet log at the forger's address says what
it was sent: one ClientHello on each connection, and not one byte more."""

import contextlib
import json
import os
import signal
import sys
import time

import lan
import parties

DESK, SHOP, ANNEX = "192.168.77.10", "192.168.77.20", "172.30.0.20"
PRINTER, SECOND, MOVED, FORGER = "192.168.77.41", "192.168.77.42", "192.168.77.57", "192.168.77.66"
HEARD_WITHIN_S, FOLLOWED_WITHIN_S, SCANNED_WITHIN_S = 25, 60, 30
PORT = 8080

# Each TCP payload to one address, by connection, as one line of JSON at the end.
PACKET_LOG = """
import json, signal, socket, sys
address, log = socket.inet_aton(sys.argv[1]), {}
signal.signal(signal.SIGTERM, lambda *_: (print(json.dumps([[list(key), {str(s): p.hex() for s, p in sent.items()}]
                                                            for key, sent in log.items()]), flush=True), sys.exit()))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
print("ready", flush=True)
while True:
    packet = wire.recv(65535)
    head = (packet[0] & 15) * 4
    if packet[9] != 6 or packet[16:20] != address:
        continue
    source, target = (int.from_bytes(packet[head + n:head + n + 2], "big") for n in (0, 2))
    length = int.from_bytes(packet[2:4], "big")
    payload = packet[head + (packet[head + 12] >> 4) * 4:length]
    sent = log.setdefault((socket.inet_ntoa(packet[12:16]), source, target), {})
    if payload:
        sent[int.from_bytes(packet[head + 4:head + 8], "big")] = payload
"""


class Printers(parties.Process):
    """Virtual printers on a host, at addresses of their own."""

    stdin = parties.subprocess.PIPE

    def __init__(self, host, name, directory, base, models):
        count = models.count(",") + 1
        for number in range(count):
            first, last = base.rsplit(".", 1)
            host.run("ip", "address", "add", f"{first}.{int(last) + number}/24", "dev", "eth0")
        command = [*host.enter, parties.ROOT / "target" / "release" / "virtual-printer", "--count", count, "--base-address", base,
                   "--model", models, "--announce", "on", "--code", parties.CODE]
        super().__init__(name, command, directory)
        self.start("\n" * count)
        self.printers = [json.loads(line) for line in self.said.decode().splitlines()]

    def order(self, line):
        os.write(self.child.stdin.fileno(), line.encode() + b"\n")


class PacketLog(parties.Process):
    def __init__(self, host, address, directory):
        super().__init__("packets", [*host.enter, sys.executable, "-c", PACKET_LOG, address], directory)
        self.start("ready")

    def connections(self):
        """Ends the log. Returns [(port, bytes sent)...] of each connection."""
        self.child.send_signal(signal.SIGTERM)
        logged = json.loads(self.child.stdout.read())
        ordered = ((key[2], sorted(sent.items(), key=lambda pair: int(pair[0]))) for key, sent in logged)
        return [(port, b"".join(bytes.fromhex(part) for _, part in sent)) for port, sent in ordered]


class Service(parties.Process):
    """The service on a host, asked by curl there."""

    def __init__(self, host, command, directory, more=None):
        self.host = host
        environment = {"BIND_ADDR": f"127.0.0.1:{PORT}", "DB_PATH": str(directory / "printers.db"),
                       "RUST_LOG": "info,platecast=debug"} | (more or {})
        super().__init__("service", [*host.enter, *command], directory, environment)
        self.start()

    def ask(self, path, method="GET", body=None):
        words = ["curl", "--silent", "--show-error", "--max-time", "15", "--request", method, f"http://127.0.0.1:{PORT}{path}"]
        if body is not None:
            words += ["--header", "Content-Type: application/json", "--data", json.dumps(body)]
        said = self.host.run(*words)
        return json.loads(said) if said else None

    def wait(self, what, path, seconds, arrived):
        """Returns the answer and the seconds until it was as expected."""
        begun, answer = time.monotonic(), None
        while time.monotonic() - begun < seconds:
            with contextlib.suppress(RuntimeError):
                answer = self.ask(path)
                if arrived(answer):
                    return answer, time.monotonic() - begun
            time.sleep(0.2)
        raise RuntimeError(f"{what}: not within {seconds} s: {json.dumps(answer)[:600]}")


def is_hello_alone(sent):
    """One TLS record with a ClientHello (RFC 5246 sections 6.2.1 and 7.4.1.2)."""
    return len(sent) > 9 and sent[0] == 22 and sent[1] == 3 and sent[5] == 1 and len(sent) == 5 + int.from_bytes(sent[3:5], "big")


def judge(trial):
    """Found on the LAN within 25 s and across a router by a scan; followed within 60 s; a forger gets a ClientHello alone."""
    net = trial.scope.enter_context(lan.Lan())
    desk, shop, annex = net.host(DESK), net.host(SHOP), net.host(ANNEX)
    for address in (MOVED, FORGER):
        shop.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
    service = trial.scope.enter_context(Service(desk, trial.options.command, trial.directory))
    service.wait("the service", "/healthz", parties.START_S, lambda answer: answer["ok"])
    printers = trial.scope.enter_context(Printers(shop, "printers", trial.directory, PRINTER, "P1S,A1"))
    far = trial.scope.enter_context(Printers(annex, "annex", trial.directory, "172.30.0.41", "P2S"))

    hosts = lambda answer: {printer["host"]: printer for printer in answer["printers"]}
    found, seconds = service.wait("announcements", "/api/found", HEARD_WITHIN_S, lambda answer: {PRINTER, SECOND} <= set(hosts(answer)))
    trial.note(f"both printers are heard after {seconds:.1f} s: {[(p['model'], p['host']) for p in found['printers']]}")
    trial.expect(found["listening"] and found["deaf"] is None, f"it is not heard: {found['deaf']}")
    trial.expect("192.168.77.0/24" in [network["range"] for network in found["networks"]], f"proposed: {found['networks']}")
    trial.expect("172.30.0.41" not in hosts(found), "a broadcast has crossed the router")

    service.ask("/api/found/scan", "POST", {"range": "172.30.0.0/24"})
    found, seconds = service.wait("the scan", "/api/found", SCANNED_WITHIN_S, lambda answer: answer["scan"]["state"] == "done")
    trial.note(f"254 addresses across a router in {seconds:.1f} s: {found['scan']}")
    trial.expect(hosts(found).get("172.30.0.41", {}).get("serial") == far.printers[0]["serial"], f"found: {found['printers']}")

    ids = [service.ask("/api/printers", "POST", {"name": host, "host": host, "accessCode": parties.CODE})["id"] for host in (PRINTER, SECOND)]
    serials = [service.ask(f"/api/printers/{number}")["serial"] for number in ids]
    trial.expect(serials == [printer["serial"] for printer in printers.printers], f"the serial numbers are {serials}")
    for number in ids:
        service.wait("a status", f"/api/printers/{number}/status", 20, lambda answer: answer["connected"])

    # The forger has the serial number and another key. The printer is off for half a minute: nobody else is there.
    packets = trial.scope.enter_context(PacketLog(shop, FORGER, trial.directory))
    printers.order(f"1 forge {FORGER}")
    printers.order("1 away")
    service.wait("the loss", f"/api/printers/{ids[0]}/status", 20, lambda answer: not answer["connected"])
    time.sleep(30)
    told = service.ask(f"/api/printers/{ids[0]}")
    trial.expect(told["host"] == PRINTER, f"it was followed to {told['host']}")
    trial.expect(service.ask(f"/api/printers/{ids[0]}/status")["moved"] is None, "people are told that it has moved")

    printers.order("1 heal")
    service.wait("the return", f"/api/printers/{ids[0]}/status", 20, lambda answer: answer["connected"])
    printers.order(f"1 move {MOVED} silently")
    followed, seconds = service.wait("following", f"/api/printers/{ids[0]}", FOLLOWED_WITHIN_S, lambda answer: answer["host"] == MOVED)
    trial.note(f"followed to {followed['host']} after {seconds:.1f} s, beside a forger")
    status, _ = service.wait("a status", f"/api/printers/{ids[0]}/status", 20, lambda answer: answer["connected"])
    moved = status["moved"] or {}
    trial.expect((moved.get("from"), moved.get("to")) == (PRINTER, MOVED), f"people are told {moved}")
    trial.expect(service.ask(f"/api/printers/{ids[1]}")["host"] == SECOND, "the other printer has moved")

    connections = packets.connections()
    trial.note(f"the forger was sent {[(port, len(sent)) for port, sent in connections]}: a port and bytes for each connection")
    trial.expect(connections, "nobody has asked the forger, so nothing is shown")
    trial.expect(len(connections) <= 8, f"the forger was asked {len(connections)} times")
    wrong = [(port, sent.hex()) for port, sent in connections if port != 8883 or not is_hello_alone(sent)]
    trial.expect(not wrong, f"the forger was sent more than a hello: {wrong}")
