#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The subcommands of ztalk in scripts: the real programs, their pipes and their statuses."""
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BIN = os.environ.get("ZTALK_BIN", "build/dev/bin")
SOURCE = os.environ.get("ZTALK_SOURCE", ".")
DEADLINE = 40  # seconds, for whatever is certain to come
MANY = 10000  # lines that are sent while the broker dies
OK, FAILED, USAGE, UNREACHABLE, REFUSED = range(5)


class Process:
    """A program of ours, with pipes."""

    def __init__(self, arguments, environment, **kwargs):
        self.process = subprocess.Popen(
            [os.path.join(BIN, arguments[0]), *arguments[1:]], env=environment,
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               **kwargs})
        self.output = b""

    def put(self, text):
        self.process.stdin.write(text if isinstance(text, bytes) else text.encode())
        self.process.stdin.flush()

    def line(self):
        """The next line of stdout."""
        deadline = time.monotonic() + DEADLINE
        while b"\n" not in self.output:
            left = max(0, deadline - time.monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:
                raise AssertionError(f"no line, but {self.output!r}")
            some = os.read(self.process.stdout.fileno(), 65536)
            if not some:
                raise AssertionError(f"ended: {self.process.communicate()[1].decode()}")
            self.output += some
        line, self.output = self.output.split(b"\n", 1)
        return line.decode()

    def until(self, pattern):
        while True:
            line = self.line()
            if re.search(pattern, line):
                return line

    def end(self, signum=None):
        """Its status, stdout and stderr at its end, which a signal or the end of stdin brings."""
        stdin = None
        if signum:  # and nothing else: communicate would end stdin
            stdin, self.process.stdin = self.process.stdin, None
            self.process.send_signal(signum)
        out, err = self.process.communicate(timeout=DEADLINE)
        if stdin:
            stdin.close()
        return self.process.returncode, (self.output + (out or b"")).decode(), err.decode()

    def close(self):
        """The end of its stdin."""
        self.process.stdin.close()
        self.process.stdin = None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Broker(Process):
    def __init__(self, directory, *arguments, endpoint="tcp://127.0.0.1:*", rate=0):
        self.arguments = ["ztalk-broker", "-d", directory, "--plain", "--no-announce",
                          "--set", "limits/connections_per_s=0", *arguments]
        if not rate:
            self.arguments += ["--set", "limits/messages_per_s=0"]
        super().__init__([*self.arguments, "-e", endpoint], os.environ)
        self.endpoint = self.line().split()[1]

    def again(self):
        """Killed, and started on the same port and the same store."""
        self.kill()
        super().__init__([*self.arguments, "-e", self.endpoint], os.environ)
        self.line()


class Case(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = directory.name
        self.brokers = 0

    def broker(self, *arguments, **kwargs):
        self.brokers += 1
        started = Broker(os.path.join(self.path, f"broker{self.brokers}"), *arguments, **kwargs)
        self.addCleanup(started.kill)
        self.endpoint = started.endpoint
        return started

    def environment(self, home):
        return {**os.environ, "ZTALK_HOME": os.path.join(self.path, home),
                "ZTALK_ENDPOINT": self.endpoint, "LC_ALL": "C.UTF-8", "LANGUAGE": "", "TZ": "UTC"}

    def start(self, who, *arguments, **kwargs):
        """A client of that user, whose home has their name."""
        started = Process(["ztalk", "--plain", "-n", who, *arguments], self.environment(who),
                          **kwargs)
        self.addCleanup(started.kill)
        return started

    def run_it(self, who, *arguments, stdin=b"", status=OK):
        """Runs one to its end; what it prints on stdout and stderr."""
        started = self.start(who, *arguments)
        stdin = stdin if isinstance(stdin, bytes) else stdin.encode()
        out, err = started.process.communicate(stdin, timeout=DEADLINE)
        self.assertEqual(started.process.returncode, status, (arguments, err.decode()))
        return out.decode(), err.decode()

    def objects(self, who, *arguments, **kwargs):
        """What one prints as JSON, a line each; nothing is on stderr."""
        out, err = self.run_it(who, *arguments, "--json", **kwargs)
        self.assertEqual(err, "")
        return [json.loads(line) for line in out.splitlines()]

    def texts(self, who, target, *arguments):
        """What was said there, from the oldest on."""
        return [row["text"] for row in
                self.objects(who, "history", target, "-c", "1000000", *arguments)]

    def talk(self, who):
        """Somebody who is here, and reads."""
        started = self.start(who, "--json")
        started.until('"connected"')
        return started


class Sending(Case):
    def test_text_and_lines(self):
        self.broker()
        self.run_it("olena", "who")
        out, err = self.run_it("ivan", "send", "@olena", "all", "is", "well")
        self.assertEqual((out, err), ("", ""))
        self.run_it("ivan", "send", "olena", stdin="one\n\n/two\r\nthree")
        self.run_it("ivan", "send", "OLENA", "--", "--four")
        self.run_it("ivan", "send", "@olena", "--whole", stdin="five\n\nsix\n")
        self.run_it("ivan", "send", "@olena", "--whole", stdin="")
        self.run_it("ivan", "send", "@olena", stdin="\n\n")
        self.run_it("ivan", "send", "#general", "seven")
        self.assertEqual(self.texts("olena", "ivan"),
                         ["all is well", "one", "/two", "three", "--four", "five\n\nsix"])
        self.assertEqual(self.texts("olena", "#general"), ["seven"])

    def test_json(self):
        self.broker()
        rows = self.objects("ivan", "send", "#general", stdin="one\ntwo\n")
        self.assertEqual([(row["type"], row["text"], row["own"]) for row in rows],
                         [("message", "one", True), ("message", "two", True)])
        found = self.objects("ivan", "history", "#general")
        for key in ("id", "time"):
            self.assertEqual([row[key] for row in rows], [row[key] for row in found])
        self.assertLess(rows[0]["ref"], rows[1]["ref"])

    def test_what_cannot_be_sent(self):
        self.broker()
        out, err = self.run_it("ivan", "send", "#general", "--json",
                               stdin=b"one\n\ntwo\n\xff\nthree\n", status=FAILED)
        self.assertEqual([json.loads(line)["text"] for line in out.splitlines()], ["one", "two"])
        self.assertIn("line 4 of the input", err)
        self.assertIn("UTF-8", err)
        self.run_it("ivan", "send", "#general", stdin=b"a\0b\n", status=FAILED)
        _, err = self.run_it("ivan", "send", "#general", stdin="y" * 70000 + "\n", status=FAILED)
        self.assertIn("line 1 of the input", err)
        _, err = self.run_it("ivan", "send", "#general", "--whole", stdin="yy\n" * 30000,
                             status=FAILED)
        self.assertIn("too long", err)
        self.assertNotIn("line", err)
        self.run_it("ivan", "send", "#general", b"\xff".decode("utf-8", "surrogateescape"),
                    status=FAILED)
        self.run_it("ivan", "send", "#general", "--whole", stdin="y" * 65000 + "\n")
        self.assertEqual(self.texts("ivan", "#general"), ["one", "two", "y" * 65000])

    def test_statuses(self):
        self.broker()
        _, err = self.run_it("ivan", "send", "@nobody", stdin="one\ntwo\n", status=REFUSED)
        self.assertIn("nobody", err)
        self.assertIn("0 of 2", err)
        self.run_it("ivan", "send", "#nothing", "x", status=REFUSED)
        for arguments in ([], ["a b", "x"], ["@olena", ""], ["@olena", "--whole", "x"],
                          ["#general", "x", "--wait-delivered"], ["@olena", "-c", "5", "x"],
                          ["@olena", "--timeout", "soon", "x"], ["ivan", "x", "--wait-delivered"]):
            out, err = self.run_it("ivan", "send", *arguments, status=USAGE)
            self.assertEqual(out, "", arguments)
            self.assertTrue(err.startswith("ztalk: "), err)
        out, _ = self.run_it("ivan", "send", "--help")
        self.assertIn("--wait-delivered", out)
        self.assertNotIn("--before", out)
        _, err = self.run_it("ivan", "who", "--since", "1d", status=USAGE)
        self.assertIn("--since is for tail, history", err)
        self.assertIn("'ztalk who --help'", err)

    def test_a_broker_that_is_not_here(self):
        self.endpoint = "ipc://" + os.path.join(self.path, "nothing")
        begin = time.monotonic()
        _, err = self.run_it("ivan", "send", "#general", "x", "--timeout", "1", status=UNREACHABLE)
        self.assertIn("no broker answers", err)
        self.assertLess(time.monotonic() - begin, DEADLINE / 2)

    def test_a_broker_that_comes(self):
        self.endpoint = "ipc://" + os.path.join(self.path, "socket")
        waiting = self.start("ivan", "send", "#general", stdin=subprocess.PIPE)
        waiting.put("one\n")
        waiting.close()
        self.broker(endpoint=self.endpoint)
        self.assertEqual(waiting.end()[0], OK)
        self.assertEqual(self.texts("ivan", "#general"), ["one"])

    def test_beside_others(self):
        """Who talks, who follows, and more who send than there are devices to send with."""
        self.broker()
        talks = self.talk("ivan")
        tail = self.start("ivan", "tail", "#general", "-c", "5", "--json")
        sending = [self.start("ivan", "send", "#general") for _ in range(6)]
        for i, process in enumerate(sending):
            process.put(f"{i}\n")
            process.close()
        for process in sending:
            self.assertEqual(process.end()[0], OK)
        expected = {str(i) for i in range(6)}
        got = set()
        while got != expected:
            got.add(json.loads(tail.line())["text"])
        self.assertEqual({json.loads(talks.until('"message"'))["text"] for _ in expected}, expected)
        talks.put("typed\n")
        self.assertEqual(json.loads(tail.line())["text"], "typed")
        self.assertEqual(talks.end()[0], OK)

    def test_wait_delivered(self):
        self.broker()
        self.run_it("olena", "who")
        # A device of hers that is away: it is kept by the broker.
        away = self.talk("olena")
        away.end()
        _, err = self.run_it("ivan", "send", "@olena", "x", "--wait-delivered", "--timeout", "1",
                             status=FAILED)
        self.assertIn("not delivered", err)
        waiting = self.start("ivan", "send", "@olena", "--wait-delivered", "y", "--json")
        self.assertEqual(json.loads(waiting.line())["text"], "y")
        reader = self.start("olena", "--json")
        reader.until('"y"')
        status, out, err = waiting.end()
        self.assertEqual((status, err), (OK, ""))
        self.assertEqual(json.loads(out.splitlines()[-1])["type"], "delivered")
        reader.end()

    def test_killed_broker(self):
        """Each line is stored once, in its order, whatever dies meanwhile."""
        broker = self.broker()
        lines = [f"line {i}" for i in range(MANY)]
        with tempfile.TemporaryFile() as file:
            file.write("".join(line + "\n" for line in lines).encode())
            file.seek(0)
            sending = self.start("ivan", "send", "#general", "--json", stdin=file)
            for part in (1, 2):
                while json.loads(sending.line())["text"] != lines[part * MANY // 4]:
                    pass
                broker.again()
            status, out, err = sending.end()
        self.assertEqual(status, OK, err)
        self.assertEqual(json.loads(out.splitlines()[-1])["text"], lines[-1])
        self.assertEqual(self.texts("ivan", "#general"), lines)

    def test_rates(self):
        """A new user may send 200 at once: the others are sent as the broker takes them."""
        self.broker(rate=1)
        lines = [str(i) for i in range(600)]
        out, err = self.run_it("ivan", "send", "#general", stdin="\n".join(lines))
        self.assertEqual(self.texts("ivan", "#general"), lines)

    def test_signals(self):
        self.broker()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            sending = self.start("ivan", "send", "#general", "--json")
            sending.put("x\n")
            sending.line()
            self.assertEqual(sending.end(number)[0], -number)

    def test_memory(self):
        self.broker()
        count = MANY * 10
        sending = self.start("ivan", "send", "#general", stdout=subprocess.DEVNULL)
        most = 0
        for i in range(0, count, 1000):
            sending.put("".join(f"line {j} {'x' * 80}\n" for j in range(i, i + 1000)))
            with open(f"/proc/{sending.process.pid}/status") as file:
                most = max(most, int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]))
        sending.close()
        self.assertEqual(sending.end()[0], OK)
        if "san" not in BIN:
            self.assertLess(most, 96 * 1024)  # KiB

    def test_terminal(self):
        """Lines are typed until Ctrl-D; one that the terminal has cut is not sent."""
        self.broker()
        controlling, terminal = os.openpty()
        self.addCleanup(os.close, controlling)
        for typed, status in ((b"/one\ntwo\n\x04", OK), (b"three\n" + b"x" * 5000 + b"\n", FAILED)):
            sending = self.start("ivan", "send", "#general", "--json", stdin=terminal)
            os.write(controlling, typed)
            self.assertEqual(sending.end()[0], status)
        os.close(terminal)
        self.assertEqual(self.texts("ivan", "#general"), ["/one", "two", "three"])

    def test_stdin_that_cannot_be_read(self):
        self.broker()
        directory = os.open(self.path, os.O_RDONLY)
        self.addCleanup(os.close, directory)
        status, _, err = self.start("ivan", "send", "#general", stdin=directory).end()
        self.assertEqual(status, FAILED)
        self.assertIn("stdin cannot be read", err)


class Following(Case):
    def test_from_now_on(self):
        self.broker()
        self.run_it("ivan", "send", "#general", "old")
        tail = self.start("olena", "tail")
        talks = self.talk("ivan")
        while not select.select([tail.process.stdout], [], [], 0.05)[0]:
            talks.put("new\n")
            talks.until('"message"')
        self.assertRegex(tail.line(), r"^\[[-0-9]+ [:0-9]+\] ivan: new$")
        status, _, err = tail.end(signal.SIGINT)
        self.assertEqual((status, err), (-signal.SIGINT, ""))

    def test_begin(self):
        self.broker()
        self.run_it("olena", "who")
        rows = self.objects("ivan", "send", "#general", stdin="a\nb\nc\n")
        self.objects("ivan", "send", "@olena", stdin="d\ne\n")
        rows = self.objects("ivan", "history", "#general") + self.objects("ivan", "history", "olena")
        last = rows[1]
        for arguments, expected in (
                (["-c", "3"], "cde"), (["-c", "100"], "abcde"), (["#general", "-c", "2"], "bc"),
                (["--since", str(last["id"])], "cde"), (["--since", "1h"], "abcde"),
                (["#general", "--since", str(last["id"])], "c"), (["ivan", "-c", "9"], "de"),
                (["--since", str(rows[0]["time"])], "abcde"), (["ivan", "--since", "1d"], "de")):
            tail = self.start("olena", "tail", *arguments, "--json")
            got = [json.loads(tail.line()) for _ in expected]
            self.assertEqual("".join(row["text"] for row in got), expected, arguments)
            self.assertEqual({row["type"] for row in got}, {"message"})
            tail.kill()
        for wrong in ("yesterday", "0", "2026-02-30", "1y", "-5m", ""):
            self.run_it("olena", "tail", "--since", wrong, status=USAGE)
        self.run_it("olena", "tail", "--since", "1h", "-c", "5", status=USAGE)
        self.run_it("olena", "tail", "#nothing", status=REFUSED)
        self.run_it("olena", "tail", "nobody", status=REFUSED)

    def test_killed_broker(self):
        """Beside the device of the same user, and each line once."""
        broker = self.broker()
        talks = self.talk("olena")
        tails = [self.start("olena", "tail", *arguments, "--json")
                 for arguments in ([], ["#general"], ["--since", "1h"], ["#general", "-c", "9"])]
        self.run_it("ivan", "send", "@olena", "not for all of them")
        count, got = 0, [[] for _ in tails]
        # What is said before the last of them follows may come to some of them alone.
        while not all(got):
            count += 1
            self.run_it("ivan", "send", "#general", f"{count}")
            for tail, texts in zip(tails, got):
                while select.select([tail.process.stdout], [], [], 0.05)[0] or b"\n" in tail.output:
                    texts.append(json.loads(tail.line())["text"])
        begins = [int([text for text in texts if text.isdigit()][0]) for texts in got]
        sending = self.start("ivan", "send", "#general")
        last = count + MANY // 5
        for i in range(count + 1, last + 1):
            sending.put(f"{i}\n")
            if i in (count + MANY // 10, count + MANY // 7):
                broker.again()
        self.assertEqual(sending.end()[0], OK)
        for tail, texts, begin in zip(tails, got, begins):
            while not texts or texts[-1] != str(last):
                texts.append(json.loads(tail.line())["text"])
            numbers = [text for text in texts if text.isdigit()]
            self.assertEqual(numbers, [str(i) for i in range(begin, last + 1)])
            self.assertEqual(tail.end(signal.SIGTERM)[0], -signal.SIGTERM)
        self.assertEqual(talks.end()[0], OK)

    def test_the_reader_goes(self):
        self.broker()
        self.run_it("ivan", "send", "#general", stdin="a\nb\n")
        head = subprocess.Popen(["head", "-1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        tail = self.start("ivan", "tail", "-c", "9", stdout=head.stdin)
        head.stdin.close()
        self.assertRegex(head.stdout.read().decode(), "ivan: a")
        head.stdout.close()
        head.wait(timeout=DEADLINE)
        _, err = tail.process.communicate(timeout=DEADLINE)  # though nothing more is said
        self.assertEqual((tail.process.returncode, err), (-signal.SIGPIPE, b""))

    def test_a_full_disk(self):
        self.broker()
        self.run_it("ivan", "send", "#general", "a")
        for arguments in (["tail", "-c", "9"], ["history", "#general"], ["rooms", "--json"]):
            with open("/dev/full", "w") as full:
                started = self.start("ivan", *arguments, stdout=full)
                _, err = started.process.communicate(timeout=DEADLINE)
            self.assertEqual(started.process.returncode, FAILED, arguments)
            self.assertIn("No space left", err.decode())

    def test_a_closed_stdout(self):
        self.broker()
        prints = (["tail"], ["history", "#general"], ["search", "a"], ["rooms", "--json"], ["who"], ["key"],
                  ["find"], [])
        for arguments in prints:
            started = self.start("ivan", *arguments, stdout=None, preexec_fn=lambda: os.close(1))
            _, err = started.process.communicate(timeout=DEADLINE)
            self.assertEqual((started.process.returncode, err),
                             (FAILED, b"ztalk: stdout cannot be written: Bad file descriptor\n"), arguments)
        for arguments in (["--help"], ["--version"], ["send", "--help"], ["--list-options"]):
            started = self.start("ivan", *arguments, stdout=None, preexec_fn=lambda: os.close(1))
            _, err = started.process.communicate(timeout=DEADLINE)
            self.assertEqual((started.process.returncode, err), (FAILED, b"ztalk: stdout: Bad file descriptor\n"))
        started = self.start("ivan", "send", "#general", "a", stdout=None, preexec_fn=lambda: os.close(1))
        self.assertEqual(started.process.communicate(timeout=DEADLINE)[1], b"")  # it has nothing to print
        self.assertEqual(started.process.returncode, OK)
        self.assertIn("ivan: a", self.run_it("ivan", "history", "#general")[0])


class Asking(Case):
    def test_who_and_rooms(self):
        self.broker()
        self.assertEqual(self.run_it("ivan", "who"), ("", ""))
        talks = self.talk("olena")
        talks.put("/join #dev\n")
        talks.until('"joined"')
        self.assertEqual(self.run_it("ivan", "who"), ("olena\n", ""))
        self.assertEqual(self.objects("ivan", "who"), [{"type": "user", "name": "olena"}])
        self.assertEqual(set(self.run_it("olena", "rooms")[0].splitlines()),
                         {"#general 2 joined", "#dev 1 joined"})
        rooms = self.objects("ivan", "rooms")
        self.assertIn({"type": "room", "room": "#dev", "users": 1, "joined": False}, rooms)
        self.assertEqual(len(rooms), 2)
        self.run_it("ivan", "who", "olena", status=USAGE)
        talks.end()

    def test_pages(self):
        self.broker()
        lines = [f"word {i}" for i in range(1234)]
        self.run_it("ivan", "send", "#general", stdin="\n".join(lines))
        self.assertEqual(self.texts("ivan", "#general"), lines)
        rows = self.objects("ivan", "history", "#general", "-c", "1234")
        self.assertEqual([row["text"] for row in rows], lines)
        self.assertEqual([row["text"] for row in self.objects("ivan", "history", "#general")],
                         lines[-20:])
        some = self.objects("ivan", "history", "#general", "--since", str(rows[99]["id"]))
        self.assertEqual([row["text"] for row in some], lines[100:])
        some = self.objects("ivan", "history", "#general", "--since", "1h", "-c", "600",
                            "--before", str(rows[-1]["id"]))
        self.assertEqual([row["text"] for row in some], lines[-601:-1])
        found = self.objects("ivan", "search", "word", "-c", "1234")
        self.assertEqual([row["text"] for row in found], lines)
        self.assertEqual(len(self.objects("ivan", "search", "word", "--in", "#general")), 20)

    def test_naughty_strings(self):
        """Whatever came in, each line is JSON, and the text is what was sent."""
        path = os.path.join(SOURCE, "build", "blns.json")
        strings = ["\u2028\u2029", "\x1b[31mred\x1b[0m", "\x7f\x80\x9f", "a\tb", "\u202e\ufeff",
                   '"\\', "\U0001f468\u200d\U0001f469", "é", "{\"text\":1}"]
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                strings += [text for text in json.load(file) if text and "\0" not in text]
        self.broker()
        lines = [text for text in strings if "\n" not in text and not text.endswith("\r")]
        tail = self.start("ivan", "tail", "--since", "1h", "--json")
        self.run_it("ivan", "send", "#general", stdin="\n".join(lines))
        self.assertEqual([json.loads(tail.line())["text"] for _ in lines], lines)
        self.assertEqual(self.texts("ivan", "#general"), lines)
        out, _ = self.run_it("ivan", "history", "#general", "-c", "100000")
        self.assertNotRegex(out, r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")

    def test_statuses(self):
        self.broker()
        self.run_it("ivan", "history", "#nothing", status=REFUSED)
        self.run_it("ivan", "history", status=USAGE)
        self.run_it("ivan", "search", "...", status=REFUSED)
        self.run_it("ivan", "sand", "olena", "x", status=USAGE)
        _, err = self.run_it("ivan", "sand", "olena", status=USAGE)
        self.assertIn("did you mean 'ztalk send'?", err)
        for word in ("send", "tail", "who", "rooms", "history", "search", "key"):
            out, err = self.run_it("ivan", word, "--help")
            self.assertTrue(out.startswith(f"ztalk {word} - "), out)
            self.assertEqual(err, "")

    def test_no_question_without_a_terminal(self):
        """A broker of which nothing is known."""
        started = Process(["ztalk-broker", "-d", os.path.join(self.path, "b"), "--no-announce",
                           "-e", "tcp://127.0.0.1:*"],
                          {**os.environ, "XDG_STATE_HOME": os.path.join(self.path, "elsewhere"),
                           "RUNTIME_DIRECTORY": os.path.join(self.path, "runtime")})
        self.addCleanup(started.kill)
        self.endpoint = started.line().split()[1]
        environment = {**self.environment("ivan"), "XDG_STATE_HOME": os.path.join(self.path, "s")}
        for arguments in (["send", "#general", "x"], ["tail"], ["who"]):
            client = Process(["ztalk", "-n", "ivan", *arguments], environment)
            self.addCleanup(client.kill)
            status, out, err = client.end()
            self.assertEqual((status, out), (REFUSED, ""), err)
            self.assertIn("--trust", err)


if __name__ == "__main__":
    unittest.main()
