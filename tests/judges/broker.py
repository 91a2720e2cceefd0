"""A foreign printer for status and commands: mosquitto as the broker on its screen side, a machine of our own behind it.

mosquitto speaks TLS with a printer-like certificate on port 8883 of an address of its own, knows the user bblp and lets
him read reports and write requests, nothing else. The machine sits behind a second, plain listener.
"""

import contextlib
import ipaddress
import json
import pathlib
import random
import signal
import socket
import subprocess
import threading
import time

import footage
import mqtt
import parties

MQTT_PORT = 8883
TELEMETRY = ("pushall", "get_version")


class Loopback:
    """An address in 127.0.0.0/8 whose MQTT port nobody has: the service knows no other port of a printer."""

    prefix = ()

    def __init__(self):
        for _ in range(50):
            self.address = f"127.{random.randint(64, 127)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.bind((self.address, MQTT_PORT))
                return
        raise RuntimeError(f"no loopback address has port {MQTT_PORT} free")


class Namespace:
    """A network of its own behind a virtual cable, which can be cut without either end being told. Needs root."""

    # For measurements between networks (RFC 2544), so no address that anybody has. Each place takes four.
    net = ipaddress.ip_network("198.19.0.0/16")

    def __init__(self):
        number = self.claim()
        ours, theirs = self.net[4 * number + 1], self.net[4 * number + 2]
        self.address, self.prefix = str(theirs), ("ip", "netns", "exec", self.name)
        near, far = f"{self.name}n", f"{self.name}f"
        try:
            run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", self.name)
            run("ip", "address", "add", f"{ours}/30", "dev", near)
            run("ip", "link", "set", near, "up")
            for words in (("address", "add", f"{theirs}/30", "dev", far), ("link", "set", far, "up"), ("link", "set", "lo", "up")):
                run("ip", "-n", self.name, *words)
            self.rules("-A")
            self.rules("-D")
        except RuntimeError:
            self.close()
            raise

    def claim(self):
        """Whoever has the name has the addresses: judges in other processes want some too."""
        for _ in range(5):
            number = random.randrange(self.net.num_addresses // 4)
            self.name = f"judge-{number:04x}"
            try:
                run("ip", "netns", "add", self.name)
                return number
            except RuntimeError as error:
                if "exists" not in str(error):
                    raise
        raise RuntimeError("no name for a network namespace is free")

    def drop(self):
        """From now on every packet to and from the MQTT port is lost."""
        self.rules("-A")

    def heal(self):
        self.rules("-D")

    def rules(self, action):
        for chain, end in (("INPUT", "--dport"), ("OUTPUT", "--sport")):
            run(*self.prefix, "iptables", "-w", action, chain, "-p", "tcp", end, str(MQTT_PORT), "-j", "DROP")

    def close(self):
        with contextlib.suppress(RuntimeError):
            # With it go its end of the cable and so ours.
            run("ip", "netns", "delete", self.name)


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Mosquitto(parties.Process):
    """The broker of one printer."""

    def __init__(self, place, directory, serial, name="mosquitto"):
        directory = pathlib.Path(directory)
        self.place, self.serial, self.inner = place, serial, (place.address, parties.free_port())
        chain, key, _ = footage.make_certificate(directory / f"{name}-certificate", serial)
        passwords, rights, config = (directory / f"{name}.{end}" for end in ("passwords", "acl", "conf"))
        passwords.unlink(missing_ok=True)
        run("mosquitto_passwd", "-b", "-c", str(passwords), "bblp", parties.CODE)
        rights.write_text(f"user bblp\ntopic read device/{serial}/report\ntopic write device/{serial}/request\n")
        config.write_text(
            "user root\nlog_type all\nper_listener_settings true\nset_tcp_nodelay true\n"
            f"listener {MQTT_PORT} {place.address}\nallow_anonymous false\npassword_file {passwords}\nacl_file {rights}\n"
            f"certfile {chain}\nkeyfile {key}\ntls_version tlsv1.2\n"
            f"listener {self.inner[1]} {place.address}\nallow_anonymous true\n")
        super().__init__(name, [*place.prefix, "/usr/sbin/mosquitto", "-c", config], directory)

    def start(self):
        super().start()
        end = time.monotonic() + parties.START_S
        while time.monotonic() < end and self.alive():
            with contextlib.suppress(OSError):
                socket.create_connection(self.inner, 1).close()
                return self
            time.sleep(0.02)
        raise RuntimeError(f"mosquitto did not start:\n{self.tail()}")

    def freeze(self):
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.child.send_signal(signal.SIGCONT)

    def stop(self, *words, **more):
        if self.alive():
            self.thaw()
        super().stop(*words, **more)

    def logged(self, words):
        return self.log.read_text(errors="replace").count(words)


class Machine:
    """An X1C in the middle of a print: tells every second what has changed, obeys, and keeps what it was asked."""

    def __init__(self, broker):
        self.broker, self.serial = broker, broker.serial
        self.lock, self.ended, self.hushed = threading.RLock(), threading.Event(), threading.Event()
        self.client, self.count, self.requests, self.told = None, 0, [], {}
        self.state = {
            "gcode_state": "RUNNING", "mc_percent": 41, "mc_remaining_time": 73, "layer_num": 88, "total_layer_num": 210,
            "subtask_name": "Hinge", "job_id": "4711", "print_type": "local", "stg_cur": 0, "print_error": 0, "hms": [],
            "nozzle_temper": 219.5, "nozzle_target_temper": 220.0, "bed_temper": 59.5, "bed_target_temper": 60.0,
            "chamber_temper": 38.5, "nozzle_diameter": "0.4", "wifi_signal": "-52dBm", "spd_lvl": 2, "sdcard": True,
            "lights_report": [{"node": "chamber_light", "mode": "on"}, {"node": "work_light", "mode": "flashing"}],
            "ipcam": {"ipcam_dev": "1", "rtsp_url": "disable"}}
        self.thread = threading.Thread(target=self.live, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def live(self):
        while not self.ended.is_set():
            try:
                client = mqtt.Client(self.broker.inner, self.hear)
                client.subscribe(f"device/{self.serial}/request")
            except (OSError, mqtt.MqttError):
                self.ended.wait(0.1)
                continue
            self.client = client
            while client.alive() and not self.ended.wait(1):
                self.report()
            self.client = None
            client.close()

    def change(self, **fields):
        """The printer changes and says so at once. Returns when it did, on the monotonic clock."""
        with self.lock:
            self.state.update(fields)
            self.report()
            return time.monotonic()

    def report(self, full=False):
        with self.lock:
            changed = {name: value for name, value in self.state.items() if full or self.told.get(name) != value}
            self.told = dict(self.state)
            self.count += 1
            self.say("print", changed | {"command": "push_status", "msg": 0 if full else 1, "sequence_id": str(self.count)})

    def say(self, category, body):
        """Nothing while hushed: what a frozen broker would tell later is nothing a printer would."""
        if self.hushed.is_set() or not self.client:
            return
        with contextlib.suppress(OSError):
            self.client.publish(f"device/{self.serial}/report", json.dumps({category: body}, indent=4).encode())

    def hear(self, payload):
        message = json.loads(payload)
        with self.lock:
            self.requests.append((time.monotonic(), message))
            category, body = next((name, body) for name, body in message.items() if isinstance(body, dict))
            reply = dict(body)
            match body.get("command"):
                case "pushall":
                    return self.report(full=True)
                case "get_version":
                    reply["module"] = [{"name": "ota", "sw_ver": "01.09.00.01", "product_name": "Bambu Lab X1-Carbon", "sn": self.serial}]
                case "ledctrl":
                    light = {"node": body["led_node"], "mode": body["led_mode"]}
                    others = [other for other in self.state["lights_report"] if other["node"] != light["node"]]
                    self.state["lights_report"] = [light, *others]
                case "pause" | "resume" | "stop" as command:
                    self.state["gcode_state"] = {"pause": "PAUSE", "resume": "RUNNING", "stop": "FAILED"}[command]
            self.say(category, reply | {"result": "success", "reason": "success"})
            self.report()

    def commands(self):
        """(when, message) of all requests that are no mere questions."""
        with self.lock:
            return [(at, message) for at, message in self.requests
                    if next(body for body in message.values() if isinstance(body, dict)).get("command") not in TELEMETRY]
