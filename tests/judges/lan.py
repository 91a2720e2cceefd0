"""A local network in namespaces of the kernel: hosts with addresses of their own on one switch, and others behind a router,
where broadcasts do not arrive. Needs no rights but those of a user who may make namespaces.

As a program it says whether such a network can be made here: nothing and exit code 0, or why not.

  with Lan() as lan:
      desk = lan.host("192.168.77.10")
      box = lan.host("172.30.0.2")            # another network: a router stands between them
      subprocess.Popen([*desk.enter, "some-program"])
"""

import contextlib
import ipaddress
import subprocess
import sys

PREFIX = 24
STARTS_WITHIN_S = 10


class Lan:
    """Ends with its `with`, and all that runs on its hosts ends with it."""

    def __init__(self):
        self.scope = contextlib.ExitStack()
        self.switches = {}
        self.hosts = 0

    def __enter__(self):
        # The router holds all switches. What it may do in its own user namespace, it may do in those of the hosts.
        self.router = self.scope.enter_context(Namespace(["unshare", "--user", "--map-root-user", "--net"]))
        try:
            self.router.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        except BaseException:
            self.scope.close()
            raise
        return self

    def __exit__(self, *_):
        self.scope.close()

    def host(self, address):
        """A new host. Its router has the first address of its network."""
        network = ipaddress.ip_interface(f"{address}/{PREFIX}").network
        switch = self.switches.get(network) or self.switch(network)
        host = self.scope.enter_context(Namespace([*self.router.enter, "unshare", "--net"]))
        self.hosts += 1
        cable = f"host{self.hosts}"
        self.router.run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", host.process)
        self.router.run("ip", "link", "set", cable, "master", switch, "up")
        host.run("ip", "address", "add", f"{address}/{PREFIX}", "broadcast", network.broadcast_address, "dev", "eth0")
        host.run("ip", "link", "set", "lo", "up")
        host.run("ip", "link", "set", "eth0", "up")
        host.run("ip", "route", "add", "default", "via", network[1])
        return host

    def switch(self, network):
        name = f"lan{len(self.switches)}"
        self.router.run("ip", "link", "add", name, "type", "bridge")
        self.router.run("ip", "address", "add", f"{network[1]}/{PREFIX}", "dev", name)
        self.router.run("ip", "link", "set", name, "up")
        self.switches[network] = name
        return name


class Namespace:
    """A namespace, and how to run a command in it: `enter` is what stands before the command."""

    def __init__(self, command):
        self.holder = subprocess.Popen([*command, "sh", "-c", "echo $$; exec sleep infinity"], stdout=subprocess.PIPE, text=True)
        self.process = self.holder.stdout.readline().strip()
        if not self.process:
            raise RuntimeError("this kernel lets this user make no namespaces")
        self.enter = ["nsenter", "--target", self.process, "--user", "--net", "--preserve-credentials"]

    def run(self, *words):
        done = subprocess.run([*self.enter, *map(str, words)], capture_output=True, text=True, timeout=STARTS_WITHIN_S)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


def lacks():
    """Why no such network can be made here, or None."""
    try:
        with Lan() as lan:
            lan.host("192.168.77.10")
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return f"no network of namespaces can be made here ({error})"
    return None


if __name__ == "__main__":
    sys.exit(lacks())
