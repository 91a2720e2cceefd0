"""The judge `embed`: pages of other origins in Chromium, one that EMBED_ORIGINS names and one that it does not, at the service
itself and through the shipped nginx."""

import json
import subprocess

import parties
import proxy


def look(trial, origin, number, port, name):
    """What a page at this port of localhost can show of the service at `origin`."""
    command = ["node", parties.HERE / "embed.mjs", "--service", origin, "--printer", number, "--port", port,
               "--screenshot", trial.directory / f"{name}.png"]
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"embed.mjs: {done.stderr[-1500:]}")
    return json.loads(done.stdout)


def judge_embed(trial):
    """A page of another origin shows video, still and page in Chromium if EMBED_ORIGINS names it, and else nothing."""
    named, stranger = parties.free_port(), parties.free_port()
    allowed = f"http://localhost:{named}"
    framed_by = {"include /tmp/embed*.conf": f"\"\" \"'self' {allowed}\""}
    printers, service, nginx = proxy.stage(trial, "frontend", "fast", framed_by, {"EMBED_ORIGINS": allowed})
    number = service.add_printer(printers.printers[0])
    service.await_video(number)
    for name, origin in (("service", service.origin), ("nginx", nginx.origin)):
        seen = look(trial, origin, number, named, f"{name}-named")
        trial.note(f"{name}, a named page: {seen}")
        plays = isinstance(seen["hls"], (int, float)) and seen["hls"] >= 2
        trial.expect(plays, f"{name}: hls.js of a named page: {seen['hls']}")
        trial.expect(seen["still"], f"{name}: a named page shows no still")
        trial.expect(seen["range"] == 206, f"{name}: a range that needs a preflight: {seen['range']}")
        trial.expect(seen["frame"]["url"].startswith(origin) and isinstance(seen["frame"]["played"], (int, float))
                     and seen["frame"]["played"] > 1, f"{name}: the page in a frame: {seen['frame']}")
        trial.expect(seen["list"] == "Failed to fetch", f"{name}: a named page reads the printers: {seen['list']}")
        seen = look(trial, origin, number, stranger, f"{name}-stranger")
        trial.note(f"{name}, a page that is not named: {seen}")
        shown = [what for what in ("video", "still") if seen[what]]
        trial.expect(not shown, f"{name}: a page that is not named shows {shown}")
        trial.expect(not isinstance(seen["hls"], (int, float)), f"{name}: hls.js of a page that is not named plays")
        trial.expect(seen["range"] == seen["list"] == "Failed to fetch",
                     f"{name}: a page that is not named reads {seen['range']}, {seen['list']}")
        trial.expect(not seen["frame"]["url"].startswith(origin), f"{name}: a page that is not named frames {seen['frame']}")
