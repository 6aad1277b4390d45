#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The broker against common/PROTOCOL.md, by a client in another language.

Nothing here knows more of the broker than that page says. The classes follow the page's
sections.
"""
import itertools
import json
import math
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

try:
    import zmq
except ImportError:
    print("SKIP: there is no pyzmq")
    sys.exit(77)

from peer import Message, Peer, Refused, pack, unpack  # noqa: E402

BIN = os.environ.get("ZTALK_BIN", "build/dev/bin")
WRAPPER = shlex.split(os.environ.get("ZTALK_WRAPPER", ""))
DEADLINE = 60 if WRAPPER else 10  # seconds, for whatever is certain to come
FRAME_MAX, HEADER_MAX, BODY_MAX, WINDOW = 262144, 512, 65536, 1024
CONTEXT = zmq.Context.instance()
CONTEXT.set(zmq.MAX_SOCKETS, 4096)

counter = itertools.count(1)


def unique(word):
    """A name that no other test uses."""
    return f"{word}{next(counter)}"


def send(ref, target, body=b'{"text":"hi"}'):
    return pack("SEND", ref, target, body=body)


def hello(name, **members):
    return pack("HELLO", "ZTALK/1", name, body=members)


def text(value):
    return {"text": value}


class Program:
    """A program of ours that runs, with pipes."""

    def __init__(self, name, *args, **environment):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            WRAPPER + [os.path.join(BIN, name), *args], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors, env={**os.environ, **environment})
        self.output = b""

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def read(self, pattern):
        """Wait until the output has the pattern; what is up to its end is read."""
        deadline = time.monotonic() + DEADLINE
        while True:
            found = re.search(pattern.encode(), self.output, re.MULTILINE)
            if found:
                self.output = self.output[found.end():]
                return found
            left = max(0, deadline - time.monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:
                raise AssertionError(f"no {pattern!r} in {self.output!r}")
            some = os.read(self.process.stdout.fileno(), 65536)
            if not some:
                raise AssertionError(f"ended, no {pattern!r} in {self.output!r}")
            self.output += some

    def end(self, signum=None):
        """Its status at the end, which a signal or the end of its input brings."""
        if signum:
            self.process.send_signal(signum)
        try:
            self.process.communicate(timeout=DEADLINE)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.communicate()
            if self.process.returncode not in (0, -signal.SIGKILL):
                self.errors.seek(0)
                sys.stderr.write(self.errors.read().decode("utf-8", "replace"))
            self.errors.close()
        return self.process.returncode

    def running(self):
        return not self.errors.closed


class Broker(Program):
    def __init__(self, *args, endpoint="tcp://127.0.0.1:*"):
        super().__init__("ztalk-broker", "--plain", "--ephemeral", "-e", endpoint,
                         "--set", "limits/messages_per_s=0",
                         "--set", "limits/connections_per_s=0", *args)
        self.endpoint = self.read(r"^ready (\S+) \S+\n")[1].decode()

    def stop(self):
        status = self.end(signal.SIGTERM)
        if status != 0:
            raise AssertionError(f"the broker's status is {status}")


class Session:
    """A connection, byte by byte: what comes is to be exactly what is asked for."""

    def __init__(self, broker, name=None, immediate=True, **members):
        self.socket = CONTEXT.socket(zmq.DEALER)
        self.socket.set(zmq.IMMEDIATE, immediate)
        self.socket.set(zmq.LINGER, 0)
        self.socket.connect(broker.endpoint)
        self.come, self.presence, self.welcome = [], [], None
        if name:
            self.put(hello(name, **members))
            self.opened = self.get("WELCOME")
            self.welcome = self.opened.body

    def frame(self, *parts):
        """A ZeroMQ message of these parts."""
        if not self.socket.poll(DEADLINE * 1000, zmq.POLLOUT):
            raise AssertionError("there is no connection")
        self.socket.send_multipart(parts)

    def put(self, *messages):
        """All of them in one frame."""
        self.frame(b"".join(messages))

    def more(self, seconds):
        if not self.come and self.socket.poll(max(0, math.ceil(seconds * 1000))):
            self.come += unpack(self.socket.recv())
        return bool(self.come)

    def get(self, *verbs, within=None):
        """The next message, which has one of these verbs. PRESENCE and the broker's own PONG
        may come at any time: they are passed over, unless they are asked for."""
        deadline = time.monotonic() + (within or DEADLINE)
        while self.more(deadline - time.monotonic()):
            message = self.come.pop(0)
            if message.verb not in verbs:
                if message.verb == "PRESENCE":
                    self.presence.append(message.body)
                    continue
                if message.verb == "PONG" and message.fields == ["-"]:
                    continue
                raise AssertionError(f"{message} instead of {verbs}")
            return message
        raise AssertionError(f"no {verbs} came")

    def texts(self, count):
        """The texts of the next messages."""
        return [self.get("MSG").body.get("text") for _ in range(count)]

    def fails(self, ref, code):
        """The next one is this ERROR; its body."""
        error = self.get("ERROR")
        if error.fields != [str(ref), code]:
            raise AssertionError(f"{error.fields} {error.raw} instead of {ref} {code}")
        if not isinstance(error.body["message"], str):
            raise AssertionError("an ERROR says something to a person")
        return error.body

    def result(self, ref):
        message = self.get("RESULT")
        if message.fields != [str(ref)]:
            raise AssertionError(f"{message.fields} instead of {ref}")
        return json.loads(message.raw.decode())

    def quiet(self):
        """Nothing was on its way."""
        token = unique("quiet")
        self.put(pack("PING", token))
        if self.get("PONG").fields != [token]:
            raise AssertionError("another PONG")

    def silent(self, seconds):
        """Nothing comes for this time, PRESENCE aside."""
        deadline = time.monotonic() + seconds
        while self.more(deadline - time.monotonic()):
            message = self.come.pop(0)
            if message.verb != "PRESENCE":
                raise AssertionError(f"{message.verb} {message.fields} came")

    def burst(self, verb, pause):
        """All messages of this verb, until nothing comes for a while."""
        messages = []
        while self.more(pause):
            messages += [message for message in self.come if message.verb == verb]
            self.come.clear()
        return messages

    def bye(self):
        """End in order, and wait until that has happened."""
        self.put(b"BYE\n")
        self.put(b"WHO 1\n")
        while self.more(DEADLINE):
            if self.come.pop(0).fields == ["-", "hello-first"]:
                return self.close()
        raise AssertionError("BYE has not ended the session")

    def close(self):
        self.socket.close()


broker = None


def setUpModule():
    global broker
    broker = Broker()


def tearDownModule():
    broker.stop()


class Case(unittest.TestCase):
    maxDiff = 2000

    def session(self, name=None, at=None, **members):
        session = Session(at or broker, name, **members)
        self.addCleanup(session.close)
        return session

    def user(self, word, device="laptop", at=None, **members):
        """A session that receives, of a new user whose token is the name."""
        name = unique(word)
        session = self.session(name, at=at, device=device, token=name, **members)
        session.name = name
        return session

    def again(self, session, device="laptop", at=None, **members):
        """A further session of the same user."""
        other = self.session(session.name, at=at, device=device, token=session.name, **members)
        other.name = session.name
        return other

    def start(self, *args, **kwargs):
        """A broker for this test alone."""
        started = Broker(*args, **kwargs)
        self.addCleanup(lambda: started.running() and started.stop())
        return started

    def peer(self, name, *args, at=None, **kwargs):
        peer = Peer((at or broker).endpoint, name, *args, timeout=DEADLINE, **kwargs)
        self.addCleanup(lambda: peer.socket.close())
        return peer


class Names(Case):
    """2. Words"""

    def refused(self, name, code="bad-name"):
        session = self.session()
        session.put(hello(name))
        session.fails("-", code)

    def test_length(self):
        for letter in ("a", "я", "\U00010428"):  # the last takes four bytes
            name = (unique("n") + letter * 32)[:32]
            self.assertEqual(self.session(name).opened.fields[0], name)
            self.refused(name + letter)

    def test_letters(self):
        for name in ("Їжак_1.2-3", "ｆｕｌｌ", "名前", "e\u0301", "٣", "-", ".", "_", "Ǆʰ"):
            for character in name:
                category = unicodedata.category(character)
                self.assertTrue(character in "_-." or category in
                                ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"), name)
            self.session(name)
        for name in ("@a", "#a", "a!", "a/b", "😀", "²", "Ⅷ", "\u0301e", "a\u200db", "a\u00a0b",
                     "a\u20dd", "a+b", "a*", "\U000e0041", "\ue000", "\u0378"):
            self.refused(name)

    def test_case_folds(self):
        first = self.user("Їжак_Straße")
        for name in (first.name.upper(), first.name.lower(), first.name.replace("ß", "ss"),
                     unicodedata.normalize("NFD", first.name)):
            self.refused(name, "name-taken")
            again = self.session(name, token=first.name, device="phone")
            self.assertEqual(again.opened.fields[0], first.name)
        sender = self.user("ivan")
        sender.put(send(1, "@" + first.name.upper()))
        sender.get("SENT")
        message = first.get("MSG")
        self.assertEqual(message.fields[3], "@" + first.name)

    def test_case_folds_of_devices(self):
        first = self.user("olena", device="Laptop")
        self.again(first, device="laptop")
        self.assertEqual(first.get("BYE", within=1).fields, ["replaced"])

    def test_ids_and_times(self):
        a, b = self.user("a"), self.user("b")
        last = int(a.welcome["cursor"])
        now = time.time() * 1000
        for ref in (1, 2, 7, 2**53 - 1):
            a.put(send(ref, "@" + b.name))
            _, id, at = map(int, a.get("SENT").fields)
            self.assertTrue(last < id < 2**53)
            self.assertLess(abs(at - now), 60000)
            self.assertEqual([str(id), str(at)], b.get("MSG").fields[:2])
            last = id

    def test_ids_of_another_start(self):
        one = self.start()
        session = self.user("olena", at=one)
        session.put(send(1, "#general"))
        before = int(session.get("SENT").fields[1])
        one.stop()
        two = self.start(endpoint=one.endpoint)
        session = self.user("olena", at=two)
        session.put(send(1, "#general"))
        self.assertGreater(int(session.get("SENT").fields[1]), before)


class Transport(Case):
    """3. Transport"""

    def malformed(self, frame):
        """It gets ERROR - bad-request, ends the reading, and what stood before counts."""
        session = self.session(unique("m"))
        session.put(b"PING before\n", frame, b"PING after\n")
        self.assertEqual(session.get("PONG").fields, ["before"], frame)
        try:
            session.fails("-", "bad-request")
            session.quiet()
        except AssertionError as error:
            raise AssertionError(f"{frame}: {error}")

    def test_malformed(self):
        for frame in (
                b"\n", b"PING\n", b"PING  a\n", b"PING a \n", b" PING a\n", b"PING a b\n",
                b"ping a\n", b"PING\ta\n", b"PiNG a\n", b"NOSUCHVERB a\n", b"ABCDEFGHIJKLM a\n",
                b"PING a\r\n", b"PING a\x7f\n", b"PING \xc2\x85\n", b"PING \xff\n",
                b"PING \xc0\x80\n", b"PING \xed\xa0\x80\n", b"PING a\0\n",
                b"ACK x\n", b"ACK 01\n", b"ACK -1\n", b"ACK +1\n", b"ACK 18446744073709551616\n",
                b"ACK 1 2\n", b"ACK\n", b"BYE x\n", b"WHO\n", b"WHO x\n", b"HISTORY 1 #general 0\n",
                b"SEND 01 #general 2\n{}\n", b"SEND 1 #general 02\n{}\n", b"SEND 1 #general\n",
                b"SEND x #general 2\n{}\n", b"SEND 1 #general 2\n{}x\n", b"SEND 1 #general 1\n{}\n",
                b"SEND 1 #general 3\n{}\n", b"SEND 1 #general 99999\n{}\n",
                b"SEND 1 #general 18446744073709551615\n{}\n", b"SEND 1 #general -1\n{}\n",
                b"WELCOME x 1 2\n{}\n", b"MSG 1 1 @a @b 2\n{}\n", b"PONG a\n", b"SENT 1 1 1\n"):
            with self.subTest(frame):
                self.malformed(frame)

    def test_ends_without_lf(self):
        for frame in (b"PING a", b"SEND 1 #general 2\n{}", b"SEND 1 #general 2\n{", b"SEND 1 #"):
            session = self.session(unique("m"))
            session.put(frame)
            session.fails("-", "bad-request")
            session.quiet()

    def test_empty_frame(self):
        session = self.session(unique("m"))
        session.put(b"")
        session.fails("-", "bad-request")

    def test_several_frames(self):
        session = self.session(unique("m"))
        session.frame(b"PING a\n", b"PING b\n")
        session.fails("-", "bad-request")
        session.quiet()

    def test_several_frames_before_hello(self):
        session = self.session()
        name = unique("m")
        session.frame(b"", hello(name))  # as a REQ socket would
        session.fails("-", "bad-request")
        session.put(hello(name))
        session.get("WELCOME")

    def test_header_edge(self):
        session = self.session(unique("m"))
        token = "x" * (HEADER_MAX - 5)
        session.put(pack("PING", token))
        self.assertEqual(session.get("PONG").fields, [token])
        session.put(pack("PING", token + "x"))
        session.fails("-", "bad-request")
        session.quiet()

    def test_body_edge(self):
        a, b = self.user("a"), self.user("b")
        most = b'{"text":"%s"}' % (b"x" * (BODY_MAX - 11))
        self.assertEqual(len(most), BODY_MAX)
        a.put(send(1, "@" + b.name, most))
        a.get("SENT")
        self.assertEqual(b.get("MSG").raw, most)
        a.put(send(2, "@" + b.name, most + b" "))
        a.fails(2, "too-large")
        a.put(send(3, "@" + b.name))
        a.get("SENT")
        self.assertEqual(b.texts(1), ["hi"])

    def filled(self, size, *messages):
        """A frame of that size: these messages, and PINGs."""
        frame = b"".join(messages)
        while len(frame) < size:
            left = size - len(frame)
            length = left if left <= 500 else min(400, left - 100)
            frame += pack("PING", "x" * (length - 6))
        self.assertEqual(len(frame), size)
        return frame

    def test_frame_edge(self):
        a, b = self.user("a"), self.user("b")
        frame = self.filled(FRAME_MAX, send(1, "@" + b.name))
        a.put(frame)
        answers = [a.get("PONG", "SENT").verb for _ in range(frame.count(b"PING") + 1)]
        self.assertEqual(answers.count("SENT"), 1)
        b.get("MSG")
        a.put(self.filled(FRAME_MAX + 1, send(2, "@" + b.name)))  # ends the connection
        deadline = time.monotonic() + DEADLINE
        while not a.more(0.2):
            self.assertLess(time.monotonic(), deadline)
            a.put(b"WHO 9\n")
        a.fails("-", "hello-first")
        self.assertEqual(self.again(a).welcome["last_ref"], 1)
        b.quiet()

    def test_order(self):
        a, b = self.user("a"), self.user("b")
        for first in range(1, 100, 20):
            a.put(*[send(ref, "@" + b.name, text(str(ref))) for ref in range(first, first + 20)])
        sent = [a.get("SENT").fields for _ in range(100)]
        self.assertEqual([int(fields[0]) for fields in sent], list(range(1, 101)))
        messages = [b.get("MSG") for _ in range(100)]
        self.assertEqual([m.body["text"] for m in messages], [str(n) for n in range(1, 101)])
        self.assertEqual([m.fields[0] for m in messages], [fields[1] for fields in sent])
        self.assertEqual(sorted(set(int(m.fields[0]) for m in messages)),
                         [int(m.fields[0]) for m in messages])


class SessionLife(Case):
    """4. A session, 5.1 HELLO, 5.2 WELCOME, 5.19 BYE"""

    def refused(self, frame, code):
        """The HELLO is refused, and another one may be tried."""
        session = self.session()
        session.put(frame)
        try:
            body = session.fails("-", code)
        except AssertionError as error:
            raise AssertionError(f"{frame}: {error}")
        session.put(hello(unique("again")))
        session.get("WELCOME")
        return body

    def test_hello_first(self):
        for message in (b"PING a\n", b"ACK 1\n", b"WHO 1\n", b"BYE\n", b"JOIN 1 #a\n",
                        b"LEAVE 1 #a\n", b"HISTORY 1 #general 0 1\n", send(1, "#general"),
                        pack("SEARCH", 1, "*", 1, body={"query": "a"})):
            with self.subTest(message):
                self.refused(message, "hello-first")
        self.refused(b"PING a\n" + hello(unique("x")), "hello-first")

    def test_hello_first_once_a_second(self):
        session = self.session()
        session.put(b"PING a\n")
        session.fails("-", "hello-first")
        session.put(b"PING b\n")
        session.put(hello(unique("x")))
        self.assertEqual(session.get("WELCOME", "ERROR").verb, "WELCOME")

    def test_hello_alone(self):
        self.refused(hello(unique("x")) + b"PING a\n", "bad-request")

    def test_hello_version(self):
        self.refused(pack("HELLO", "ZTALK/2", unique("x"), body={}), "version")
        self.refused(pack("HELLO", "XMPP/1", unique("x"), body={}), "version")

    def test_hello_bad_request(self):
        for body in (b"[]", b"null", b"", b'{"a":}', b'"x"', b"{", b"{}{}"):
            self.refused(pack("HELLO", "ZTALK/1", unique("x"), body=body), "bad-request")
        for body in ({"token": "t" * 129}, {"token": 5}, {"device": 5}):
            self.refused(pack("HELLO", "ZTALK/1", unique("x"), body=body), "bad-request")
        self.session(unique("x"), token="t" * 128)
        self.session(unique("x"), token="ї" * 64)
        self.refused(hello(unique("x"), token="ї" * 65), "bad-request")

    def test_hello_empty_token(self):
        self.refused(hello(unique("x"), token=""), "bad-request")

    def test_hello_empty_device(self):
        self.refused(hello(unique("x"), device=""), "bad-name")

    def test_hello_bad_name(self):
        self.refused(hello("@x"), "bad-name")
        self.refused(hello(unique("x"), device="a b"), "bad-name")
        self.refused(hello(unique("x"), device="d" * 33), "bad-name")
        self.session(unique("x"), device="d" * 32)

    def test_hello_twice(self):
        session = self.user("olena")
        session.put(hello(session.name, device="laptop", token=session.name))
        session.fails("-", "bad-request")
        session.quiet()

    def test_unknown_members(self):
        session = self.session(unique("x"), future={"a": [1, None]}, client="test 1")
        session.quiet()

    def test_welcome(self):
        started = self.start("--motd", "Вітаю! 😀")
        session = self.user("Olena", at=started)
        name, at = session.opened.fields
        self.assertEqual(name, session.name)
        self.assertLess(abs(int(at) - time.time() * 1000), 60000)
        self.assertEqual(session.welcome, {
            "broker": "ztalk", "version": session.welcome["version"], "device": "laptop",
            "last_ref": 0, "cursor": session.welcome["cursor"], "heartbeat_ms": 3000,
            "window": WINDOW, "max_body": BODY_MAX, "rooms": ["#general"], "motd": "Вітаю! 😀"})
        session.put(send(5, "#general"))
        id = int(session.get("SENT").fields[1])
        again = self.again(session, at=started)
        self.assertEqual(again.welcome["last_ref"], 5)
        new = self.again(session, device="phone", at=started)
        self.assertEqual((new.welcome["last_ref"], new.welcome["cursor"]), (0, id))

    def test_new_device_begins_at_the_end(self):
        a, b = self.user("a"), self.user("b")
        a.put(send(1, "@" + b.name, text("old")))
        a.get("SENT")
        new = self.again(b, device="phone")
        a.put(send(2, "@" + b.name, text("new")))
        self.assertEqual(new.texts(1), ["new"])

    def test_takeover(self):
        a, b = self.user("a"), self.user("b")
        again = self.again(b)
        self.assertEqual(b.get("BYE").fields, ["replaced"])
        a.put(send(1, "@" + b.name))
        self.assertEqual(again.texts(1), ["hi"])
        again.quiet()

    def test_bye(self):
        session = self.user("olena")
        session.put(send(1, "#general"), b"BYE\n", send(2, "#general"))
        deadline = time.monotonic() + DEADLINE
        while session.get("SENT", "ERROR").verb != "ERROR":  # of the second: hello-first
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(self.again(session).welcome["last_ref"], 1)

    def test_the_end_of_the_connection(self):
        """It ends a session without BYE, too."""
        watch, gone = self.user("watch"), self.user("gone")
        while gone.name not in [name for body in watch.presence for name in body["online"]]:
            watch.presence.append(watch.get("PRESENCE").body)
        gone.close()
        began = time.monotonic()
        while gone.name not in [name for body in watch.presence for name in body["offline"]]:
            watch.presence.append(watch.get("PRESENCE").body)
        self.assertLess(time.monotonic() - began, 8)

    def test_shutdown_and_kicked(self):
        started = self.start("--console")
        # with ZMQ_IMMEDIATE libzmq may drop what comes right before the end of a connection
        a, b = self.user("a", at=started), self.user("b", at=started, immediate=False)
        started.type(f"kick {a.name}")
        self.assertEqual(a.get("BYE").fields, ["kicked"])
        b.quiet()
        started.process.send_signal(signal.SIGTERM)
        self.assertEqual(b.get("BYE").fields, ["shutdown"])
        started.stop()

    def test_ping(self):
        session = self.session(unique("x"))
        session.put(b"PING a\n", "PING ї\n".encode(), b"PING 1\n")
        self.assertEqual([session.get("PONG").fields for _ in range(3)], [["a"], ["ї"], ["1"]])

    def test_idle(self):
        """Nine silent seconds end a session; PINGs, and any other frame, keep one."""
        began, noise = time.monotonic(), 0
        silent, noisy = self.user("silent"), self.user("noisy")
        peer = self.peer(unique("peer"), device="laptop")
        welcome = peer.welcome
        while not any(message.verb == "BYE" for message in silent.come):
            spent = time.monotonic() - began
            self.assertLess(spent, 12 + DEADLINE)
            if spent > noise * 2.5:
                noisy.put(b"ACK 0 junk\n")
                noise += 1
            peer.step(0.1)
            if silent.socket.poll(0):
                silent.come += unpack(silent.socket.recv())
        self.assertGreater(time.monotonic() - began, 8.9)
        self.assertEqual(silent.come[-1].fields, ["idle"])
        self.assertIs(peer.welcome, welcome)
        self.assertEqual(peer.ask("WHO").verb, "RESULT")
        noisy.put(b"PING still\n")
        while noisy.get("ERROR", "PONG").verb == "ERROR":
            pass

    def test_resume(self):
        a, b = self.user("a"), self.user("b")
        a.put(*[send(ref, "@" + b.name, text(str(ref))) for ref in range(1, 6)])
        messages = [b.get("MSG") for _ in range(5)]
        b.put(pack("ACK", messages[2].fields[0]))
        b.bye()
        a.put(*[send(ref, "@" + b.name, text(str(ref))) for ref in range(6, 8)])
        for _ in range(7):
            a.get("SENT")
        again = self.again(b)
        self.assertEqual(str(again.welcome["cursor"]), messages[2].fields[0])
        self.assertEqual(again.texts(4), ["4", "5", "6", "7"])
        again.quiet()
        again.close()  # nothing of it was acknowledged
        again = self.again(b)
        self.assertEqual(again.texts(4), ["4", "5", "6", "7"])


class Receiving(Case):
    """4. Exactly once, 5.6 ACK, 5.15 GAP, 7. the windows"""

    def flood(self, name, count, body, at=None):
        """So many messages to that user; the id of the last."""
        sender = self.user("flood", at=at, sent="last")
        sent = 0
        while sent < count:
            some = min(count - sent, 200000 // len(body))
            sender.put(*[send(sent + n + 1, "@" + name, body) for n in range(some)])
            sent += some
        while True:
            fields = sender.get("SENT").fields
            if fields[0] == str(count):
                return int(fields[1])

    def test_window(self):
        b = self.user("b")
        b.bye()
        last = self.flood(b.name, 3000, b'{"text":"x"}')
        b = self.again(b)
        ids = [int(b.get("MSG").fields[0]) for _ in range(WINDOW)]
        b.silent(0.3)  # no ACK, no more
        while ids[-1] < last:
            if len(ids) % 512 == 0:
                b.put(pack("ACK", ids[-1]))
            ids.append(int(b.get("MSG").fields[0]))
        self.assertEqual(len(ids), 3000)
        self.assertEqual(ids, sorted(set(ids)))

    def test_window_of_a_live_session(self):
        b = self.user("b")
        last = self.flood(b.name, 3000, b'{"text":"x"}')
        ids = []
        while not ids or ids[-1] < last:
            messages = [b.get("MSG")]
            messages += b.burst("MSG", 0.1)
            self.assertLessEqual(len(messages), WINDOW)
            ids += [int(message.fields[0]) for message in messages]
            b.put(pack("ACK", ids[-1]))
        self.assertEqual(len(ids), 3000)
        self.assertEqual(ids, sorted(set(ids)))

    def test_window_bytes(self):
        b = self.user("b")
        self.flood(b.name, 40, b'{"text":"%s"}' % (b"x" * 60000))
        count = 0
        while count < 40:
            messages = [b.get("MSG")]
            messages += b.burst("MSG", 0.3)
            size = sum(len(message.raw) for message in messages)
            self.assertLessEqual(size, 1048576)
            count += len(messages)
            b.put(pack("ACK", messages[-1].fields[0]))
        self.assertEqual(count, 40)

    def test_ack(self):
        a, b = self.user("a"), self.user("b")
        a.put(send(1, "@" + b.name), send(2, "@" + b.name))
        first, second = (int(b.get("MSG").fields[0]) for _ in range(2))
        b.put(pack("ACK", second), pack("ACK", first), pack("ACK", second))
        b.quiet()
        self.assertEqual(self.again(b).welcome["cursor"], second)  # and not back to the first

    def test_ack_beyond_the_end(self):
        started = self.start()
        a = self.user("a", at=started)
        a.put(send(1, "#general"))
        id = int(a.get("SENT").fields[1])
        a.put(pack("ACK", id))
        a.quiet()
        a.put(pack("ACK", id + 1))
        a.fails("-", "bad-request")

    def test_gap(self):
        started = self.start("--keep-mb", "1")
        b = self.user("b", at=started)
        b.bye()
        last = self.flood(b.name, 300, b'{"text":"%s"}' % (b"x" * 60000), at=started)
        b = self.again(b, at=started)
        low, high, most = map(int, b.get("GAP").fields)
        ids = []
        while not ids or ids[-1] < last:
            ids.append(int(b.get("MSG").fields[0]))
            b.put(pack("ACK", ids[-1]))
        self.assertEqual(ids, sorted(set(ids)))
        self.assertTrue(b.welcome["cursor"] < low <= high < ids[0])
        self.assertGreaterEqual(most, 300 - len(ids))
        self.assertGreater(len(ids), 0)
        b.bye()
        b = self.again(b, at=started)
        self.assertEqual(b.welcome["cursor"], last)
        b.quiet()


class Sending(Case):
    """5.3 SEND, 5.4 SENT, 5.5 MSG"""

    def test_private(self):
        a, b, c = self.user("a"), self.user("b"), self.user("c")
        phone, body = self.again(b, device="phone"), '{ "text":"Привіт! 😀\\n", "x":1.50 }'.encode()
        a.put(send(1, "@" + b.name, body))
        _, id, at = a.get("SENT").fields
        for session in (b, phone):
            message = session.get("MSG")
            self.assertEqual(message, Message("MSG", [id, at, "@" + a.name, "@" + b.name], body))
        c.quiet()
        a.quiet()

    def test_own_devices(self):
        a, b = self.user("a"), self.user("b")
        phone = self.again(a, device="phone")
        a.put(send(1, "@" + b.name, text("to b")), send(2, "#general", text("to all")),
              send(3, "@" + a.name, text("to me")))
        for _ in range(3):
            a.get("SENT")
        mine = []
        while len(mine) < 3:
            message = phone.get("MSG")
            if message.sender == "@" + a.name:
                mine.append((message.target, message.body["text"]))
        self.assertEqual(mine, [("@" + b.name, "to b"), ("#general", "to all"),
                                ("@" + a.name, "to me")])
        a.quiet()

    def test_without_a_device(self):
        """It sends, and all devices of the user get it; itself gets nothing and leaves nothing."""
        a, b = self.user("a"), self.user("b")
        bare = self.session(a.name, token=a.name)
        bare.put(send(1, "@" + b.name, text("bare")))
        bare.get("SENT")
        self.assertEqual((a.texts(1), b.texts(1)), (["bare"], ["bare"]))
        b.put(send(1, "@" + a.name, text("answer")))
        b.get("SENT")
        self.assertEqual(a.texts(1), ["answer"])
        bare.quiet()
        bare.bye()
        bare = self.session(a.name, token=a.name)
        self.assertEqual(bare.welcome["last_ref"], 0)
        bare.put(send(1, "@" + b.name, text("the same ref")))
        bare.get("SENT")
        self.assertEqual(b.texts(1), ["the same ref"])
        self.assertEqual(bare.presence, [])

    def test_receive_false(self):
        a, b = self.user("a"), self.user("b")
        sender = self.again(a, device="sender", receive=False)
        b.put(send(1, "@" + a.name, text("x")))
        b.get("SENT")
        sender.put(send(4, "@" + b.name))
        sender.get("SENT")
        b.get("MSG")
        sender.quiet()
        self.assertEqual(sender.presence, [])
        again = self.again(a, device="sender", receive=False)
        self.assertEqual(sender.get("BYE").fields, ["replaced"])
        self.assertEqual(again.welcome["last_ref"], 4)
        again.put(send(4, "@" + b.name))
        again.get("SENT")
        b.quiet()

    def test_refusals(self):
        a = self.user("a")
        for ref, target, body, code in (
                (1, "@" + unique("nobody"), b"{}", "no-such-user"),
                (2, "#" + unique("nothing"), b"{}", "no-such-room"),
                (3, "general", b"{}", "bad-request"),
                (4, "*", b"{}", "bad-request"),
                (5, "#general", b"[]", "bad-request"),
                (6, "#general", b"", "bad-request"),
                (7, "#general", b"null", "bad-request"),
                (8, "#general", b'"text"', "bad-request"),
                (9, "#general", b"{" + b" " * BODY_MAX + b"}", "too-large"),
                (2**53, "#general", b"{}", "bad-request"),
                (2**64 - 1, "#general", b"{}", "bad-request")):
            a.put(send(ref, target, body))
            a.fails(ref, code)
        a.put(send(10, "#general"))  # a refused one is not stored
        a.get("SENT")
        self.assertEqual(self.again(a).welcome["last_ref"], 10)

    def test_ref_0(self):
        a = self.user("a")
        a.put(send(0, "#general"))
        a.fails("-", "bad-request")

    def test_space_around_the_object(self):
        a = self.user("a")
        a.put(send(1, "#general", b' {"text":"x"}\n'))
        a.fails(1, "bad-request")

    def test_refused_and_sent_again(self):
        a, b = self.user("a"), unique("b")
        a.put(send(1, "@" + b))
        a.fails(1, "no-such-user")
        self.session(b, device="laptop")
        a.put(send(2, "@" + b))
        a.get("SENT")

    def test_stored_for_who_is_away(self):
        a, b = self.user("a"), self.user("b")
        b.bye()
        a.put(send(1, "@" + b.name))
        a.get("SENT")
        self.assertEqual(self.again(b).texts(1), ["hi"])

    def test_same_ref(self):
        a, b = self.user("a"), self.user("b")
        a.put(send(1, "@" + b.name), send(2, "@" + b.name))
        first, _ = (a.get("SENT") for _ in range(2))
        a.put(send(1, "@" + b.name, text("another")))
        self.assertEqual(a.get("SENT"), first)
        self.assertEqual(b.texts(2), ["hi", "hi"])
        again = self.again(a)
        again.put(send(1, "@" + b.name))
        self.assertEqual(again.get("SENT"), first)
        b.quiet()
        phone = self.again(a, device="phone")  # which has its own refs
        phone.put(send(1, "@" + b.name, text("phone")))
        self.assertNotEqual(phone.get("SENT"), first)
        self.assertEqual(b.texts(1), ["phone"])

    def test_same_ref_in_a_frame(self):
        """Before the first is stored, the second gets no answer of its own."""
        a, b = self.user("a"), self.user("b")
        a.put(send(1, "@" + b.name), send(1, "@" + b.name))
        a.get("SENT")
        a.quiet()

    def test_order_in_a_frame(self):
        """The order of messages is the order in which they count, if not that of answers."""
        a, room = self.user("a"), "#" + unique("room")
        a.put(pack("JOIN", 1, room), send(2, room), pack("HISTORY", 3, room, 0, 9),
              pack("LEAVE", 4, room), send(5, room))
        answers = {}
        while len(answers) < 5:
            message = a.get("SENT", "RESULT", "ERROR")
            answers[message.fields[0]] = message
        self.assertEqual([answers[ref].verb for ref in "12345"],
                         ["RESULT", "SENT", "RESULT", "RESULT", "ERROR"])
        self.assertEqual(answers["5"].fields[1], "no-such-room")
        message, = answers["3"].body["messages"]
        self.assertEqual((str(message["id"]), message["body"]),
                         (answers["2"].fields[1], text("hi")))

    def test_same_refs_with_many_in_flight(self):
        """The connection breaks while a window is on its way; all is sent again."""
        for sent in ("each", "last"):
            a, b = self.user("a", sent=sent), self.user("b")
            messages = [send(ref, "@" + b.name, text(str(ref))) for ref in range(1, WINDOW + 1)]
            for first in range(0, WINDOW, 64):
                a.put(*messages[first:first + 64])
            a.get("SENT")
            a.close()
            again = self.again(a)
            again.put(*messages)
            answers = {}  # each ref has its own one, though it may come twice
            while len(answers) < WINDOW:
                ref, id, _ = map(int, again.get("SENT").fields)
                self.assertEqual(answers.setdefault(ref, id), id)
            self.assertEqual(set(answers), set(range(1, WINDOW + 1)))
            ids = [answers[ref] for ref in sorted(answers)]
            received = []
            while len(received) < WINDOW:
                received.append(b.get("MSG"))
                if len(received) % 512 == 0:
                    b.put(pack("ACK", received[-1].fields[0]))
            self.assertEqual([int(message.fields[0]) for message in received], ids)
            self.assertEqual([message.body["text"] for message in received],
                             [str(ref) for ref in range(1, WINDOW + 1)])
            b.quiet()

    def test_refs_that_are_remembered(self):
        """The last window of them; an older one is not stored again, either."""
        a, b = self.user("a"), self.user("b")
        count, sent = 1500, []
        for first in range(1, count, 500):
            a.put(*[send(ref, "@" + a.name) for ref in range(first, first + 500)])
            sent += [a.get("SENT") for _ in range(500)]
        a.put(*[send(ref, "@" + b.name) for ref in range(count - WINDOW + 1, count + 1)])
        for message in sent[-WINDOW:]:
            self.assertEqual(a.get("SENT"), message)
        a.put(send(1, "@" + b.name))
        answer = a.get("SENT", "ERROR")
        self.assertIn(answer.fields, (sent[0].fields, ["1", "bad-request"]))
        b.quiet()

    def test_sent_last(self):
        a, b = self.user("a", sent="last"), self.user("b")
        a.put(*[send(ref, "@" + b.name, text(str(ref))) for ref in range(1, 101)])
        answers = [a.get("SENT")]
        while answers[-1].fields[0] != "100":
            answers.append(a.get("SENT"))
        self.assertLess(len(answers), 50)
        ids = [b.get("MSG").fields[0] for _ in range(100)]
        self.assertEqual(answers[-1].fields[1], ids[-1])
        # a refused one is told before the SENT that would stand for it
        a.put(send(101, "@" + b.name), send(102, "@" + unique("nobody")), send(103, "@" + b.name))
        told = []
        while not told or told[-1] != ("SENT", "103"):
            message = a.get("SENT", "ERROR")
            told.append((message.verb, message.fields[0]))
        self.assertIn(("ERROR", "102"), told)
        self.assertNotIn(("SENT", "102"), told)

    def test_general(self):
        a, b, c = self.user("a"), self.user("b"), self.user("c")
        a.put(send(1, "#general", text("to all")))
        id = a.get("SENT").fields[1]
        for session in (b, c):
            message = session.get("MSG")
            self.assertEqual((message.fields[0], message.sender, message.target),
                             (id, "@" + a.name, "#general"))
        a.quiet()

    def test_bodies_as_they_are(self):
        """No body is looked into: it arrives byte for byte."""
        a, b = self.user("a"), self.user("b")
        bodies = (b"{}", b'{"a":}', b'{"text":"\xff"}', b"{\n}", b'{"a":1,"a":2}', b'{"text":"\0"}',
                  b'{"n":1e999}', b'{"text":"\\ud800"}', b"{" + b"[" * 60000 + b"}",
                  b'{"text":"x"}\nMSG 1 1 @root @%s 2\n{}' % b.name.encode())
        a.put(*[send(ref, "@" + b.name, body) for ref, body in enumerate(bodies, 1)])
        for body in bodies:
            self.assertEqual(b.get("MSG").raw, body)
        b.quiet()


class Following(Case):
    """5.1 HELLO, of a follower"""

    def follow(self, session, after=True, at=None, **members):
        other = self.session(session.name, at=at, token=session.name, follow=after, **members)
        self.assertGreaterEqual(other.welcome["follow"], other.welcome["cursor"])
        other.name = session.name
        return other

    def test_beside_a_device(self):
        a, b = self.user("a"), self.user("b", receipts=True)
        tails = [self.follow(a), self.follow(a)]
        b.put(send(1, "@" + a.name, text("one")), send(2, "#general", text("two")))
        phone = self.again(a, device="phone", receive=False)
        phone.put(send(1, "@" + b.name, text("three")))
        sent = {phone.get("SENT").fields[1]} | {message.fields[1] for message in
                [b.get("SENT", "MSG") for _ in range(3)] if message.verb == "SENT"}
        for tail in tails:
            got = [tail.get("MSG") for _ in range(3)]
            self.assertEqual({message.fields[0] for message in got}, sent)
            self.assertEqual({message.body["text"] for message in got}, {"one", "two", "three"})
            tail.put(pack("ACK", got[-1].fields[0]))
            tail.quiet()
            self.assertEqual(tail.presence, [])
        b.quiet()  # no RECEIPT
        self.assertEqual(set(a.texts(3)), {"one", "two", "three"})

    def test_is_not_online(self):
        a, b = self.user("a"), self.user("b")
        a.bye()
        tail = self.follow(a)
        b.put(pack("WHO", 1))
        self.assertNotIn(a.name, b.result(1)["users"])
        tail.bye()

    def test_goes_on(self):
        """Behind the last id, as often as it comes again, whatever it has acknowledged."""
        a, b = self.user("a", receive=False), self.user("b", receive=False)
        tail = self.follow(a)
        b.put(*[send(ref, "@" + a.name, text(str(ref))) for ref in range(1, 6)])
        ids = [b.get("SENT").fields[1] for _ in range(5)]
        self.assertEqual([tail.get("MSG").fields[0] for _ in ids], ids)
        tail.close()
        for _ in range(2):
            tail = self.follow(a, int(ids[2]))
            self.assertEqual(tail.welcome["cursor"], int(ids[2]))
            self.assertEqual(tail.texts(2), ["4", "5"])
            tail.close()
        tail = self.follow(a, 0, replay=2)
        _, to, count = map(int, tail.get("GAP").fields)
        self.assertGreaterEqual(to, int(ids[2]))
        self.assertGreater(count, 2)
        self.assertEqual(tail.texts(2), ["4", "5"])

    def test_a_broker_that_nobody_has_used(self):
        for arguments in ([], ["--ephemeral"]):
            started = self.start(*arguments)
            a = self.user("a", at=started)
            tail = self.follow(a, 0, at=started)
            a.put(send(1, "#general", text("first")))
            a.get("SENT")
            self.assertEqual(tail.texts(1), ["first"])
            tail.quiet()


class Receipts(Case):
    """5.7 RECEIPT"""

    def test_receipt(self):
        a, b = self.user("a", receipts=True), self.user("b")
        without = self.again(a, device="phone")
        phone = self.again(b, device="phone")
        a.put(send(1, "@" + b.name), send(2, "@" + b.name), send(3, "#general"))
        ids = [a.get("SENT").fields[1] for _ in range(3)]
        b.get("MSG"), b.get("MSG"), b.get("MSG")
        b.put(pack("ACK", ids[2]))
        self.assertEqual(a.get("RECEIPT").fields, [ids[1], "@" + b.name])
        for _ in range(3):
            without.get("MSG")
        without.quiet()
        for _ in range(3):
            phone.get("MSG")
        phone.quiet()

    def test_later(self):
        a, b = self.user("a", receipts=True), self.user("b")
        b.bye()
        a.put(send(1, "@" + b.name))
        id = a.get("SENT").fields[1]
        a.quiet()
        a.bye()
        b = self.again(b)
        b.get("MSG")
        b.put(pack("ACK", id))
        b.quiet()
        again = self.again(a, receipts=True)
        self.assertEqual(again.get("RECEIPT").fields, [id, "@" + b.name])


class Presence(Case):
    """5.8 PRESENCE, 5.9 WHO"""

    def test_first_and_changes(self):
        a, b = self.user("a"), self.user("b")
        self.assertLessEqual({a.name, b.name}, set(self.listed(b)))
        online = set(self.listed(a))
        while b.name not in online:  # by a change, then
            online |= set(a.get("PRESENCE").body["online"])
        self.again(b, device="phone").bye()  # the other device is still there
        a.quiet()
        b.bye()
        offline = []
        while b.name not in offline:
            offline += a.get("PRESENCE").body["offline"]
        self.assertEqual(offline.count(b.name), 1)

    def listed(self, session):
        """The list that comes after WELCOME, with the changes between its parts."""
        names, more = [], True
        while more:
            body = session.get("PRESENCE").body
            names += body["online"]
            more = body.get("more", more)  # a change has none
        return names

    def test_gathered(self):
        a, names, times = self.user("a"), set(), []
        a.get("PRESENCE")
        sessions = [self.user("crowd") for _ in range(40)]
        while not names >= {session.name for session in sessions}:
            message = a.get("PRESENCE")
            names |= set(message.body["online"])
            times.append(int(message.fields[0]))
        for earlier, later in zip(times, times[1:]):
            self.assertGreaterEqual(later - earlier, 99)

    def test_senders_are_not_seen(self):
        a = self.user("a")
        ghost = unique("ghost")
        self.session(ghost, token=ghost)
        self.session(ghost, token=ghost, device="x", receive=False)
        seen = self.user("seen").name
        online = set()
        while seen not in online:
            online |= set(a.get("PRESENCE").body["online"])
        self.assertNotIn(ghost, online)
        a.put(b"WHO 1\n")
        self.assertNotIn(ghost, a.result(1)["users"])

    def test_who(self):
        a, b = self.user("a"), self.user("b")
        a.put(b"WHO 7\n")
        result = a.result(7)
        self.assertLessEqual({a.name, b.name}, set(result["users"]))
        self.assertFalse(result.get("more"))
        b.bye()
        a.put(b"WHO 8\n")
        self.assertNotIn(b.name, a.result(8)["users"])

    @unittest.skipIf(WRAPPER, "too many connections for a slow broker")
    def test_more_than_a_body(self):
        started = self.start()
        names = {"%04d" % n + "\U00010428" * 28 for n in range(600)}
        for name in names:
            self.session(name, at=started, device="laptop")
        watch = self.user("watch", at=started)
        names.add(watch.name)
        watch.put(b"WHO 1\n")
        result = watch.result(1)
        self.assertIs(result["more"], True)
        self.assertLess(set(result["users"]), names)
        self.assertEqual(set(self.listed(watch)), names)


class History(Case):
    """5.10 HISTORY, 5.11 SEARCH"""

    def ask(self, session, target, before=0, count=500):
        session.put(pack("HISTORY", 1, target, before, count))
        result = session.result(1)
        ids = [message["id"] for message in result["messages"]]
        self.assertEqual(ids, sorted(set(ids)))
        return result

    def search(self, session, query, target="*", count=500):
        session.put(pack("SEARCH", 2, target, count, body={"query": query}))
        result = session.result(2)
        self.assertIn(result["more"], (True, False))
        return [message["body"].get("text") for message in result["messages"]]

    def say(self, session, target, *bodies):
        """Its messages get stored; their ids."""
        if not hasattr(session, "ref"):
            session.ref = session.welcome["last_ref"]
        first = session.ref + 1
        session.ref += len(bodies)
        session.put(*[send(first + n, target, body) for n, body in enumerate(bodies)])
        ids = []
        while len(ids) < len(bodies):
            message = session.get("SENT", "MSG")
            ids += [int(message.fields[1])] if message.verb == "SENT" else []
        return ids

    def test_private(self):
        a, b, c = self.user("a"), self.user("b"), self.user("c")
        ids = self.say(a, "@" + b.name, text("one"), text("two"))
        self.say(a, "@" + c.name, text("to another"))
        self.say(a, "#general", text("to all"))
        ids += self.say(b, "@" + a.name, text("three"))
        for session, other in ((self.again(a, device="x", receive=False), b),
                               (self.again(b, device="x", receive=False), a)):
            result = self.ask(session, "@" + other.name)
            self.assertEqual([m["id"] for m in result["messages"]], ids)
            self.assertIs(result["more"], False)
            self.assertEqual({key: value for key, value in result["messages"][2].items()
                              if key != "time"},
                             {"id": ids[2], "from": "@" + b.name, "to": "@" + a.name,
                              "body": text("three")})
            result = self.ask(session, "@" + other.name, count=2)
            self.assertEqual([m["id"] for m in result["messages"]], ids[1:])
            self.assertIs(result["more"], True)
            result = self.ask(session, "@" + other.name, before=ids[1], count=1)
            self.assertEqual([m["id"] for m in result["messages"]], ids[:1])
            self.assertIs(result["more"], False)
            result = self.ask(session, "@" + other.name, before=ids[0])
            self.assertEqual(result, {"messages": [], "more": False})
        quiet = self.again(c, device="x", receive=False)
        self.assertEqual(self.ask(quiet, "@" + b.name)["messages"], [])

    def test_500(self):
        a = self.user("a")
        self.say(a, "@" + a.name, *[text(str(n)) for n in range(501)])
        result = self.ask(a, "@" + a.name)
        self.assertEqual([m["body"]["text"] for m in result["messages"]],
                         [str(n) for n in range(1, 501)])
        self.assertIs(result["more"], True)

    def test_refused(self):
        a, b = self.user("a"), self.user("b")
        room = "#" + unique("room")
        b.put(pack("JOIN", 1, room))
        b.result(1)
        for target, code in (("@" + unique("nobody"), "no-such-user"), (room, "forbidden"),
                             ("#" + unique("nothing"), "no-such-room"), ("x", "bad-request")):
            a.put(pack("HISTORY", 5, target, 0, 1))
            a.fails(5, code)
            a.put(pack("SEARCH", 6, target, 1, body={"query": "a"}))
            a.fails(6, code)
        a.put(pack("HISTORY", 7, "*", 0, 1))
        a.fails(7, "bad-request")
        a.put(pack("HISTORY", 8, "#general", 0, 0))
        a.fails(8, "bad-request")
        for body in ({}, {"query": 5}, b"[]", b'{"query":}'):
            a.put(pack("SEARCH", 9, "*", 1, body=body))
            a.fails(9, "bad-request")

    def test_count_501(self):
        """More than 500 are 500."""
        a = self.user("a")
        a.put(pack("HISTORY", 1, "#general", 0, 501))
        self.assertEqual(a.get("RESULT").fields, ["1"])

    def test_ref_0(self):
        """The ref of a request is any number."""
        a = self.user("a")
        a.put(b"WHO 0\n")
        self.assertEqual(a.get("RESULT").fields, ["0"])

    def test_more_than_a_body(self):
        a = self.user("a")
        large = text("x" * 30000)
        ids = self.say(a, "@" + a.name, large, large, large)
        result = self.ask(a, "@" + a.name)
        self.assertEqual([m["id"] for m in result["messages"]], ids[1:])
        self.assertIs(result["more"], True)
        result = self.ask(a, "@" + a.name, before=ids[1])
        self.assertEqual([m["id"] for m in result["messages"]], ids[:1])
        self.assertIs(result["more"], False)

    def test_omitted(self):
        a, b = self.user("a", receive=False), self.user("b", receive=False)
        bodies = [
            b'{"a":}', b'{"a":1,}', b"{'a':1}", b'{"a":01}', b'{"a":NaN}', b"{a:1}", b"{/**/}",
            b'{"text":"\xff"}', b'{"text":"a\nb"}', b'{"text":"\0"}', b"{}{}", b'{"text":"x"}}',
            b'{"text":"\\x"}', b"{" + b"[" * 60000 + b"}",
            b'{"text":"x"}},{"id":1,"time":2,"from":"@root","to":"@%s","body":{"text":"forged"}'
            % b.name.encode(),
            b'{"text":"x"}}],"more":true,"x":[{"a":{}',
            b'{"text":"%s"}' % (b"x" * (BODY_MAX - 11))]
        good = [b'{"text":"ok"}', b'{ "a" : [ 1.5e3, -0, null, true, "\\u0457\\ud83d\\ude00\\n" ] }',
                b"{}", b"{ }", b'{"body":{"omitted":true}}']
        for body in good + bodies:
            id, = self.say(a, "@" + b.name, body)
            result = self.ask_patiently(a, "@" + b.name)
            self.assertEqual(set(result), {"messages", "more"})
            message, = result["messages"]
            self.assertEqual((message["id"], message["from"], message["to"]),
                             (id, "@" + a.name, "@" + b.name))
            if body in good:
                self.assertNotIn("omitted", message)
                self.assertEqual(message["body"], json.loads(body))
            else:
                self.assertEqual((message["body"], message.get("omitted")), ({}, True), body)
        self.assertEqual(self.search(b, "forged"), [])

    def ask_patiently(self, session, target):
        """The newest message, when the broker has time for it."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            session.put(pack("HISTORY", 1, target, 0, 1))
            answer = session.get("RESULT", "ERROR")
            if answer.verb == "RESULT":
                return json.loads(answer.raw.decode())
            self.assertEqual(answer.fields[1], "rate-limited")
            session.silent(answer.body["retry_ms"] / 1000)
        raise AssertionError("rate-limited for ever")

    def test_search(self):
        a, b, c = (self.user(word, receive=False) for word in "abc")
        mark = unique("mark")
        self.say(a, "@" + b.name, text(f"ПРИВІТ, Їжаче! {mark}"), text(f"Ґанок {mark}"),
                 text(f"Straße {mark}"), {"other": f"ґанок {mark}", "x": text(f"ґанок {mark}")},
                 ('{"text":"\\u0490\\u0410\\u041d\\u041e\\u041a %s"}' % mark).encode())
        self.say(a, "#general", text(f"ґанок для всіх {mark}"))
        self.say(a, "@" + a.name, text(f"і\u0308жак {mark}"))
        self.assertEqual(self.search(b, "привіт, їжаче! " + mark.upper()),
                         [f"ПРИВІТ, Їжаче! {mark}"])
        self.assertEqual(self.search(b, "STRASSE " + mark), [f"Straße {mark}"])
        self.assertEqual(self.search(b, "ҐАНОК " + mark, "@" + a.name),
                         [f"Ґанок {mark}", f"ҐАНОК {mark}"])
        self.assertEqual(self.search(b, f"{mark} ҐАН всі"), [f"ґанок для всіх {mark}"])
        self.assertEqual(self.search(b, mark, "#general"), [f"ґанок для всіх {mark}"])
        self.assertEqual(len(self.search(b, mark, "@" + a.name)), 4)
        self.assertEqual(self.search(a, "ЇЖАК " + mark), [f"і\u0308жак {mark}"])
        self.assertEqual(self.search(c, mark), [f"ґанок для всіх {mark}"])
        a.put(pack("SEARCH", 3, "@" + b.name, 2, body={"query": mark}))
        result = a.result(3)
        self.assertEqual([m["body"]["text"] for m in result["messages"]],
                         [f"Straße {mark}", f"ҐАНОК {mark}"])
        self.assertIs(result["more"], True)

    def test_search_before(self):
        a = self.user("a", receive=False)
        mark = unique("mark")
        self.say(a, "#general", *[text(f"{mark} {i}") for i in range(5)])
        found, before = [], 0
        while True:
            a.put(pack("SEARCH", 9, "*", 2, body={"query": mark, "before": before}))
            result = a.result(9)
            found = [m["body"]["text"] for m in result["messages"]] + found
            if not result["more"]:
                break
            before = result["messages"][0]["id"]
        self.assertEqual(found, [f"{mark} {i}" for i in range(5)])

    def test_search_in_rooms(self):
        """Rooms that the user is in are searched, others are not."""
        a, b = self.user("a", receive=False), self.user("b", receive=False)
        room, mark = "#" + unique("room"), unique("mark")
        a.put(pack("JOIN", 1, room))
        a.result(1)
        self.say(a, room, text(mark))
        self.assertEqual((self.search(a, mark), self.search(b, mark)), ([mark], []))
        b.put(pack("JOIN", 1, room))
        b.result(1)
        self.assertEqual(self.search(b, mark), [mark])

    def test_rate(self):
        a = self.user("a")
        a.put(*[pack("WHO", ref) for ref in range(1, 31)])
        answers = [a.get("RESULT", "ERROR") for _ in range(30)]
        self.assertEqual([answer.verb for answer in answers[:20]], ["RESULT"] * 20)
        self.assertEqual(answers[-1].fields, ["30", "rate-limited"])
        wait = answers[-1].body["retry_ms"]
        self.assertTrue(0 < wait <= 1000)
        a.silent(wait / 1000)
        a.put(pack("WHO", 31))
        a.result(31)


class Rooms(Case):
    """5.12 JOIN, 5.13 LEAVE"""

    def do(self, session, verb, room, ref=1):
        session.put(pack(verb, ref, room))
        return session.result(ref)

    def test_join_and_leave(self):
        a, b, c = self.user("a"), self.user("b"), self.user("c")
        phone, room = self.again(b, device="phone"), "#" + unique("Кімната")
        self.assertEqual(self.do(a, "JOIN", room), {"room": room, "users": [a.name]})
        a.put(send(1, room, text("before")))
        a.get("SENT")
        joined = self.do(b, "JOIN", room.upper())
        self.assertEqual((joined["room"], set(joined["users"])), (room, {a.name, b.name}))
        a.put(send(2, room.lower(), text("after")))
        id = a.get("SENT").fields[1]
        for session in (b, phone):
            message = session.get("MSG")
            self.assertEqual((message.fields[0], message.target), (id, room))
        self.assertEqual(set(self.again(b, device="new").welcome["rooms"]), {"#general", room})
        b.put(pack("HISTORY", 1, room, 0, 9))  # the old one is there, though
        self.assertEqual([m["body"]["text"] for m in b.result(1)["messages"]],
                         ["before", "after"])
        self.assertEqual(self.do(b, "LEAVE", room), {"room": room})
        a.put(send(3, room, text("left")))
        a.get("SENT")
        for session in (b, phone, c):
            session.quiet()
        b.put(send(1, room))
        b.fails(1, "forbidden")

    def test_refused(self):
        a, b = self.user("a"), self.user("b")
        room = "#" + unique("room")
        self.do(b, "JOIN", room)
        for message, code in ((send(1, room), "forbidden"),
                              (pack("LEAVE", 1, "#general"), "forbidden"),
                              (pack("LEAVE", 1, "#" + unique("nothing")), "no-such-room"),
                              (pack("LEAVE", 1, room), "forbidden"),
                              (pack("JOIN", 1, "#a!b"), "bad-name"),
                              (pack("JOIN", 1, "#"), "bad-name"),
                              (pack("JOIN", 1, "#" + "x" * 33), "bad-name")):
            a.put(message)
            a.fails(1, code)
        self.do(a, "JOIN", "#" + unique("x" * 28)[:32])
        self.assertEqual(self.do(a, "JOIN", "#general")["room"], "#general")

    def test_nobody_in_it(self):
        a, room = self.user("a"), "#" + unique("room")
        self.do(a, "JOIN", room)
        a.put(send(1, room, text("old")))
        a.get("SENT")
        self.do(a, "LEAVE", room)
        a.put(send(2, room))
        a.fails(2, "no-such-room")
        self.do(a, "JOIN", room)  # it is another one
        a.put(pack("HISTORY", 3, room, 0, 9))
        self.assertEqual(a.result(3)["messages"], [])

    def test_what_was_said_while_away(self):
        a, b, room = self.user("a"), self.user("b"), "#" + unique("room")
        for session in (a, b):
            self.do(session, "JOIN", room)
        b.bye()
        a.put(send(1, room, text("missed")))
        a.get("SENT")
        self.assertEqual(self.again(b).texts(1), ["missed"])


class RoomList(Case):
    """5.14 ROOMS"""

    def rooms(self, session, after="*"):
        """Of each room from there on: how many are in it, and whether the session's user is."""
        rooms, more = {}, True
        while more:
            session.put(pack("ROOMS", 9, after))
            result = session.result(9)
            for row in result["rooms"]:
                self.assertNotIn(row["room"], rooms)
                rooms[row["room"]] = (row["users"], row["joined"])
            more, after = result["more"], result["rooms"][-1]["room"] if result["rooms"] else after
        return rooms

    def test_list(self):
        started = self.start()
        a, b = self.user("a", at=started), self.user("b", at=started)
        self.assertEqual(self.rooms(a), {"#general": (2, True)})
        for session, room in ((a, "#Dev"), (b, "#dev"), (b, "#їжак")):
            session.put(pack("JOIN", 1, room))
            session.result(1)
        b.bye()  # who is away is in the room still
        self.assertEqual(self.rooms(a), {"#general": (2, True), "#Dev": (2, True),
                                         "#їжак": (1, False)})
        a.put(pack("ROOMS", 3, "dev"))
        a.fails(3, "bad-name")

    def test_pages(self):
        """A list that fits into no body, gone through page by page."""
        started = self.start()
        expected = {"#general"}
        sessions = [self.user("many", at=started) for _ in range(32)]
        for session in sessions:
            for i in range(31):
                room = "#" + ("Ї" * 20) + session.name + "-" + str(i)
                expected.add(room)
                session.put(pack("JOIN", 9, room))
                if session.get("RESULT", "ERROR").verb == "ERROR":
                    expected.remove(room)
                    break
        rooms = self.rooms(self.user("a", at=started))
        self.assertEqual(set(rooms), expected)
        self.assertGreater(len(rooms), 500)


class Errors(Case):
    """5.18 ERROR"""

    def malformed(self, count):
        """A session after so many malformed frames; does it last?"""
        session = self.user("m")
        for _ in range(count):
            session.put(b"junk")
        session.fails("-", "bad-request")  # once a second at most
        session.put(b"PING a\n")
        try:
            return session.get("PONG", "BYE", within=1).verb == "PONG"
        except AssertionError:
            return False

    def test_99_malformed(self):
        self.assertTrue(self.malformed(99))

    def test_100_malformed(self):
        """One is forgiven each second, which counts where a second is soon over."""
        self.assertFalse(self.malformed(150 if WRAPPER else 100))

    def test_refused_is_not_malformed(self):
        session = self.user("m")
        for ref in range(1, 151):
            session.put(send(ref, "x"))
            session.fails(ref, "bad-request")
        session.quiet()


class Owners(Case):
    """6. Who owns a name, 7. Limits"""

    def refused(self, name, code, **members):
        session = self.session()
        session.put(hello(name, **members))
        return session.fails("-", code)

    def test_token(self):
        a = self.user("a")
        self.refused(a.name, "name-taken")
        self.refused(a.name, "name-taken", token="another")
        self.refused(a.name, "name-taken", token="another", device="laptop")
        a.bye()
        self.refused(a.name, "name-taken")  # still
        self.refused(a.name, "name-taken", token="another")
        self.again(a)

    def test_without_a_token(self):
        name, other = unique("guest"), self.user("other")
        guest = self.session(name, device="laptop")
        room = "#" + unique("room")
        guest.put(send(7, "@" + other.name), pack("JOIN", 1, room))
        guest.get("SENT", "RESULT"), guest.get("SENT", "RESULT")
        self.refused(name, "name-taken")
        self.refused(name, "name-taken", device="laptop")
        self.refused(name, "name-taken", token="t")
        guest.bye()
        other.get("MSG")
        other.put(send(1, "@" + name), send(2, room))
        answers = sorted(other.get("ERROR").fields for _ in range(2))
        self.assertEqual(answers, [["1", "no-such-user"], ["2", "no-such-room"]])
        guest = self.session(name, device="laptop")
        self.assertEqual(guest.welcome["last_ref"], 0)
        self.assertEqual(guest.welcome["rooms"], ["#general"])

    def test_names_of_a_token(self):
        token = unique("token")
        for _ in range(16):
            self.session(unique("n"), token=token)
        self.refused(unique("n"), "forbidden", token=token)

    def test_devices(self):
        a = self.user("a", device="d1")
        for n in range(2, 17):
            self.again(a, device=f"d{n}")
        self.refused(a.name, "forbidden", token=a.name, device="d17")
        self.again(a, device="d1")

    def test_senders(self):
        a = unique("a")
        for _ in range(64):
            last = self.session(a, token=a)
        self.assertGreater(self.refused(a, "busy", token=a)["retry_ms"], 0)
        last.bye()
        self.session(a, token=a)

    def test_rooms(self):
        a = self.user("a")
        refs, deadline = list(range(1, 33)), time.monotonic() + 3 * DEADLINE
        while refs:  # 20 at once, then 5 a second
            self.assertLess(time.monotonic(), deadline)
            a.put(*[pack("JOIN", ref, f"#{a.name}.{ref}") for ref in refs])
            answers = [a.get("RESULT", "ERROR") for _ in refs]
            refs = [int(m.fields[0]) for m in answers if m.verb == "ERROR"]
            if refs:
                self.assertEqual(answers[-1].fields[1], "rate-limited")
                a.silent(answers[-1].body["retry_ms"] / 1000)
        self.assertEqual(len(self.again(a, device="x").welcome["rooms"]), 33)
        b = self.user("b")  # with no requests behind it
        b.put(pack("JOIN", 1, f"#{a.name}.1"))
        b.result(1)
        again = self.again(a)
        again.put(pack("JOIN", 33, f"#{a.name}.33"))
        answer = again.get("ERROR")
        while answer.fields[1] == "rate-limited":
            again.silent(answer.body["retry_ms"] / 1000)
            again.put(pack("JOIN", 33, f"#{a.name}.33"))
            answer = again.get("ERROR")
        self.assertIn(answer.fields, (["33", "forbidden"], ["33", "busy"]))


class Robot(Case):
    """The client library peer.py at the broker."""

    def named(self, word, **members):
        name = unique(word)
        return self.peer(name, token=name, device="robot", **members), name

    def until(self, *peers, done):
        """All that comes to the peers, until they have what they are to have."""
        events, deadline = [[] for _ in peers], time.monotonic() + 3 * DEADLINE
        while not done(*events):
            self.assertLess(time.monotonic(), deadline)
            for peer, list in zip(peers, events):
                list += peer.step(0.01)
        return events

    def test_talk(self):
        (a, olena), (b, ivan) = self.named("olena", receipts=True), self.named("ivan")
        sent = a.ask("SEND", "@" + ivan, body=text("Привіт! 😀"))
        _, came = self.until(a, b, done=lambda x, y: any(m.verb == "RECEIPT" for m in x))
        message, = (m for m in came if m.verb == "MSG")
        self.assertEqual((message.sender, message.body), ("@" + olena, text("Привіт! 😀")))
        self.assertEqual(message.fields[0], sent.fields[1])
        self.assertLessEqual({olena, ivan}, set(a.ask("WHO").body["users"]))
        with self.assertRaises(Refused) as refused:
            a.ask("SEND", "@" + unique("nobody"), body={})
        self.assertEqual(refused.exception.code, "no-such-user")
        with self.assertRaises(Refused) as refused:
            self.peer(olena, token="another")
        self.assertEqual(refused.exception.code, "name-taken")
        a.close()
        b.close()

    def test_breaking_connections(self):
        """Everything arrives once and in order, whatever breaks between."""
        for how in ("each", "last"):
            (a, _), (b, ivan) = self.named("olena", sent=how), self.named("ivan")
            count, received, broken = 4000, [], 0
            for n in range(count):
                a.send("@" + ivan, text(str(n)))
            deadline = time.monotonic() + 3 * DEADLINE
            while len(received) < count or a.unanswered:
                self.assertLess(time.monotonic(), deadline)
                a.step()
                received += [m.body["text"] for m in b.step(0.01) if m.verb == "MSG"]
                if len(received) > broken * 300:
                    broken += 1
                    (a, b)[broken % 2].connect()
            self.assertEqual(received, [str(n) for n in range(count)])
            self.assertGreater(broken, 6)

    def test_takeover(self):
        a, name = self.named("olena")
        b = self.peer(name, token=name, device="robot")
        self.until(a, done=lambda events: a.ended)
        self.assertEqual(a.ended, "replaced")
        self.assertIsNone(b.ended)

    def test_a_broker_that_is_started_again(self):
        started = self.start()
        a = self.peer("olena", token="a", device="robot", at=started)
        b = self.peer("ivan", token="b", device="robot", at=started)
        a.ask("SEND", "#general", body=text("before"))
        self.until(b, done=lambda events: any(m.verb == "MSG" for m in events))
        started.end(signal.SIGKILL)
        refs = {str(a.send("#general", text(str(n)))) for n in range(100)}
        a.step(0.05)
        again = self.start(endpoint=started.endpoint)
        came = self.until(a, b, done=lambda x, y: not a.unanswered and any(
            m.verb == "WELCOME" for m in y))
        self.assertEqual({m.fields[0] for m in came[0] if m.verb == "SENT"}, refs)
        self.assertEqual(a.ask("SEND", "@ivan", body={}).verb, "SENT")
        ids = [int(m.fields[0]) for m in came[1] if m.verb == "MSG"]
        self.assertEqual(ids, sorted(set(ids)))
        again.stop()

    def test_kicked(self):
        started = self.start("--console")
        a = self.peer("olena", token="a", device="robot", at=started)
        started.type("kick olena")
        self.until(a, done=lambda events: a.ended)
        self.assertEqual(a.ended, "kicked")


class FakeBroker:
    """What a Peer says to a broker, and when."""

    def __init__(self, **welcome):
        self.socket = CONTEXT.socket(zmq.ROUTER)
        self.socket.set(zmq.LINGER, 0)
        port = self.socket.bind_to_random_port("tcp://127.0.0.1")
        self.endpoint = f"tcp://127.0.0.1:{port}"
        self.welcome = {"last_ref": 0, "cursor": 0, "heartbeat_ms": 3000, "window": 4, **welcome}
        self.frames, self.who, self.mute, self.behind = [], None, False, b""

    def put(self, *messages):
        self.socket.send_multipart([self.who, b"".join(messages)])

    def accept(self):
        deadline = time.monotonic() + DEADLINE
        while not self.who and time.monotonic() < deadline:
            self.step()

    def step(self):
        while self.socket.poll(1):
            who, frame = self.socket.recv_multipart()
            self.frames.append(frame)
            if frame.startswith(b"HELLO") and not self.mute:
                self.who = who
                self.put(pack("WELCOME", "x", 1, body=self.welcome), self.behind)
            elif frame.startswith(b"PING") and not self.mute:
                self.put(b"PONG" + frame[4:])


class Policy(Case):
    """What peer.py does by itself."""

    def open(self, **welcome):
        fake = FakeBroker(**welcome)
        self.addCleanup(fake.socket.close)
        thread = threading.Thread(target=fake.accept)
        thread.start()
        peer = Peer(fake.endpoint, "x")
        thread.join()
        self.addCleanup(lambda: peer.socket.close())
        return fake, peer

    def run_until(self, fake, peer, done):
        deadline, events = time.monotonic() + DEADLINE, []
        while not done(events):
            self.assertLess(time.monotonic(), deadline, fake.frames)
            events += peer.step(0.01)
            fake.step()
        return events

    def test_window_and_resend(self):
        fake, peer = self.open(last_ref=10)
        for n in range(6):
            peer.send("@y", {"n": n})
        self.run_until(fake, peer, lambda _: len(fake.frames) == 2)
        first = [send(11 + n, "@y", {"n": n}) for n in range(6)]
        self.assertEqual(fake.frames[1], b"".join(first[:4]))  # a window, in one frame
        fake.put(b"SENT 11 1 1\n")
        self.run_until(fake, peer, lambda _: len(fake.frames) == 3)
        self.assertEqual(fake.frames[2], first[4])
        peer.connect()
        events = self.run_until(fake, peer, lambda _: len(fake.frames) == 5)
        self.assertEqual(fake.frames[4], b"".join(first[1:5]))
        fake.put(b"SENT 11 1 1\nSENT 12 2 2\n")
        events += self.run_until(fake, peer, lambda _: len(fake.frames) == 6)
        self.assertEqual([e.fields[0] for e in events if e.verb == "SENT"], ["12"])

    def test_answers_before_it_is_sent_again(self):
        """What was on its way when the connection broke may be answered right after WELCOME."""
        fake, peer = self.open()
        first = [peer.send("@y", {"n": n}) for n in range(6)]
        self.run_until(fake, peer, lambda _: len(fake.frames) == 2)
        fake.behind = b"SENT 1 1 1\nSENT 2 2 2\n"
        peer.connect()
        events = self.run_until(fake, peer, lambda _: len(fake.frames) == 4)
        self.assertEqual([e.fields[0] for e in events if e.verb == "SENT"], ["1", "2"])
        self.assertEqual(fake.frames[3],
                         b"".join(send(ref, "@y", {"n": ref - 1}) for ref in first[2:]))

    def test_acknowledging(self):
        fake, peer = self.open(window=100)
        messages = [pack("MSG", n, 1, "@y", "@x", body={}) for n in range(1, 61)]
        fake.put(*messages[:3])
        began = time.monotonic()
        events = self.run_until(fake, peer, lambda _: len(fake.frames) == 2)
        self.assertEqual(fake.frames[1], b"ACK 3\n")
        self.assertGreater(time.monotonic() - began, 0.04)
        fake.put(*messages)  # of which three are old
        began = time.monotonic()
        events += self.run_until(fake, peer, lambda _: len(fake.frames) == 3)
        self.assertEqual(fake.frames[2], b"ACK 60\n")
        self.assertEqual([e.fields[0] for e in events if e.verb == "MSG"],
                         [str(n) for n in range(1, 61)])

    def test_heartbeat(self):
        fake, peer = self.open(heartbeat_ms=50)
        self.run_until(fake, peer, lambda _: len(fake.frames) == 4)
        self.assertEqual(fake.frames[1:], [b"PING beat\n"] * 3)
        fake.mute = True
        self.run_until(fake, peer, lambda _: fake.frames[-1].startswith(b"HELLO"))
        self.assertEqual(len(fake.frames), 1 + 3 + 2 + 1)  # two PINGs, and a new connection
        fake.mute = False

    def test_hello_again(self):
        fake, peer = self.open()
        ref = peer.send("@y", {})
        self.run_until(fake, peer, lambda _: len(fake.frames) == 2)
        fake.put(pack("ERROR", "-", "hello-first", body={"message": "?"}) * 2)
        self.run_until(fake, peer, lambda _: len(fake.frames) == 4)
        self.assertEqual(fake.frames[2:], [fake.frames[0], send(ref, "@y", {})])


@unittest.skipUnless(os.path.exists(os.path.join(BIN, "ztalk")), "there is no ztalk")
class Console(Case):
    """The console client of this project and this one talk with each other."""

    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)

    def console(self, name, *args):
        program = Program("ztalk", "--plain", "--lines", "-n", name, "--device", "console", *args,
                          broker.endpoint, ZTALK_HOME=self.home.name, LC_ALL="C.UTF-8", TZ="UTC")
        self.addCleanup(lambda: program.running() and program.end(signal.SIGTERM))
        return program

    def robot(self):
        name = unique("робот")
        return self.peer(name, token=name, device="robot", receipts=True), name

    def await_message(self, robot, *wanted):
        """The next messages of the console, of which there are no others."""
        deadline, came = time.monotonic() + DEADLINE, []
        while len(came) < len(wanted):
            self.assertLess(time.monotonic(), deadline, came)
            came += [(m.sender, m.target, m.body) for m in robot.step(0.1) if m.verb == "MSG"]
        self.assertEqual(came, list(wanted))

    def tell(self, robot, target, line):
        return robot.ask("SEND", target, body=text(line))

    def test_lines(self):
        robot, bot = self.robot()
        name = unique("Олена")
        console = self.console(name)
        stamp = r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] "
        console.read(r"^\* .*\n")
        console.type(f"/msg {bot} Привіт, 😀 робот!")
        self.await_message(robot, ("@" + name, "@" + bot, text("Привіт, 😀 робот!")))
        console.type("Усім: ґанок, їжак 🦔")
        self.await_message(robot, ("@" + name, "#general", text("Усім: ґанок, їжак 🦔")))
        console.read(stamp + f"{name}: Усім: ґанок, їжак 🦔\n")
        self.tell(robot, "@" + name, "Вітаю 👩\u200d🚀")
        console.read(stamp + f"{bot} -> {name}: Вітаю 👩\u200d🚀\n")
        self.tell(robot, "#general", "Усім також")
        console.read(stamp + f"{bot}: Усім також\n")
        self.tell(robot, "@" + name, "bell \a, escape \x1b[31m")
        self.assertNotIn(b"\x1b", console.read(stamp + f"{bot} -> {name}: bell .*\n")[0])
        console.type("/exit")
        self.assertEqual(console.end(), 0)

    def test_end_of_input(self):
        """All that was typed has arrived when the program ends."""
        robot, bot = self.robot()
        name = unique("ivan")
        console = self.console(name)
        lines = [f"рядок {n} 🙂" for n in range(50)]
        console.type(f"/to {bot}")
        for line in lines:
            console.type(line)
        self.assertEqual(console.end(), 0)
        self.await_message(robot, *[("@" + name, "@" + bot, text(line)) for line in lines])

    def test_json(self):
        robot, bot = self.robot()
        name = unique("taras")
        console = self.console(name, "--json")
        console.type(f"/msg {bot} ї😀")
        self.await_message(robot, ("@" + name, "@" + bot, text("ї😀")))
        robot.step(0.1)
        self.tell(robot, "@" + name, "у відповідь 🙂")
        line = console.read(r'^\{.*"type":"message".*у відповідь.*\n')[0].decode().splitlines()[-1]
        message = json.loads(line)
        self.assertEqual((message["type"], message["text"]), ("message", "у відповідь 🙂"))
        self.assertEqual(message["from"].lstrip("@"), bot)
        self.assertEqual(console.end(), 0)

    def test_what_was_missed(self):
        robot, bot = self.robot()
        name = unique("lesia")
        self.assertEqual(self.console(name).end(), 0)
        self.tell(robot, "@" + name, "поки тебе не було")
        console = self.console(name)
        console.read(f"{bot} -> {name}: поки тебе не було\n")
        self.assertEqual(console.end(), 0)


if __name__ == "__main__":
    unittest.main()
