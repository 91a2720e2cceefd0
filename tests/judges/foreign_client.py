#!/usr/bin/env python3
"""One of PyPI's clients of Bambu Lab printers, led by the judge `clients`; runs where they are installed.

  foreign_client.py bambulabs-api|pybambu HOST SERIAL CODE MODEL

A line on standard input is `read`, `light on`, `light off`, `pause`, `resume`, `stop` or `speed N`; the answer is a line of
JSON: what the library has read, or what it says of the order.
"""

import json
import os
import sys
import time

CONNECT_S = 10


class BambulabsApi:
    """bambulabs-api opens with one message of three categories, and orders the light without naming one."""

    def __init__(self, host, serial, code, _):
        import bambulabs_api
        self.printer = bambulabs_api.Printer(host, code, serial)
        self.printer.mqtt_start()
        self.orders = {"light on": self.printer.turn_light_on, "light off": self.printer.turn_light_off,
                       "pause": self.printer.pause_print, "resume": self.printer.resume_print, "stop": self.printer.stop_print}

    def is_ready(self):
        told = self.printer.mqtt_dump()
        # Deltas come before what was asked for.
        return "gcode_state" in told.get("print", {}) and "module" in told.get("info", {}) and "upgrade" in told

    def read(self):
        printer, client = self.printer, self.printer.mqtt_client
        # Its own copy is laid over at the top only: a delta of `ams` replaces the units, so they are read once, at first.
        client.process_ams()
        trays = {f"{unit}.{slot}": tray.tray_type for unit, ams in client.ams_hub.ams_hub.items()
                 for slot, tray in ams.filament_trays.items()}
        return {"state": printer.get_state().value, "percent": printer.get_percentage(), "minutes": printer.get_time(),
                "layer": printer.current_layer_num(), "layers": printer.total_layer_num(), "title": printer.subtask_name(),
                "nozzle_c": printer.get_nozzle_temperature(), "bed_c": printer.get_bed_temperature(),
                "chamber_c": printer.get_chamber_temperature(), "trays": trays, "light": printer.get_light_state(),
                "error": printer.print_error_code(), "stage": printer.get_current_state().name,
                "speed": printer.get_print_speed(), "firmware": client.firmware_version(),
                "history": [one["firmware"]["version"] for one in client.get_firmware_history()]}

    def order(self, order):
        if order.startswith("speed "):
            return self.printer.set_print_speed(int(order.split()[1]))
        return self.orders[order]()


class Pybambu:
    """pybambu, of which Home Assistant's integration was made: it merges for itself, and names what it knows."""

    def __init__(self, host, serial, code, model):
        import pybambu
        from pybambu import commands
        self.client = pybambu.BambuClient(model, serial, host, True, "", "", "", "", code)
        self.device = self.client.get_device()
        self.client.connect(lambda event: None)
        self.orders = {"light on": self.device.lights.TurnChamberLightOn, "light off": self.device.lights.TurnChamberLightOff,
                       "pause": lambda: self.client.publish(commands.PAUSE), "resume": lambda: self.client.publish(commands.RESUME),
                       "stop": lambda: self.client.publish(commands.STOP)}

    def is_ready(self):
        return self.device.push_all_data is not None and self.device.get_version_data is not None

    def read(self):
        device, job = self.device, self.device.print_job
        trays = {f"{unit}.{slot}": tray.type for unit, ams in enumerate(device.ams.data) if ams
                 for slot, tray in enumerate(ams.tray) if not tray.empty}
        active = device.get_active_tray()
        hms = [text.split(":")[0] for name, text in device.hms.errors.items() if name.endswith("-Error")]
        lights = device.lights
        return {"state": job.gcode_state, "percent": job.print_percentage, "minutes": job.remaining_time, "layer": job.current_layer,
                "layers": job.total_layers, "title": job.subtask_name, "nozzle_c": device.temperature.nozzle_temp,
                "bed_c": device.temperature.bed_temp, "chamber_c": device.temperature.chamber_temp, "trays": trays,
                "feeds": active.name if active else None, "error": job.print_error, "hms": hms, "stage": device.stage.description,
                # What it has ordered and the printer has not told yet counts as nothing told.
                "light": lights.chamber_light if not lights.chamber_light_override else "unknown",
                "speed": device.speed.modifier, "firmware": device.info.sw_ver, "model": device.info.device_type}

    def order(self, order):
        if order.startswith("speed "):
            return self.device.speed.SetSpeed({"1": "silent", "3": "sport"}[order.split()[1]])
        return self.orders[order]()


def main():
    library, host, serial, code, model = sys.argv[1:]
    client = {"bambulabs-api": BambulabsApi, "pybambu": Pybambu}[library](host, serial, code, model)
    end = time.monotonic() + CONNECT_S
    while not client.is_ready():
        if time.monotonic() > end:
            sys.exit(f"{library} has not read the printer in {CONNECT_S} s")
        time.sleep(0.05)
    print("ready", flush=True)
    for line in sys.stdin:
        order = line.strip()
        print(json.dumps(client.read() if order == "read" else {"sent": client.order(order) is not False}), flush=True)
    # Both leave threads behind that wait for ever.
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)
