#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A client that may be killed with -9 at any moment: the one that crash.py kills.

    crash_client.py ENDPOINT NAME PARTNER COUNT PADDING JOURNAL

It sends COUNT numbered messages to its partner and takes what comes, until its stdin ends.
What its user sees and what it has to remember are lines of one file, so that no kill can
come between the two. A line is whole or is not there:

    W             it was welcomed
    S REF N       message N is about to be sent with that ref
    A REF ID      ... and was answered with SENT
    E REF         ... and was refused, and goes again with another ref
    M ID FROM N   what the user sees: FROM's message N
    X WORDS       what must not have come
"""
import os
import random
import select
import string
import sys
import time

sys.dont_write_bytecode = True
from peer import Peer, pack  # noqa: E402

AHEAD = 100  # messages that wait for their SENT
BEAT = 0.25 * (5 if os.environ.get("ZTALK_WRAPPER") else 1)  # seconds
LATER = {"unavailable", "busy", "rate-limited"}  # refusals that do not last


def body(name, number, padding):
    """A message; the same again for the same number. The padding does not get smaller
    when the broker packs it."""
    letters = random.Random(f"{name} {number}").choices(string.ascii_letters, k=padding)
    return {"text": f"{name} {number}", "pad": "".join(letters)}


class Journal:
    """The file: what was read of an earlier run, and what is written."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with open(path, "rb") as file:
            known = file.read()
        whole = known.rfind(b"\n") + 1  # a kill may cut a line; nobody has seen it then
        os.ftruncate(self.file, whole)
        self.seen = self.highest = self.ref = 0
        self.under_way, self.refused = {}, set()  # ref: number; numbers
        for line in known[:whole].decode().splitlines():
            self.remember(*line.split(" "))

    def remember(self, kind, *fields):
        if kind == "S":
            self.ref, number = int(fields[0]), int(fields[1])
            self.highest = max(self.highest, number)
            self.under_way[self.ref] = number
            self.refused.discard(number)
        elif kind == "A":
            self.under_way.pop(int(fields[0]), None)
        elif kind == "E":
            self.refused.add(self.under_way.pop(int(fields[0])))
        elif kind == "M":
            self.seen = int(fields[0])

    def write(self, lines):
        """On return they outlive us."""
        rest = "".join(f"{line}\n" for line in lines).encode()
        while rest:
            rest = rest[os.write(self.file, rest):]
        for line in lines:
            self.remember(*line.split(" "))


class Impatient(Peer):
    """It notices soon that a broker was restarted, or killed before it could say WELCOME."""

    beat = property(lambda self: BEAT, lambda self, value: None)


class Client:
    def __init__(self, endpoint, name, partner, count, padding, journal):
        self.name, self.partner, self.count, self.padding = name, partner, count, padding
        self.journal = Journal(journal)
        self.again = set(self.journal.under_way)  # refs of an earlier run
        self.peer = Impatient(endpoint, name, timeout=60, device="d", token=f"secret of {name}")
        self.resume = 0.0
        for ref, number in sorted(self.journal.under_way.items()):
            self.peer.unanswered[ref] = self.peer.unsent[ref] = pack(
                "SEND", ref, "@" + partner, body=body(name, number, padding))
        self.peer.ref = max(self.peer.ref, self.journal.ref)
        self.journal.write(["W"])

    def fill(self):
        """Give the peer what may be sent now. It is written down before it leaves."""
        peer, lines, numbers = self.peer, [], []
        if self.journal.refused:  # all of them in order, and nothing else before
            if peer.unanswered or time.monotonic() < self.resume:
                return
            numbers = sorted(self.journal.refused)
        room = AHEAD - len(peer.unanswered) - len(numbers)
        first = self.journal.highest + 1
        numbers += range(first, min(self.count + 1, first + max(0, room)))
        for number in numbers:
            ref = peer.send("@" + self.partner, body(self.name, number, self.padding))
            lines.append(f"S {ref} {number}")
        self.journal.write(lines)

    def line(self, event):
        """What an event is in the journal, or None."""
        if event.verb == "MSG":
            if int(event.fields[0]) <= self.journal.seen:
                return None  # an earlier run has shown it
            words = event.body.get("text", "").split(" ")
            if len(words) == 2 and "@" + words[0] == event.sender and words[1].isdigit():
                return f"M {event.fields[0]} {words[0]} {words[1]}"
        elif event.verb == "SENT":
            return f"A {event.fields[0]} {event.fields[1]}"
        elif event.verb == "ERROR":
            ref, code = event.fields
            #  A ref that an earlier run has used may have been refused behind its back.
            behind = code == "bad-request" and ref.isdigit() and int(ref) in self.again
            if code in LATER or behind:
                self.resume = time.monotonic() + event.body.get("retry_ms", 200) / 1000
                return f"E {ref}"
        elif event.verb in ("PRESENCE", "WELCOME", "RECEIPT", "BYE"):
            return None
        raw = event.raw[:200].decode("utf-8", "replace")
        return f"X {event.verb} {' '.join(event.fields)} {raw!r}"

    def run(self):
        go, over = False, False
        while not over:
            if select.select([sys.stdin], [], [], 0)[0]:
                over = not os.read(0, 100)
                go = True
            if go:
                self.fill()
            lines = filter(None, map(self.line, self.peer.step(0.05)))
            #  The next step acknowledges these: they must be written by then.
            self.journal.write(list(lines))
            if self.peer.ended:
                self.journal.write([f"X the session has ended: {self.peer.ended}"])
                return
        self.peer.close()


if __name__ == "__main__":
    Client(*sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5]), sys.argv[6]).run()
