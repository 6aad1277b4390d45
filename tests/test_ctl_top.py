#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""ztalk-ctl stats and top: on a terminal that is as it was afterwards, and in a pipe."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

from test_peer import BIN, DEADLINE, WRAPPER, Program
from peer import Peer

BEGIN, END = b"\x1b[?1049h", b"\x1b[?1049l"


class Terminal:
    """ztalk-ctl on a terminal of that size."""

    def __init__(self, directory, rows, columns):
        self.main, self.other = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.other)
        self.process = subprocess.Popen(
            WRAPPER + [os.path.join(BIN, "ztalk-ctl"), "-d", directory, "top"], stdin=self.other,
            stdout=self.other, stderr=subprocess.PIPE, start_new_session=True)
        self.output = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, pattern):
        """Wait for the pattern in what is still unread."""
        deadline = time.monotonic() + DEADLINE
        while True:
            found = re.search(pattern, self.output)
            if found:
                self.output = self.output[found.end():]
                return found
            left = max(0, deadline - time.monotonic())
            if not select.select([self.main], [], [], left)[0]:
                raise AssertionError(f"no {pattern} in {self.output}")
            self.output += os.read(self.main, 65536)

    def type(self, keys):
        os.write(self.main, keys)

    def end(self):
        """The status, and what stood on stderr. The terminal is as it was."""
        _, errors = self.process.communicate(timeout=DEADLINE)
        self.read(re.escape(END))
        assert termios.tcgetattr(self.other) == self.before
        assert not self.output, self.output
        os.close(self.main)
        os.close(self.other)
        return self.process.returncode, errors


class Top(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.broker = Program("ztalk-broker", "--plain", "-d", self.directory.name, "-e",
                              "tcp://127.0.0.1:*")
        self.endpoint = self.broker.read(r"^ready (\S+) \S+\n")[1].decode()

    def tearDown(self):
        if self.broker.running():
            self.broker.end(signal.SIGTERM)
        self.directory.cleanup()

    def ctl(self, *args):
        return subprocess.run(
            WRAPPER + [os.path.join(BIN, "ztalk-ctl"), "-d", self.directory.name, *args],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, check=True).stdout

    def test_stats(self):
        with Peer(self.endpoint, "оlena", device="a") as slow, \
                Peer(self.endpoint, "ivan", device="b") as fast:
            for _ in range(3):
                fast.ask("SEND", "#general", body={"text": "x"})
            stats = json.loads(self.ctl("--json", "stats"))
            self.assertEqual(stats["messages"], 3)
            self.assertEqual(stats["sessions"], 2)
            self.assertGreaterEqual(stats["commit_seconds"]["count"], 3)
            self.assertEqual(stats["commit_seconds"]["buckets"]["+Inf"],
                             stats["commit_seconds"]["count"])
            self.assertEqual(stats["refused"]["busy"], 0)
            self.assertEqual(stats["most_behind"],
                             [{"name": "оlena", "device": "a", "behind": 3}])
            self.assertGreater(stats["store_bytes"], 0)
            lines = self.ctl("stats").decode().splitlines()
            self.assertIn("messages               3", lines)
            self.assertIn("most behind: оlena  a  3", lines)
            slow.step()
        with open(os.path.join(self.directory.name, "audit.log"), "a+", encoding="utf-8") as file:
            file.seek(0)
            self.assertNotIn("stats", file.read())

    def test_on_the_console(self):
        broker = Program("ztalk-broker", "--plain", "--ephemeral", "--console", "-e",
                         "tcp://127.0.0.1:*")
        broker.type("stats")
        broker.read(r"^uptime_seconds +\d+\n")
        broker.read(r"^memory_bytes +[0-9.]+ MiB\n")
        broker.type("exit")
        self.assertEqual(broker.end(), 0)

    def test_a_screen_and_q(self):
        terminal = Terminal(self.directory.name, 24, 80)
        terminal.read(re.escape(BEGIN))
        terminal.read(rb"sessions 0 ")
        with Peer(self.endpoint, "olena", device="a") as peer:
            terminal.read(rb"sessions 1 ")
            peer.ask("SEND", "#general", body={"text": "x"})
            terminal.read(rb"messages/s 1 ")
            terminal.resize(3, 20)
            terminal.process.send_signal(signal.SIGWINCH)
            terminal.read(rb"\x1b\[H\x1b\[Kztalk-broker [0-9.]+ .?.?\r*\n"
                          rb"\x1b\[Ksessions 1   users 1\r*\n")
        terminal.type(b"xyq")
        self.assertEqual(terminal.end(), (0, b""))

    def test_other_ends(self):
        for end in (b"\x03", b"\x04", signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(end):
                terminal = Terminal(self.directory.name, 24, 80)
                terminal.read(rb"sessions 0 ")
                if isinstance(end, bytes):
                    terminal.type(end)
                else:
                    terminal.process.send_signal(end)
                self.assertEqual(terminal.end(), (0, b""))

    def test_a_broker_that_ends(self):
        terminal = Terminal(self.directory.name, 24, 80)
        terminal.read(rb"sessions 0 ")
        self.broker.end(signal.SIGKILL)
        self.assertEqual(terminal.end(), (3, b"ztalk-ctl: the broker has ended meanwhile\n"))

    def test_a_broker_that_hangs(self):
        terminal = Terminal(self.directory.name, 24, 80)
        terminal.read(rb"sessions 0 ")
        self.broker.process.send_signal(signal.SIGSTOP)
        terminal.read(rb"THE BROKER DOES NOT ANSWER")
        terminal.type(b"q")
        self.assertEqual(terminal.end(), (0, b""))
        self.broker.process.send_signal(signal.SIGCONT)

    def test_lines(self):
        top = Program("ztalk-ctl", "-d", self.directory.name, "top")
        top.read(r"^up [0-9:]+  sessions 0  .*memory .*B\n")
        top.read(r"^up [0-9:]+  sessions 0  .*memory .*B\n")
        self.assertNotIn(b"\x1b", top.output)
        self.assertEqual(top.end(signal.SIGINT), 0)
        top = Program("ztalk-ctl", "-d", self.directory.name, "--json", "top")
        for _ in range(2):
            self.assertEqual(json.loads(top.read(r"^.*\n")[0])["sessions"], 0)
        top.process.stdout.close()  # nobody reads it any more
        self.assertIn(top.process.wait(DEADLINE), (1, -signal.SIGPIPE))
        top.process.stdin.close()
        top.errors.close()


if __name__ == "__main__":
    unittest.main()
