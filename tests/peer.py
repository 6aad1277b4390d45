#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A client of a ztalk broker, written from common/PROTOCOL.md: to copy for a bot.

    with Peer("tcp://127.0.0.1:5555", "echo", device="bot", token=secret) as peer:
        while not peer.ended:
            for event in peer.step(1.0):
                if event.verb == "MSG":
                    peer.send(event.sender, event.body)

Nothing happens outside of step(). What it returned is acknowledged by a later step(), so
a message on which the program dies comes again. What send() was given is sent until the
broker has answered, whatever breaks between, and is stored once.
"""
import collections
import itertools
import json
import os
import secrets
import sys
import time
from typing import NamedTuple

import zmq

FRAME_MAX, HEADER_MAX = 262144, 512
ACK_DELAY = 0.05
WITH_BODY = {"WELCOME", "MSG", "PRESENCE", "RESULT", "ERROR"}


class Refused(Exception):
    """An ERROR: .code tells programs, str() tells people, .retry_ms when to try again."""

    def __init__(self, error):
        body = error.body
        super().__init__(f"{error.fields[1]}: {body.get('message', '')}")
        self.code, self.retry_ms = error.fields[1], body.get("retry_ms")


class Message(NamedTuple):
    """A message of the broker: its fields without the length, and its body as it came."""
    verb: str
    fields: list
    raw: bytes = b""

    @property
    def body(self):
        """The body as a dict: an empty one, if what a peer has sent is no JSON object."""
        try:
            value = json.loads(self.raw.decode())
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def sender(self):
        return self.fields[2]  # of a MSG

    @property
    def target(self):
        return self.fields[3]  # of a MSG


def pack(verb, *fields, body=None):
    """The bytes of a message; the body is a dict, or bytes that go as they are."""
    header = " ".join([verb, *map(str, fields)]).encode()
    if body is None:
        return header + b"\n"
    if not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return b"%s %d\n%s\n" % (header, len(body), body)


def unpack(frame):
    """The messages of a frame."""
    at = 0
    while at < len(frame):
        end = frame.index(b"\n", at)
        verb, *fields = frame[at:end].decode().split(" ")
        raw, at = b"", end + 1
        if verb in WITH_BODY:
            length = int(fields.pop())
            raw, at = frame[at:at + length], at + length + 1
        yield Message(verb, fields, raw)


class Peer:
    """A session that lasts: when the connection breaks, it is made anew."""

    def __init__(self, endpoint, name, *, timeout=10.0, **hello):
        self.endpoint = endpoint
        self.hello = pack("HELLO", "ZTALK/1", name, body=hello)
        self.last = hello.get("sent") == "last"
        self.welcome = {}  # what the broker told at the beginning of the session
        self.ended = None  # why the session is over for good, once it is
        self.beat, self.window = 3.0, 1024  # until the broker tells
        self.ref = 0
        self.unanswered = collections.OrderedDict()  # ref: message
        self.events = collections.deque()  # what step() will return
        self.shown = self.given = self.done = 0  # ids: in events, returned, to be acknowledged
        self.socket = None
        self.connect()
        deadline = time.monotonic() + timeout
        try:
            while not self.welcome:  # only then the next ref is known
                self._round(deadline)
        except BaseException:
            self.socket.close()
            raise

    def connect(self):
        """A new connection; the old one, if there is one, is forgotten."""
        if self.socket:
            self.socket.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.set(zmq.IMMEDIATE, 1)
        self.socket.set(zmq.LINGER, 0)
        self.socket.connect(self.endpoint)
        self.state = "none"  # then "waiting" for WELCOME, then "open"
        self.hello_at = self.said = self.heard = self.pinged = time.monotonic()
        self.blocked, self.pings = False, 0  # nothing can be written; PINGs since it was heard
        self.unsent = collections.OrderedDict()  # of these, what is not yet sent in this session
        self.acked, self.arrived, self.ack_at = self.done, 0, None

    def request(self, verb, *fields, body=None):
        """Have a request sent by the next step(); its answer has the ref that is returned."""
        message = pack(verb, self.ref + 1, *fields, body=body)
        if len(message) > FRAME_MAX - HEADER_MAX:
            raise ValueError("this fits into no frame")
        self.ref += 1
        self.unanswered[self.ref] = self.unsent[self.ref] = message
        return self.ref

    def send(self, target, body):
        return self.request("SEND", target, body=body)

    def step(self, timeout=0.0):
        """Send what is ready, wait for what comes, and return it: often an empty list."""
        self.done = self.given  # who calls again has dealt with these
        if not self.events:
            self._round(time.monotonic() + timeout, give_up=False)
        events = list(self.events)
        self.events.clear()
        self.given = self.shown
        return events

    def ask(self, verb, *fields, body=None, timeout=10.0):
        """Do a request and return its answer; what else comes is left for step()."""
        ref, deadline, seen = self.request(verb, *fields, body=body), time.monotonic() + timeout, 0
        while True:
            for event in list(self.events)[seen:]:
                if event.verb in ("SENT", "RESULT", "ERROR") and event.fields[0] == str(ref):
                    self.events.remove(event)
                    if event.verb == "ERROR":
                        raise Refused(event)
                    return event
            seen = len(self.events)
            self._round(deadline)

    def close(self, timeout=5.0):
        """Wait until all is answered, and end the session."""
        deadline = time.monotonic() + timeout
        try:
            while self.unanswered and not self.ended:
                self._round(deadline)
        finally:
            if self.state == "open":
                self._put(pack("BYE"))
            self.socket.close(linger=1000)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _round(self, deadline, give_up=True):
        """Write, read a frame, and keep the connection alive."""
        now = time.monotonic()
        if give_up and (self.ended or now > deadline):
            raise TimeoutError(self.ended or "the broker does not answer")
        if self.ended:
            return
        self._write(now)
        wake = [deadline, self._beat_at()]
        if not self.blocked and self.state == "none":
            wake.append(self.hello_at)
        if not self.blocked and self.state == "open" and self.done > self.acked:
            wake.append(self.ack_at)
        wait = max(0, int((min(wake) - now) * 1000) + 1)
        ready = self.socket.poll(wait, zmq.POLLIN | (zmq.POLLOUT if self.blocked else 0))
        if ready & zmq.POLLIN:
            self.heard, self.pings = time.monotonic(), 0
            for message in unpack(self.socket.recv()):
                if self._take(message):
                    self.events.append(message)
        elif time.monotonic() >= self._beat_at():
            self._beat()

    def _write(self, now):
        """As few frames as will do; nothing waits for more to come."""
        if self.state == "none" and now >= self.hello_at and self._put(self.hello):
            self.state = "waiting"
        while self.state == "open":
            due = self.arrived >= self.window // 2 or (self.ack_at or now) <= now
            ack = self.done > self.acked and due
            parts, size = [pack("ACK", self.done)] if ack else [], HEADER_MAX
            free = self.window - (len(self.unanswered) - len(self.unsent))
            refs = []
            for ref, message in itertools.islice(self.unsent.items(), max(0, free)):
                size += len(message)
                if size > FRAME_MAX:
                    break
                refs.append(ref)
                parts.append(message)
            if not parts or not self._put(b"".join(parts)):
                return
            if ack:
                self.acked, self.arrived = self.done, 0
                self.ack_at = now + ACK_DELAY if self.shown > self.done else None
            for ref in refs:
                del self.unsent[ref]

    def _put(self, frame):
        try:
            self.socket.send(frame, zmq.NOBLOCK)
        except zmq.Again:  # not connected, or too much is on its way
            self.blocked = True
            return False
        self.said, self.blocked = time.monotonic(), False
        return True

    def _beat_at(self):
        return max(self.pinged, min(self.said, self.heard)) + self.beat

    def _beat(self):
        """One side was silent for a heartbeat: ask whether the other is there."""
        if self.pings == 2:
            return self.connect()
        self.pings, self.pinged = self.pings + 1, time.monotonic()
        if self.state == "open":
            self._put(pack("PING", "beat"))

    def _take(self, message):
        """What a message means to the session; is it for the program, too?"""
        verb, fields = message.verb, message.fields
        if verb in ("MSG", "GAP"):
            newest = int(fields[0] if verb == "MSG" else fields[1])
            if newest <= self.shown:
                return False
            self.shown, self.arrived = newest, self.arrived + 1
            self.ack_at = self.ack_at or time.monotonic() + ACK_DELAY
        elif verb == "SENT" and self.last:
            highest = int(fields[0])
            for ref in list(itertools.takewhile(lambda ref: ref <= highest, self.unanswered)):
                if self.unanswered[ref].startswith(b"SEND "):
                    self._answered(ref)
        elif verb in ("SENT", "RESULT") or (verb == "ERROR" and fields[0] != "-"):
            return self._answered(int(fields[0]))
        elif verb == "WELCOME":
            self.state, self.welcome = "open", message.body
            self.beat, self.window = self.welcome["heartbeat_ms"] / 1000, self.welcome["window"]
            self.ref = max(self.ref, self.welcome["last_ref"])
            self.acked = self.welcome["cursor"]
            self.shown = max(self.shown, self.acked)
            self.given, self.done = max(self.given, self.acked), max(self.done, self.acked)
            self.unsent = self.unanswered.copy()
        elif verb == "ERROR":
            return self._trouble(message)
        elif verb == "BYE" and fields[0] in ("kicked", "replaced"):
            self.ended = self.state = fields[0]
        elif verb == "BYE":
            self.connect()
        return verb != "PONG"

    def _answered(self, ref):
        """Was it not before? An answer may come twice, or before its request is sent again."""
        self.unsent.pop(ref, None)
        return self.unanswered.pop(ref, None) is not None

    def _trouble(self, error):
        if error.fields[1] == "hello-first":  # it was restarted
            self.state = "none" if self.state == "open" else self.state
            return False
        if self.state != "waiting":
            return True
        self.state = "none"
        if error.fields[1] != "busy":
            raise Refused(error)
        self.hello_at = time.monotonic() + error.body.get("retry_ms", 1000) / 1000
        return False


def main():
    """An echo: what is said to it in private it says again."""
    endpoint, name, secret = sys.argv[1:]
    if not os.path.exists(secret):
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_hex(16))
    with open(secret) as file:
        token = file.read()
    with Peer(endpoint, name, device="bot", token=token) as peer:
        while not peer.ended:
            for event in peer.step(1.0):
                if event.verb == "MSG" and event.target.startswith("@"):
                    peer.send(event.sender, {"text": event.body.get("text", "")})


if __name__ == "__main__":
    main()
