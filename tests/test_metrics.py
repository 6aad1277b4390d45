#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What the broker counts, over HTTP: that each line of it can be read, that the numbers are
right, and that nobody who connects there is in anybody's way."""
import http.client
import math
import os
import re
import select
import socket
import subprocess
import tempfile
import time
import unittest

from test_peer import BIN, DEADLINE, WRAPPER, Broker, Program, text
from peer import Peer, Refused

SOURCE = os.environ.get("ZTALK_SOURCE", ".")
NAME, LABEL = r"[a-zA-Z_:][a-zA-Z0-9_:]*", r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")


class Page:
    """A page of Prometheus's text format, read strictly."""

    def __init__(self, page):
        assert page.endswith("\n"), "the last line has an end"
        self.types, self.helps, self.samples = {}, {}, {}
        current = None
        for line in page[:-1].split("\n"):
            if line.startswith("# HELP "):
                current = line.split(" ")[2]
                assert re.fullmatch(NAME, current), line
                self.helps[current] = line.split(" ", 3)[3]
                assert current not in self.types, f"{current} is there twice"
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name == current, f"{line} has no HELP before it"
                assert kind in ("counter", "gauge", "histogram"), line
                self.types[name] = kind
            else:
                found = SAMPLE.fullmatch(line)
                assert found, f"this is no sample: {line!r}"
                name, labels, value = found.groups()
                key = (name, labels or "")
                assert key not in self.samples, f"{line} is there twice"
                family = re.sub("_(bucket|sum|count)$", "", name) \
                    if self.types[current] == "histogram" else name
                assert family == current, f"{line} stands below {current}"
                self.samples[key] = float(value)
                assert not math.isnan(self.samples[key]), line
        for name, kind in self.types.items():
            assert (kind == "counter") == name.endswith("_total"), name
            if kind == "histogram":
                self.check_histogram(name)

    def check_histogram(self, name):
        buckets = [(float(labels[4:-1]), value) for (sample, labels), value in self.samples.items()
                   if sample == name + "_bucket"]
        bounds, counts = [bound for bound, _ in buckets], [count for _, count in buckets]
        assert bounds == sorted(set(bounds)) and bounds[-1] == math.inf, bounds
        assert counts == sorted(counts), f"{name} is not cumulative: {counts}"
        assert counts[-1] == self[name + "_count"], name
        total = self[name + "_sum"]
        assert total >= 0 and (total > 0 or counts[-1] == 0), total

    def __getitem__(self, name):
        name, _, labels = name.partition("{")
        return self.samples[name, labels[:-1]]


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker("--metrics", "*")
        cls.port = metrics_port(cls.broker)

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()

    def get(self, path="/metrics", method="GET"):
        return get(self.port, path, method)

    def page(self, **expected):
        """A page where these are so: the numbers may be a quarter of a second old."""
        deadline = time.monotonic() + DEADLINE
        while True:
            status, headers, body = self.get()
            self.assertEqual(status, 200)
            self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            page = Page(body.decode())
            wrong = {name: page["ztalk_" + name] for name, value in expected.items()
                     if page["ztalk_" + name] != value}
            if not wrong:
                return page
            if time.monotonic() > deadline:
                raise AssertionError(f"{wrong} instead of {expected}")

    def test_numbers(self):
        before = self.page(connections=0)
        with Peer(self.broker.endpoint, "metro", device="a") as one, \
                Peer(self.broker.endpoint, "metro2", device="b") as two:
            for number in range(10):
                one.ask("SEND", "@metro2", body=text(f"number {number}"))
            with self.assertRaises(Refused):
                one.ask("SEND", "@nobodyatall", body=text("x"))
            got = []
            while len(got) < 10:
                got += [event for event in two.step(1.0) if event.verb == "MSG"]
            while two.acked < two.done or two.done < two.shown:
                two.step(0.1)
            one.ask("WHO")  # behind the ACK
            two.ask("WHO")
            page = self.page(messages_total=before["ztalk_messages_total"] + 10, lag_messages=0)
            for name, difference in (("messages_total", 10), ("deliveries_total", 10),
                                     ("sessions_begun_total", 2), ("connections_accepted_total", 2),
                                     ('refused_total{code="no-such-user"}', 1),
                                     ('refused_total{code="busy"}', 0), ("sessions", 2),
                                     ("users_online", 2), ("connections", 2)):
                with self.subTest(name):
                    self.assertEqual(page["ztalk_" + name] - before["ztalk_" + name], difference)
            self.assertEqual(page["ztalk_lag_messages"], 0)
            self.assertGreater(page["ztalk_commit_seconds_count"],
                               before["ztalk_commit_seconds_count"])
            self.assertGreater(page["ztalk_frames_received_total"],
                               before["ztalk_frames_received_total"])
            self.assertGreater(page["ztalk_memory_bytes"], 1 << 20)
            self.assertGreater(page["ztalk_memory_log_bytes"], 0)
            self.assertEqual(page["ztalk_store_is_available"], 1)
            self.assertEqual(page["ztalk_store_bytes"], 0)
            self.assertTrue(any(name == "ztalk_build_info" for name, _ in page.samples))

    def test_who_is_behind(self):
        with Peer(self.broker.endpoint, "behind", device="a") as slow, \
                Peer(self.broker.endpoint, "ahead", device="a") as fast:
            for _ in range(5):
                fast.ask("SEND", "@behind", body=text("x"))
            self.page(lag_messages=5, lag_most_messages=5)
            while slow.done < slow.shown or not slow.shown or slow.acked < slow.done:
                slow.step(0.1)
            slow.ask("WHO")

    def test_no_name_is_told(self):
        with Peer(self.broker.endpoint, "veryrarename", device="rare") as peer:
            peer.ask("JOIN", "#rareroom")
            _, _, body = self.get()
            self.assertNotIn(b"rare", body)

    def test_each_is_in_the_manual(self):
        with open(os.path.join(SOURCE, "broker", "ztalk-broker.1"), encoding="utf-8") as file:
            manual = file.read()
        told = re.findall(r"^\.BR (\w+) \" \((?:counter|gauge|histogram)", manual, re.MULTILINE)
        names = {re.sub("^ztalk_|_total$", "", name) for name in self.page().types}
        self.assertEqual(set(told) | {"build_info"}, names)
        self.assertEqual(len(told), len(set(told)))

    def test_health(self):
        status, _, body = self.get("/healthz")
        self.assertEqual((status, body), (200, b"ok\n"))

    def test_other_requests(self):
        for method, path, expected in (("POST", "/metrics", 405), ("DELETE", "/", 405),
                                       ("GET", "/", 404), ("GET", "/metrics/", 404),
                                       ("GET", "/../metrics", 404), ("HEAD", "/nothing", 404),
                                       ("GET", "/" + "x" * 20000, (414, 431))):
            with self.subTest(method=method, path=path[:20]):
                status, headers, _ = self.get(path, method)
                self.assertIn(status, expected if isinstance(expected, tuple) else (expected,))
                if status == 405:
                    self.assertEqual(headers["Allow"], "GET, HEAD")
        status, headers, body = self.get("/metrics", "HEAD")
        self.assertEqual((status, body), (200, b""))
        self.assertGreater(int(headers["Content-Length"]), 1000)

    def test_a_large_body_is_not_read(self):
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE) as connection:
            connection.sendall(b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
            self.assertIn(b" 405 ", connection.recv(4096))
            try:
                for _ in range(100000):
                    connection.sendall(b"x" * 4096)
                self.fail("it reads all of it")
            except OSError:
                pass

    def test_bad_neighbours(self):
        """Idle connections, one that is slow, garbage: messages and numbers go on."""
        idle, slow, garbage = [], None, []
        try:
            with Peer(self.broker.endpoint, "busy", device="a") as one, \
                    Peer(self.broker.endpoint, "busy2", device="b") as two:
                for _ in range(200):
                    idle.append(socket.create_connection(("127.0.0.1", self.port), DEADLINE))
                slow = socket.create_connection(("127.0.0.1", self.port), DEADLINE)
                for number in range(50):
                    some = socket.create_connection(("127.0.0.1", self.port), DEADLINE)
                    garbage.append(some)
                    try:
                        some.sendall(bytes([number] * 3000) + b"\r\n\r\n" + os.urandom(3000))
                    except OSError:
                        pass  # it was ended before that
                got = 0
                for number in range(100):
                    try:
                        slow.sendall(b"GET /metrics HTTP/1.1\r\nX-Slow: "[number % 33:][:1])
                    except OSError:
                        pass
                    one.ask("SEND", "@busy2", body=text("x"))
                    got += sum(event.verb == "MSG" for event in two.step(0.01))
                deadline = time.monotonic() + DEADLINE
                while got < 100 and time.monotonic() < deadline:
                    got += sum(event.verb == "MSG" for event in two.step(0.1))
                self.assertEqual(got, 100)
                self.page()
                self.assertEqual(self.get("/healthz")[0], 200)
                # Who says nothing goes, at the latest after 5 seconds.
                deadline = time.monotonic() + DEADLINE
                for connection in idle:
                    connection.settimeout(max(0.1, deadline - time.monotonic()))
                    try:
                        self.assertEqual(connection.recv(1), b"")
                    except ConnectionResetError:
                        pass
        finally:
            for connection in idle + garbage + [slow]:
                if connection:
                    connection.close()

    def test_nothing_spins(self):
        """A broker to which nothing is said does nothing for the 5 seconds that it waits."""
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE) as connection:
            before = cpu_seconds(self.broker)
            self.assertEqual(connection.recv(1), b"")
            self.assertLess(cpu_seconds(self.broker) - before, 1)


class Elsewhere(unittest.TestCase):
    """Where it listens, and where it does not."""

    def test_off_by_default(self):
        broker = Broker()
        broker.stop()
        broker = Broker("--console")
        broker.type("exit")
        self.assertEqual(broker.end(), 0)

    def test_addresses(self):
        for option, host, warned in (("127.0.0.1:*", "127.0.0.1", False),
                                     ("localhost:*", "127.0.0.1", False),
                                     ("[::1]:*", "[::1]", False), ("0.0.0.0:*", "0.0.0.0", True),
                                     ("*:*", "0.0.0.0", True)):
            with self.subTest(option):
                if host == "[::1]" and not has_ipv6():
                    continue
                broker = Broker("--metrics", option)
                try:
                    line = metrics_line(broker, rb"http://(\S+):(\d+)/metrics")
                    self.assertEqual(line[1].decode(), host)
                    known = errors(broker)
                    self.assertEqual(b"everybody who gets to" in known, warned, known)
                finally:
                    broker.stop()

    def test_the_configuration(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        broker = Broker("--set", f"http/port={port}")
        try:
            self.assertEqual(metrics_port(broker), port)
            self.assertEqual(get(port, "/healthz", "GET")[0], 200)
        finally:
            broker.stop()
        with self.assertRaises(OSError):  # nobody is there any more
            get(port, "/healthz", "GET")
        if has_ipv6():
            broker = Broker("--set", f"http/port={port}", "--set", "http/address=[::1]")
            try:
                self.assertEqual(metrics_line(broker, rb"http://(\S+)/metrics")[1].decode(),
                                 f"[::1]:{port}")
            finally:
                broker.stop()

    def test_mistakes(self):
        for option, status, why in (("x", 2, b"--metrics: "), ("1.2.3:99999", 2, b"--metrics: "),
                                    ("999.1.1.1:80", 2, b"--metrics: "),
                                    ("", 2, b"--metrics: ")):
            with self.subTest(option):
                self.assertEqual(begin_and_fail(option)[0], status)
                self.assertIn(why, begin_and_fail(option)[1])
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            status, why = begin_and_fail(str(taken.getsockname()[1]))
            self.assertEqual(status, 1)
            self.assertIn(b"Address already in use", why)

    def test_the_disk(self):
        with tempfile.TemporaryDirectory() as directory:
            broker = Program("ztalk-broker", "--plain", "-d", directory, "-e", "tcp://127.0.0.1:*",
                             "--metrics", "*")
            endpoint = broker.read(r"^ready (\S+) \S+\n")[1].decode()
            try:
                with Peer(endpoint, "disk", device="a", token="secret") as peer:
                    for _ in range(5):
                        peer.ask("SEND", "#general", body=text("x"))
                    page = Page(get(metrics_port(broker), "/metrics", "GET")[2].decode())
                self.assertGreater(page["ztalk_store_bytes"], 4096)
                self.assertGreater(page["ztalk_disk_free_bytes"], 0)
                self.assertEqual(page["ztalk_messages_total"], 5)
                self.assertGreaterEqual(page["ztalk_commit_seconds_count"], 5)
            finally:
                self.assertEqual(broker.end(15), 0)


    def test_a_full_disk(self):
        """What fails when it is told to, in a file (store_faulty.c)."""
        faulty = os.environ.get("ZTALK_FAULTY_BROKER")
        if not faulty:
            self.skipTest("ZTALK_FAULTY_BROKER is not set")
        with tempfile.TemporaryDirectory() as directory:
            fault = os.path.join(directory, "fault")
            broker = Program(faulty, "--plain", "-d", directory, "-e", "tcp://127.0.0.1:*",
                             "--metrics", "*")
            endpoint = broker.read(r"^ready (\S+) \S+\n")[1].decode()
            try:
                port = metrics_port(broker)
                with Peer(endpoint, "disk", device="a", token="secret") as peer:
                    peer.ask("SEND", "#general", body=text("x"))
                    self.assertEqual(get(port, "/healthz", "GET")[0], 200)
                    with open(fault, "w", encoding="ascii") as file:
                        file.write("full")
                    with self.assertRaises(Refused):
                        peer.ask("SEND", "#general", body=text("x"))
                    self.assertEqual(get(port, "/healthz", "GET")[::2],
                                     (503, b"nothing can be stored\n"))
                    page = Page(get(port, "/metrics", "GET")[2].decode())
                    self.assertEqual(page["ztalk_store_is_available"], 0)
                    self.assertGreaterEqual(page["ztalk_commits_failed_total"], 1)
                    self.assertGreaterEqual(page['ztalk_refused_total{code="unavailable"}'], 1)
                    os.unlink(fault)
                    deadline = time.monotonic() + DEADLINE
                    while get(port, "/healthz", "GET")[0] != 200:
                        self.assertLess(time.monotonic(), deadline)
                        try:
                            peer.ask("SEND", "#general", body=text("x"))
                        except Refused as refused:  # it says when to try again
                            again = time.monotonic() + refused.retry_ms / 1000
                            while time.monotonic() < again:
                                peer.step(again - time.monotonic())
            finally:
                self.assertEqual(broker.end(15), 0)

    def test_who_is_banned(self):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "bans"), "w", encoding="ascii") as file:
                file.write("address 127.0.0.1\n")
            broker = Program("ztalk-broker", "--plain", "-d", directory, "-e", "tcp://127.0.0.1:*",
                             "--metrics", "*")
            endpoint = broker.read(r"^ready (\S+) \S+\n")[1].decode()
            try:
                with socket.create_connection(endpoint[6:].split(":"), DEADLINE) as connection:
                    while True:
                        try:
                            if not connection.recv(1000):
                                break
                        except ConnectionResetError:
                            break
                page = Page(get(metrics_port(broker), "/metrics", "GET")[2].decode())
                self.assertEqual(page["ztalk_connections_banned_total"], 1)
                self.assertEqual(page["ztalk_bans"], 1)
            finally:
                self.assertEqual(broker.end(15), 0)


def get(port, path, method):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def begin_and_fail(option):
    """The status of a broker that cannot begin, and what it says."""
    ended = subprocess.run(
        WRAPPER + [os.path.join(BIN, "ztalk-broker"), "--plain", "--ephemeral", "-e",
                   "tcp://127.0.0.1:*", "--metrics", option],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, check=False)
    return ended.returncode, ended.stderr


def errors(program):
    program.errors.seek(0)
    return program.errors.read()


def metrics_line(broker, pattern):
    """It is told before the broker is ready, but a broker that is ready may still be printing."""
    deadline = time.monotonic() + DEADLINE
    while True:
        found = re.search(pattern, errors(broker))
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"no {pattern!r} in {errors(broker)!r}")
        select.select([], [], [], 0.01)


def metrics_port(broker):
    return int(metrics_line(broker, rb"http://\S+:(\d+)/metrics")[1])


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def cpu_seconds(broker):
    with open(f"/proc/{broker.process.pid}/stat", encoding="ascii") as file:
        ticks = sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    unittest.main()
