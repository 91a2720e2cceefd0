#!/usr/bin/env python3
"""PyPI's readers of port 6000 and of announcements, led by the judge `pictures`; runs where they are installed.

  foreign_pictures.py bambulabs-api|bambu-connect HOST CODE SECONDS
  foreign_pictures.py bambu-printer-manager SECONDS

Prints a line of JSON for each picture or printer.
"""

import io
import json
import os
import re
import sys
import time

CELLS = 18


def say(**what):
    print(json.dumps(what), flush=True)


def number_shown(picture):
    """What the strip of cells in the decoded picture says; clips/make has its geometry. None where it is not whole."""
    grey, cell = picture.convert("L"), picture.width / 64
    white = [grey.getpixel((int((k + 1.5) * cell), int(1.5 * cell))) > 128 for k in range(CELLS)]
    number = sum(bit << place for place, bit in enumerate(white[1:17]))
    return number if white[0] and sum(white[1:]) % 2 == 1 else None


def say_picture(file):
    from PIL import Image
    picture = Image.open(io.BytesIO(file))
    # Raises where the file is not whole.
    picture.load()
    written = re.search(rb"picture (\d+)", file[:64])
    say(at=time.time(), bytes=len(file), size=picture.size, mode=picture.mode, shown=number_shown(picture),
        written=written and int(written[1]))


def bambulabs_api(host, code, seconds):
    """Takes a header only from a read of 16 bytes, checks both ends of the file, and keeps the newest picture."""
    from bambulabs_api.camera_client import PrinterCamera
    camera, last = PrinterCamera(host, code), None
    camera.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        file = camera.last_frame
        if file is not last:
            last = file
            say_picture(bytes(file))
        time.sleep(0.005)


def bambu_connect(host, code, seconds):
    """Ignores the header, and looks for both ends of a file in what comes."""
    from bambu_connect.CameraClient import CameraClient
    client = CameraClient(host, code)
    client.start_stream(say_picture)
    time.sleep(seconds)


def bambu_printer_manager(seconds):
    """Listens on 2021 to what everybody is told."""
    from bpm.bambudiscovery import BambuDiscovery
    BambuDiscovery(on_printer_discovered=lambda printer: say(
        serial=printer.usn, host=printer.location, name=printer.dev_name, model=printer.dev_model,
        known=printer.decoded_model.name, firmware=printer.dev_version, connect=printer.dev_connect)).start()
    time.sleep(seconds)


def main():
    library, *where, seconds = sys.argv[1:]
    readers = {"bambulabs-api": bambulabs_api, "bambu-connect": bambu_connect, "bambu-printer-manager": bambu_printer_manager}
    readers[library](*where, float(seconds))


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stderr.flush()
    # They leave threads behind that wait for ever.
    os._exit(0 if sys.exc_info()[0] is None else 1)
