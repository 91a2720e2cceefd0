"""The one image, as the README and docker/compose.yml start it on the machine's own network, and the files of a release, all
made by scripts/release. Part of `compose`, which has built the stages that it shares with the other two images."""

import hashlib
import json
import pathlib
import shlex
import subprocess
import tarfile
import time

import engine
import parties
from engine import COMPOSE, DOCKER

GOAL_MB = 12
# The model, what its camera gives, and how that begins.
MODEL, PICTURE, BEGINS = "A1", "still.jpg", (0, b"\xff\xd8")
IMAGES = {f"{kind}_IMAGE": engine.BASE for kind in ("RUST", "NODE", "NGINX")}


def readme_line():
    """The words of the line that the README gives to run it."""
    lines = (parties.ROOT / "README.md").read_text().splitlines()
    return shlex.split(next(line for line in lines if line.startswith("docker run ")), comments=True)


class OneImage:
    def __init__(self, judge):
        self.judge, self.engine, self.directory = judge, judge.engine, judge.directory
        *self.words, name = readme_line()
        # Nobody can have an account of that name, so a line that was copied as it is fetches nothing.
        self.name = name.replace("OWNER", "judge")
        self.port = parties.free_port()
        self.web = parties.Web(f"http://127.0.0.1:{self.port}")

    def release(self, *words, seconds=3000):
        done = self.engine.call([parties.ROOT / "scripts" / "release", *words], seconds=seconds, environment=IMAGES, cwd=parties.ROOT)
        return done.stdout + done.stderr

    # -- image and files ----------------------------------------------------------------------------------------------

    def build(self, architecture):
        """Prints what it weighs in a registry."""
        start = time.monotonic()
        (self.directory / f"build-platecast-{architecture}.log").write_text(self.release("image", architecture))
        took, self.version = time.monotonic() - start, self.release("version").strip()
        told = self.release("try", architecture)
        weight = next(line for line in told.splitlines() if "compressed" in line)
        megabytes = int(weight.split(": ")[1].split()[0]) / 1000
        self.judge.expect(megabytes <= GOAL_MB, f"the one image weighs {megabytes} MB")
        self.judge.say(f"one image for {architecture}: built in {took:.0f} s, {megabytes:.1f} MB compressed")
        return told

    def look(self):
        image = f"platecast:{self.version}-amd64"
        facts = self.engine.inspect(image)["Config"]
        self.judge.expect(facts["User"] == "65532:65532", f"it runs as {facts['User']}")
        files = self.judge.files_of(image)
        self.judge.expect(files == {"platecast", "frontend", "data"}, f"the one image holds {sorted(files)}")
        self.engine.docker("tag", image, self.name)

    def unpack(self, *architectures):
        """The release's files, checked and unpacked: the folder of each architecture."""
        self.release("binaries", *architectures)
        self.release("checksums")
        files = parties.ROOT / "target" / "release-files"
        told = dict(reversed(line.split()) for line in (files / "SHA256SUMS").read_text().splitlines())
        summed = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files.iterdir() if file.name != "SHA256SUMS"}
        self.judge.expect(told == summed, f"SHA256SUMS: {told}, {summed}")
        folders = {}
        for architecture in architectures:
            name = f"platecast-{self.version}-linux-{architecture}"
            with tarfile.open(files / f"{name}.tar.gz") as archive:
                archive.extractall(self.directory, filter="data")
            folders[architecture] = self.directory / name
            inside = {file.name for file in folders[architecture].iterdir()}
            wanted = {"platecast", "frontend", "platecast.service", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"}
            self.judge.expect(inside == wanted, f"{name} holds {inside}")
            self.judge.say(f"{name}.tar.gz: {(files / f'{name}.tar.gz').stat().st_size / 1e6:.1f} MB, "
                           f"the program {(folders[architecture] / 'platecast').stat().st_size / 1e6:.1f} MB")
        return folders

    # -- in use -------------------------------------------------------------------------------------------------------

    def run(self):
        with parties.VirtualPrinters(1, self.directory, more=["--model", MODEL]) as printers:
            try:
                self.run_line(printers.printers[0])
                self.run_compose_file()
            finally:
                self.engine.docker("rm", "--force", "platecast", check=False)

    def run_line(self, printer):
        # An engine that is kept has the printers of the last time.
        self.engine.docker("volume", "rm", "--force", "platecast", check=False)
        start = time.monotonic()
        self.engine.docker(*self.words[1:], "--env", f"BIND_ADDR=0.0.0.0:{self.port}", self.name)
        self.await_answer("/healthz")
        served = time.monotonic() - start
        added = self.web.ask("POST", "/api/printers", {"Content-Type": "application/json"}, json.dumps(printer))
        if added.status != 201:
            raise RuntimeError(f"adding the printer: {added.status} {added.body[:300]!r}")
        self.number = added.json()["id"]
        self.await_picture()
        first = time.monotonic() - start
        self.judge.say(f"`docker run` to the page: {served:.1f} s; to the first picture of a virtual {MODEL}, added at once: {first:.1f} s; "
                       f"{self.judge.memory_of('platecast'):.1f} MB")
        page = self.web.get("/")
        self.judge.expect(page.status == 200 and '<meta name="build"' in page.text(), f"the page: {page.status} {page.body[:200]!r}")
        listed = self.web.get("/api/printers").text()
        self.judge.expect(printer["serial"] in listed and printer["accessCode"] not in listed, f"the printers: {listed}")
        facts = self.engine.inspect("platecast")
        host, mount = facts["HostConfig"], facts["Mounts"][0]
        self.judge.expect(host["ReadonlyRootfs"] and host["NetworkMode"] == "host" and not host["Privileged"], f"the container: {host}")
        database = pathlib.Path(mount["Source"]) / "printers.db"
        owner = database.stat()
        self.judge.expect(mount["Name"] == "platecast" and owner.st_uid == 65532 and owner.st_mode & 0o777 == 0o600,
                          f"{mount}: {owner}")
        self.await_healthy()
        start = time.monotonic()
        self.engine.docker("stop", "--time", "10", "platecast")
        took, code = time.monotonic() - start, self.engine.inspect("platecast")["State"]["ExitCode"]
        self.judge.expect(code == 0 and took < 4, f"SIGTERM: exit code {code} after {took:.1f} s")
        self.engine.docker("rm", "platecast")

    def run_compose_file(self):
        """With the volume that the line has made."""
        place = self.directory / "one-image"
        place.mkdir()
        file = (parties.ROOT / "docker" / "compose.yml").read_text()
        (place / "compose.yml").write_text(file.replace("OWNER", "judge"))
        (place / "port.yml").write_text(f'services: {{platecast: {{environment: {{BIND_ADDR: "0.0.0.0:{self.port}"}}}}}}\n')
        compose = [COMPOSE, "-p", "one-image", "-f", "compose.yml", "-f", "port.yml"]
        self.engine.call([*compose, "up", "--detach", "--no-build"], cwd=place)
        try:
            self.await_answer("/healthz")
            self.await_picture()
            self.judge.say("docker/compose.yml goes on with the same printers")
        finally:
            self.engine.call([*compose, "down", "--timeout", "10"], cwd=place, check=False)

    def await_answer(self, path, seconds=30, right=lambda _: True):
        end, seen = time.monotonic() + seconds, None
        while time.monotonic() < end:
            try:
                seen = self.web.get(path)
                if seen.status == 200 and right(seen.body):
                    return
            except OSError as error:
                seen = error
            time.sleep(0.05)
        told = self.engine.call([DOCKER, "ps", "--all"]).stdout
        raise RuntimeError(f"{path} after {seconds} s: {seen}\n{told}")

    def await_picture(self):
        at, beginning = BEGINS
        self.await_answer(f"/api/printers/{self.number}/{PICTURE}", right=lambda body: body[at:at + len(beginning)] == beginning)

    def await_healthy(self):
        end = time.monotonic() + 30
        while (state := self.engine.inspect("platecast")["State"]["Health"]["Status"]) != "healthy":
            if time.monotonic() > end:
                raise RuntimeError(f"the one image is {state}")
            time.sleep(0.2)

    # -- a program of another architecture -----------------------------------------------------------------------------

    def run_under_qemu(self, folder):
        qemu = ["qemu-aarch64-static", folder / "platecast"]
        version = subprocess.run([*qemu, "--version"], capture_output=True, text=True, timeout=30)
        self.judge.expect(version.stdout == f"platecast {self.version}\n", f"under qemu: {version}")
        with parties.VirtualPrinters(1, self.directory, more=["--model", MODEL]) as printers, \
                parties.Service(qemu, self.directory, {"FRONTEND_DIR": str(folder / "frontend")}) as service:
            self.web, self.number = service.web, service.add_printer(printers.printers[0])
            start = time.monotonic()
            self.await_picture()
            page = service.web.get("/")
            self.judge.expect(page.status == 200 and '<meta name="build"' in page.text(), f"the page under qemu: {page.status}")
            self.judge.say(f"arm64 under qemu: {version.stdout.strip()}, the page, and a {MODEL}'s picture {time.monotonic() - start:.1f} s after "
                           "it was added")
