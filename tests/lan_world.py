# SPDX-License-Identifier: MPL-2.0
"""Machines and networks for test_lan.py: network namespaces of the test's own, and programs in them."""
import atexit
import contextlib
import ctypes
import fcntl
import os
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

BIN = os.environ.get("ZTALK_BIN", "build/dev/bin")
WRAPPER = shlex.split(os.environ.get("ZTALK_WRAPPER", ""))
DEADLINE = 100 if WRAPPER else 20  # seconds, for whatever is certain to come
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG, CLONE_NEWNET = 1, 0x40000000


def ip(*words):
    """Run ip(8); its complaint is the exception's text."""
    done = subprocess.run(["ip", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def remove(machine):
    ip("netns", "del", machine)
    with contextlib.suppress(OSError):
        os.unlink(f"/etc/netns/{machine}/hosts")
    with contextlib.suppress(OSError):
        os.rmdir(f"/etc/netns/{machine}")
        os.rmdir("/etc/netns")  # if nobody else has anything there


def sweep():
    """Remove what a test that was killed has left."""
    for name in re.findall(r"^zt-(\d+)-\w+", ip("netns", "list"), re.M):
        if not os.path.exists(f"/proc/{name}"):
            for left in re.findall(rf"^zt-{name}-\w+", ip("netns", "list"), re.M):
                remove(left)


class Program:
    """A program on a machine; what it prints, on all its streams, is read here."""

    def __init__(self, world, machine, words, terminal=False, **environment):
        self.output, self.place = "", 0
        theirs = None
        if terminal:
            self.fd, theirs = os.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        words = ["ip", "netns", "exec", machine, *WRAPPER, os.path.join(BIN, words[0]), *words[1:]]
        self.process = subprocess.Popen(
            words, stdin=theirs if terminal else subprocess.PIPE,
            stdout=theirs if terminal else subprocess.PIPE,
            stderr=theirs if terminal else subprocess.STDOUT, start_new_session=True,
            env={**world.environment, **environment},
            preexec_fn=lambda: self.prepare(terminal))
        if terminal:
            os.close(theirs)
        else:
            self.fd = self.process.stdout.fileno()
        world.programs.append(self)

    @staticmethod
    def prepare(terminal):
        """In the new process: it does not outlive us, and its terminal is its own."""
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if terminal:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def read(self, seconds):
        """Read what there is; false at the end."""
        if not select.select([self.fd], [], [], max(seconds, 0))[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # a terminal that nobody is at any more
            data = b""
        self.output += data.decode(errors="replace")
        return bool(data)

    def expect(self, pattern):
        """Wait for what matches, behind what was matched last, and return the match."""
        end = time.monotonic() + DEADLINE
        while True:
            found = re.compile(pattern, re.S).search(self.output, self.place)
            if found:
                self.place = found.end()
                return found
            if time.monotonic() > end or not self.read(end - time.monotonic()):
                raise AssertionError(f"'{pattern}' has not come; it has printed:\n{self.output}")

    def write(self, text):
        fd = self.fd if self.process.stdin is None else self.process.stdin.fileno()
        os.write(fd, text.encode())

    def end(self, status):
        """Wait for its end with that status, and return all that it has printed."""
        if self.process.stdin:
            self.process.stdin.close()
        end = time.monotonic() + DEADLINE
        while self.read(end - time.monotonic()) and time.monotonic() < end:
            pass
        is_status = self.process.wait(timeout=max(end - time.monotonic(), 1))
        assert is_status == status, f"status {is_status} and not {status}:\n{self.output}"
        return self.output

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.kill()
        if self.process.stdin is None:
            os.close(self.fd)
        else:
            self.process.stdin.close()
            self.process.stdout.close()


class World:
    """Namespaces that are gone at the end, however that comes about."""

    def __init__(self):
        self.names, self.programs = [], []
        self.directory = tempfile.TemporaryDirectory(prefix="zt-lan-")
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith("ZTALK_")}
        self.environment.update(LC_ALL="C.UTF-8", LANGUAGE="", TZ="UTC", TERM="xterm")
        for key in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            self.environment[key] = self.path(key)
        self.environment.pop("RUNTIME_DIRECTORY", None)
        self.environment.pop("STATE_DIRECTORY", None)
        atexit.register(self.close)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def machine(self, name):
        """A machine without any network but loopback."""
        name = f"zt-{os.getpid()}-{name}"
        ip("netns", "add", name)
        self.names.append(name)
        ip("-n", name, "link", "set", "lo", "up")
        return name

    def cable(self, one, other, interface, network):
        """A network of two, NETWORK.1 and NETWORK.2; there is one of that name at both ends."""
        ip("-n", one, "link", "add", interface, "type", "veth", "peer", "name", interface,
           "netns", other)
        for number, machine in enumerate((one, other), 1):
            self.address(machine, interface, f"{network}.{number}/24")

    def bridge(self, machine, name, address):
        """A network that nobody is on, as that of docker0."""
        ip("-n", machine, "link", "add", name, "type", "bridge")
        self.address(machine, name, address)

    def tunnel(self, machine, name, address):
        """Between two points, as most VPNs."""
        ip("-n", machine, "tuntap", "add", name, "mode", "tun")
        self.address(machine, name, address)

    def hosts(self, machine, *lines):
        """What names mean there; once more: they mean that, too (ip-netns(8) tells of /etc/netns)."""
        path = f"/etc/netns/{machine}"
        os.makedirs(path, exist_ok=True)
        with open(f"{path}/hosts", "a") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def address(self, machine, interface, address):
        extra = ["nodad"] if ":" in address else ["brd", "+"]
        ip("-n", machine, "addr", "add", address, *extra, "dev", interface)
        ip("-n", machine, "link", "set", interface, "up")

    @contextlib.contextmanager
    def inside(self, machine):
        """A socket that is made meanwhile is one of that machine."""
        with open("/proc/self/ns/net") as ours, open(f"/run/netns/{machine}") as theirs:
            assert LIBC.setns(theirs.fileno(), CLONE_NEWNET) == 0
            try:
                yield
            finally:
                assert LIBC.setns(ours.fileno(), CLONE_NEWNET) == 0

    def start(self, machine, *words, terminal=False, **environment):
        return Program(self, machine, words, terminal, **environment)

    def broker(self, machine, directory, *words, ready=1, **environment):
        """A broker that is ready, and what it has said of that."""
        broker = self.start(machine, "ztalk-broker", "-d", self.path(directory), *words,
                            **environment)
        broker.ready = [broker.expect(r"(?m)^ready (\S+) (\S+)$").groups() for _ in range(ready)]
        return broker

    def close(self):
        while self.programs:
            self.programs.pop().close()
        while self.names:
            remove(self.names.pop())
        self.directory.cleanup()
