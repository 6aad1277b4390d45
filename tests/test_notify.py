#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What a service manager is told (sd_notify(3)), by a socket that is taken for systemd's; and what
its journal is, or who reads the log as JSON."""
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from test_peer import BIN, DEADLINE, WRAPPER, Program
from peer import Peer, Refused


class Manager:
    """Its socket. What comes is read as it is: a datagram, of lines."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.said = []

    def next(self):
        self.socket.settimeout(DEADLINE)
        datagram = self.socket.recv(65536).decode()
        self.said.append(datagram)
        return datagram

    def expect(self, wanted):
        """The next datagram that has this line; others are passed over, and kept in said."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            datagram = self.next()
            if wanted in datagram.split("\n"):
                return datagram
        raise AssertionError(f"no {wanted} in {self.said}")

    def nothing(self):
        """True if nothing has come."""
        self.socket.settimeout(0)
        try:
            self.said.append(self.socket.recv(65536).decode())
            return False
        except BlockingIOError:
            return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def start(*args, **environment):
    return Program("ztalk-broker", "--plain", "-e", "tcp://127.0.0.1:*", *args, **environment)


def ready(broker):
    return broker.read(r"^ready (\S+) \S+\n")[1].decode()


class Notify(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.directory.name, "notify")

    def tearDown(self):
        self.directory.cleanup()

    def test_from_begin_to_end(self):
        with Manager(self.path) as manager:
            broker = start("-d", self.directory.name, NOTIFY_SOCKET=self.path)
            self.assertEqual(manager.next(), "READY=1")  # nothing takes long before it
            with Peer(ready(broker), "olena", device="a"):
                manager.expect("STATUS=1 session")
            manager.expect("STATUS=0 sessions")
            self.assertEqual(broker.end(signal.SIGTERM), 0)
            manager.expect("STOPPING=1")
            self.assertTrue(manager.nothing(), manager.said)
            self.assertFalse([said for said in manager.said if "WATCHDOG" in said])

    def test_a_reload(self):
        """systemd compares the time with that of its signal; a file that is wrong ends nothing."""
        config = os.path.join(self.directory.name, "broker.zpl")
        with open(config, "w", encoding="ascii") as file:
            file.write("log\n    level = info\n")
        with Manager(self.path) as manager:
            broker = start("--ephemeral", "-c", config, NOTIFY_SOCKET=self.path)
            manager.expect("READY=1")
            for text in ("log\n    level = debug\n", "nonsense\n"):
                with open(config, "w", encoding="ascii") as file:
                    file.write(text)
                before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                broker.process.send_signal(signal.SIGHUP)
                said = dict(line.split("=", 1)
                            for line in manager.expect("RELOADING=1").split("\n"))
                after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                self.assertTrue(before <= int(said["MONOTONIC_USEC"]) <= after)
                manager.expect("READY=1")
            self.assertEqual(broker.end(signal.SIGTERM), 0)
            manager.expect("STOPPING=1")

    def test_a_reload_by_an_operator(self):
        """It is told as that by a signal."""
        control = os.path.join(self.directory.name, "control")
        with Manager(self.path) as manager:
            broker = start("--ephemeral", "--set", f"operators/control={control}",
                           NOTIFY_SOCKET=self.path)
            manager.expect("READY=1")
            subprocess.run(WRAPPER + [os.path.join(BIN, "ztalk-ctl"), "-s", control, "reload"],
                           check=True, timeout=DEADLINE, stdout=subprocess.DEVNULL)
            manager.expect("RELOADING=1")
            manager.expect("READY=1")
            self.assertEqual(broker.end(signal.SIGTERM), 0)

    def test_a_manager_that_reads_late(self):
        """What it had no room for is told again, or a service would never be taken for ready."""
        with Manager(self.path) as manager:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
                other.setblocking(False)
                with self.assertRaises(BlockingIOError):
                    while True:
                        other.sendto(b"FULL=1", self.path)
            broker = start("--ephemeral", NOTIFY_SOCKET=self.path)
            with Peer(ready(broker), "olena", device="a"):  # it has tried to say so
                pass
            while not manager.nothing():
                pass
            self.assertNotIn("READY=1", manager.said)
            manager.expect("READY=1")
            self.assertEqual(broker.end(signal.SIGTERM), 0)

    def test_an_abstract_socket(self):
        name = f"ztalk-test-{os.getpid()}"
        with Manager("\0" + name) as manager:
            broker = start("--ephemeral", NOTIFY_SOCKET="@" + name)
            manager.expect("READY=1")
            self.assertEqual(broker.end(signal.SIGTERM), 0)
            manager.expect("STOPPING=1")

    def test_not_ready_before_it_is(self):
        """An endpoint that cannot be bound, and a log that cannot be opened."""
        with Manager(self.path) as manager, socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            broker = Program("ztalk-broker", "--plain", "--ephemeral", "-e",
                             f"tcp://127.0.0.1:{port}", NOTIFY_SOCKET=self.path)
            self.assertEqual(broker.process.wait(DEADLINE), 1)
            broker.end()
            broker = start("-d", "/proc/nothing", NOTIFY_SOCKET=self.path)
            self.assertEqual(broker.process.wait(DEADLINE), 1)
            broker.end()
            self.assertTrue(manager.nothing(), manager.said)

    def test_the_watchdog(self):
        with Manager(self.path) as manager:
            broker = start("--ephemeral", NOTIFY_SOCKET=self.path, WATCHDOG_USEC="200000")
            manager.expect("READY=1")
            before = time.monotonic()
            for _ in range(5):
                manager.expect("WATCHDOG=1")
            self.assertGreater(time.monotonic() - before, 0.2)  # it does not only send
            broker.process.send_signal(signal.SIGSTOP)  # a loop that hangs says nothing
            os.waitid(os.P_PID, broker.process.pid, os.WSTOPPED)
            while not manager.nothing():
                pass
            self.assertTrue(manager.nothing())
            broker.process.send_signal(signal.SIGCONT)
            manager.expect("WATCHDOG=1")
            self.assertEqual(broker.end(signal.SIGTERM), 0)

    def test_a_watchdog_of_another_process(self):
        with Manager(self.path) as manager:
            broker = start("--ephemeral", NOTIFY_SOCKET=self.path, WATCHDOG_USEC="2000",
                           WATCHDOG_PID="1")
            with Peer(ready(broker), "olena", device="a"):
                manager.expect("STATUS=1 session")
            manager.expect("STATUS=0 sessions")
            self.assertEqual(broker.end(signal.SIGTERM), 0)
            manager.expect("STOPPING=1")
            self.assertFalse([said for said in manager.said if "WATCHDOG" in said])

    def test_what_makes_no_sense(self):
        """Nobody there, a name that is none: the broker runs all the same."""
        for name in ("", "x", "relative", "/" + "x" * 200, self.path):
            with self.subTest(name):
                broker = start("--ephemeral", NOTIFY_SOCKET=name, WATCHDOG_USEC="1000")
                ready(broker)
                self.assertEqual(broker.end(signal.SIGTERM), 0)

    def test_a_manager_that_does_not_read(self):
        """Its socket is full after some datagrams: nobody waits for it."""
        with Manager(self.path):
            broker = start("--ephemeral", "--set", "limits/messages_per_s=0",
                           NOTIFY_SOCKET=self.path, WATCHDOG_USEC="2000")
            with Peer(ready(broker), "olena", device="a") as peer:
                for _ in range(300):
                    peer.ask("SEND", "#general", body={"text": "x"}, timeout=DEADLINE)
            self.assertEqual(broker.end(signal.SIGTERM), 0)


class Log(unittest.TestCase):
    """A broker with somebody who comes and goes, and somebody who is refused."""

    def log(self, *args, journal=False):
        with tempfile.TemporaryFile() as errors:
            status = os.fstat(errors.fileno())
            stream = f"{status.st_dev}:{status.st_ino + (not journal)}"
            broker = subprocess.Popen(
                WRAPPER + [os.path.join(BIN, "ztalk-broker"), "--plain", "--ephemeral", "-e",
                           "tcp://127.0.0.1:*", *args],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, "JOURNAL_STREAM": stream})
            try:
                endpoint = broker.stdout.readline().split()[1].decode()
                with Peer(endpoint, "olena", device="a", token="secret") as peer:
                    peer.ask("SEND", "#general", body={"text": "x"})
                    with self.assertRaises(Refused):
                        Peer(endpoint, "olena", device="a", token="another")
                broker.send_signal(signal.SIGTERM)
                broker.communicate(timeout=DEADLINE)
            finally:
                if broker.poll() is None:
                    broker.kill()
                    broker.communicate()
            self.assertEqual(broker.returncode, 0)
            errors.seek(0)
            return errors.read().decode().splitlines()

    def check(self, lines, *patterns):
        """Each pattern is found, in this order."""
        rest = iter(lines)
        for pattern in patterns:
            self.assertTrue(any(re.fullmatch(pattern, line) for line in rest), (pattern, lines))

    def test_text(self):
        time_of_day = r"\d\d:\d\d:\d\d "
        lines = self.log()
        self.check(lines, time_of_day + r"olena is here.* \(127.0.0.1\)",
                   time_of_day + "olena was refused: .*", time_of_day + "olena left.*",
                   time_of_day + "the broker ends")
        self.check(self.log("--log-level", "debug"), ".* connection .* has opened",
                   ".* messages up to .* are stored, .*", ".* connection .* is gone")
        lines = self.log("--log-level", "notice")
        self.check(lines, time_of_day + "olena was refused: .*", time_of_day + "the broker ends")
        self.assertFalse([line for line in lines if "is here" in line or "left" in line], lines)
        self.assertEqual(self.log("--set", "log/level=error"), [])

    def test_json(self):
        lines = [json.loads(line) for line in self.log("--set", "log/format=json")]
        self.assertEqual({tuple(line)[:3] for line in lines}, {("time", "level", "message")})
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        told = {(line["level"], line["message"].split(":")[0], line.get("address"))
                for line in lines}
        self.assertIn(("notice", "olena was refused", "127.0.0.1"), told)
        self.assertIn(("notice", "the broker ends", None), told)

    def test_journal(self):
        self.check(self.log(journal=True), "<5>Messages are forgotten .*", "<6>olena is here.*",
                   "<5>olena was refused: .*", "<6>olena left.*", "<5>the broker ends")
        for line in self.log("--set", "log/format=json", journal=True):
            self.assertEqual(line[2], ">")
            self.assertIn(json.loads(line[3:])["level"], ("notice", "info"))


if __name__ == "__main__":
    unittest.main()
