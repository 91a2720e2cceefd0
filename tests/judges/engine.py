"""A Docker engine of our own for the time of a trial, and base images made on this machine: none can be pulled where there
is no registry. Data, socket and images are apart from any other engine's, and no rule of a firewall is touched.

Needs root, and Debian's docker.io and debootstrap. What stands in for the official images of Rust, Node and nginx is one
Debian with this machine's own Rust and Node copied into it.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import time

import footage
import parties

PLACE = footage.TARGET / "engine"
# Not another docker that may lie before it in the path.
DOCKER, COMPOSE = "/usr/bin/docker", "/usr/bin/docker-compose"
PROGRAMS = [DOCKER, COMPOSE, "/usr/sbin/dockerd", "/usr/sbin/debootstrap"]
PACKAGES = ["gcc", "libc6-dev", "musl-dev", "nginx-light", "wget"]
CROSS_PACKAGES = ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "musl-dev:arm64"]
BASE = "platecast-judge/base"
CHANGES = ["ENV PATH=/rust/bin:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin",
           "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"]


class Missing(Exception):
    """Why there is no engine here."""


def why_not():
    if os.geteuid() != 0:
        return "a Docker engine needs root"
    absent = [program for program in PROGRAMS if not pathlib.Path(program).exists()]
    return f"{', '.join(absent)} not installed (scripts/setup images)" if absent else None


class Engine(parties.Process):
    def __init__(self, directory):
        self.data, self.run = PLACE / "data", pathlib.Path(directory) / "run"
        self.socket = self.run / "docker.sock"
        self.run.mkdir(parents=True)
        pathlib.Path("/sys/fs/cgroup/devices").mkdir(exist_ok=True)
        command = ["/usr/sbin/dockerd", "--data-root", self.data, "--exec-root", self.run / "exec", "--pidfile", self.run / "pid",
                   "-H", f"unix://{self.socket}", "--iptables=false", "--ip6tables=false", "--ip-masq=false",
                   "--userland-proxy=true", "--storage-driver=overlay2", "--exec-opt", "native.cgroupdriver=cgroupfs"]
        super().__init__("dockerd", command, directory)
        # The old builder: Debian has no other.
        self.environment = os.environ | {"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_BUILDKIT": "0",
                                         "COMPOSE_DOCKER_CLI_BUILD": "0", "PATH": "/usr/bin:/usr/sbin:/bin:/sbin"}
        self.start()
        end = time.monotonic() + 40
        while not self.answers():
            if time.monotonic() > end or not self.alive():
                tail = self.tail()
                self.stop()
                raise Missing(f"dockerd did not come up:\n{tail}")
            time.sleep(0.2)
        # Of a run before that was broken off: what is to be started again has been.
        if left := self.docker("ps", "--all", "--quiet").split():
            self.docker("rm", "--force", "--volumes", *left)

    def stop(self, kind=signal.SIGTERM, patience_s=20):
        super().stop(kind, patience_s)
        mounts = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
        for mount in sorted((mount for mount in mounts if mount.startswith((str(self.run), str(self.data)))), reverse=True):
            subprocess.run(["umount", mount], check=False, timeout=20)

    def answers(self):
        return self.socket.exists() and self.call([DOCKER, "version"], check=False).returncode == 0

    def call(self, command, check=True, seconds=60, **more):
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=seconds, env=self.environment | more.pop("environment", {}), **more)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        return done

    def docker(self, *words, **more):
        return self.call([DOCKER, *words], **more).stdout.strip()

    def inspect(self, name):
        return json.loads(self.docker("inspect", name))[0]

    def forget(self):
        """Everything it has stored."""
        shutil.rmtree(self.data, ignore_errors=True)

    # -- base images --------------------------------------------------------------------------------------------------

    def make_base(self, cross):
        """One Debian with what the three official images have that the Dockerfile uses."""
        rootfs = PLACE / "rootfs"
        wanted = PACKAGES + (CROSS_PACKAGES if cross else [])
        marker = rootfs / "packages"
        if not marker.exists() or not set(wanted) <= set(marker.read_text().split()):
            make_rootfs(rootfs, wanted)
            marker.write_text(" ".join(wanted))
        recipe = " ".join([*marker.read_text().split(), said("rustc", "--version"), said("node", "--version"), *CHANGES])
        kept = self.call([DOCKER, "inspect", "--format", "{{.Config.Labels.recipe}}", BASE], check=False).stdout.strip()
        if kept == recipe:
            return
        changes = [word for change in (*CHANGES, f'LABEL recipe="{recipe}"') for word in ("--change", change)]
        import_ = [DOCKER, "import", *changes, "-", BASE]
        with subprocess.Popen(import_, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=self.environment) as child:
            with tarfile.open(fileobj=child.stdin, mode="w|") as tar:
                tar.add(rootfs, ".", filter=lambda member: None if member.isdev() else member)
                for source, target in tools():
                    tar.add(source, target)
                npm = tarfile.TarInfo("usr/bin/npm")
                npm.type, npm.linkname = tarfile.SYMTYPE, "../lib/node_modules/npm/bin/npm-cli.js"
                tar.addfile(npm)
            child.stdin.close()
            if child.wait(300):
                raise RuntimeError("docker import failed")


def make_rootfs(rootfs, packages):
    def run(*command):
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900,
                              env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout[-800:]}{done.stderr[-800:]}")

    release = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    if not (rootfs / "usr/bin/apt-get").exists():
        shutil.rmtree(rootfs, ignore_errors=True)
        run("debootstrap", "--variant=minbase", release["VERSION_CODENAME"].strip('"'), rootfs)
    if any(package.endswith(":arm64") for package in packages):
        run("chroot", rootfs, "dpkg", "--add-architecture", "arm64")
        run("chroot", rootfs, "apt-get", "update")
    run("chroot", rootfs, "apt-get", "install", "-y", "--no-install-recommends", *packages)
    run("chroot", rootfs, "apt-get", "clean")
    # The registries answer inside as they do outside.
    (rootfs / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", rootfs / "etc/ssl/certs/ca-certificates.crt")


def said(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def tools():
    """(here, in the image)"""
    rust, npm = pathlib.Path(said("rustc", "--print", "sysroot")), pathlib.Path(said("npm", "root", "-g"), "npm")
    node = pathlib.Path(said("node", "-p", "process.execPath"))
    yield from ((rust / "bin", "rust/bin"), (rust / "lib", "rust/lib"), (node, "usr/bin/node"), (npm, "usr/lib/node_modules/npm"))
