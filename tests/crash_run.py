# SPDX-License-Identifier: MPL-2.0
"""What crash.py runs: a broker and people in pairs, each a process that may be killed."""
import ctypes
import os
import random
import select
import shlex
import signal
import subprocess
import sys
import time

from crash_judge import Diary
from peer import Peer

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("ZTALK_BIN", os.path.join(HERE, "../build/release/bin"))
WRAPPER = shlex.split(os.environ.get("ZTALK_WRAPPER", ""))
STUCK = 20 * (5 if WRAPPER else 1)  # seconds without any progress
TURN = 0.01  # seconds between two looks
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """The run cannot go on."""


class Child:
    """A program that we have started; it does not outlive us."""

    def __init__(self, name, words, output, errors, **environment):
        self.name = name
        self.errors = errors
        with open(errors, "ab") as file:
            self.process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=output, stderr=file,
                env={**os.environ, **environment},
                preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))

    def go(self):
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.close()

    def close(self, seconds=15):
        """End it: a client ends with its stdin, and what does not is killed."""
        try:
            self.process.communicate(timeout=seconds)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.communicate()

    def look(self):
        if self.process.poll() is not None:
            with open(self.errors, errors="replace") as file:
                raise Failure(f"{self.name} has ended by itself with status "
                              f"{self.process.returncode}:\n{file.read()[-3000:]}")


class Broker:
    """The broker: always the same directory and port, whatever becomes of its process."""

    def __init__(self, directory, store, sync, ephemeral):
        self.errors = os.path.join(directory, "broker.log")
        self.endpoint, self.child = "tcp://127.0.0.1:*", None
        if ephemeral:
            self.options = ["--ephemeral"]
            return
        config = os.path.join(directory, "broker.zpl")
        with open(config, "w") as file:
            file.write(f"store\n    sync = {sync}\n")
        self.options = ["-d", store, "-c", config]

    def start(self):
        words = [*WRAPPER, os.path.join(BIN, "ztalk-broker"), "--plain", "-e", self.endpoint,
                 "--set", "limits/messages_per_s=0"]
        self.child = Child("the broker", words + self.options, subprocess.PIPE, self.errors)
        os.set_blocking(self.child.process.stdout.fileno(), False)
        deadline, line = time.monotonic() + STUCK, b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.child.process.stdout], [], [], left)[0]:
                raise Failure("the broker does not get ready")
            line += self.child.process.stdout.read() or b""
            if not line:
                self.child.look()
        self.endpoint = line.decode().split()[1]

    def kill(self):
        self.child.kill()
        self.child = None


class Person:
    """One side of a pair: a client, its file, and what is known of it."""

    def __init__(self, run, name, partner, count, real=False):
        self.run, self.name, self.partner, self.count, self.real = run, name, partner, count, real
        self.path = os.path.join(run.directory, name)
        self.diary, self.child = Diary(), None
        self.at, self.rest = 0, b""
        open(self.path, "w").close()

    def start(self):
        endpoint, errors = self.run.broker.endpoint, self.path + ".errors"
        if self.real:
            words = [*WRAPPER, os.path.join(BIN, "ztalk"), "--json", "-n", self.name,
                     "--device", "d", "-e", endpoint]
            with open(self.path, "ab") as output:
                self.child = Child(self.name, words, output, errors, ZTALK_HOME=self.path + ".home")
            return
        words = [sys.executable, os.path.join(HERE, "crash_client.py"), endpoint, self.name,
                 self.partner, str(self.count), str(self.run.padding), self.path]
        self.child = Child(self.name, words, subprocess.DEVNULL, errors)

    def read(self):
        """Take what was written since the last time."""
        with open(self.path, "rb") as file:
            file.seek(self.at)
            new = self.rest + file.read()
            self.at = file.tell()
        *lines, self.rest = new.split(b"\n")
        for line in lines:
            (self.diary.take_json if self.real else self.diary.take)(line.decode())

    def torn(self):
        """It was killed: a line that was cut will be taken back by its next run."""
        self.read()
        self.at, self.rest = self.at - len(self.rest), b""


class Run:
    """What both tests have in common: a broker, people in pairs, and waiting for them."""

    def __init__(self, options, directory, store, both_ways, padding):
        self.options, self.directory, self.padding = options, directory, padding
        self.random = random.Random(options.seed)
        self.begun = self.progress_at = self.told_at = time.monotonic()
        self.broker = Broker(directory, store, options.sync, options.ephemeral)
        self.people, self.pairs, self.later = [], [], []
        count = options.messages
        for i in range(options.pairs):
            self.pair(f"left{i}", f"right{i}", count, count if both_ways else 0)
        for i in range(options.ztalk):
            self.pair(f"left-ztalk{i}", f"ztalk{i}", count, 0, real=True)
        self.expected = sum(2 * (pair[2] + pair[3]) for pair in self.pairs)
        self.done = 0

    def pair(self, left, right, *counts, real=False):
        self.pairs.append((left, right, *counts))
        self.people.append(Person(self, left, right, counts[0]))
        self.people.append(Person(self, right, left, counts[1], real))

    def diaries(self):
        return {person.name: person.diary for person in self.people}

    def stored(self):
        return sum(len(person.diary.stored) for person in self.people)

    def seen(self):
        return sum(len(person.diary.seen) for person in self.people)

    def say(self, words):
        print(f"{time.monotonic() - self.begun:6.1f} s  {words}", flush=True)

    def turn(self):
        """Look at everything once."""
        now = time.monotonic()
        for due in [due for due in self.later if due[0] <= now]:
            self.later.remove(due)
            due[1]()
        for person in self.people:
            if person.child:
                person.child.look()
            person.read()
            if person.diary.wrong:
                raise Failure(f"{person.name}: {person.diary.wrong[0]}")
        if self.broker.child:
            self.broker.child.look()
        done = self.stored() + self.seen()
        if done != self.done:
            self.done, self.progress_at = done, now
        if now - self.told_at > 5:
            self.told_at = now
            self.say(f"{self.stored():,} stored, {self.seen():,} seen")
        time.sleep(TURN)

    def until(self, condition, what, seconds):
        """Wait for it; seconds: of standstill at most."""
        self.progress_at = time.monotonic()
        while not condition():
            if time.monotonic() - self.begun > self.options.deadline:
                raise Failure(f"the deadline has come before {what}")
            if time.monotonic() - self.progress_at > seconds:
                raise Failure(f"nothing gets on any more, before {what}")
            self.turn()

    def wait(self, seconds):
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end, "a wait is over", seconds + STUCK)

    def start(self):
        """All of them know each other before anything is said."""
        self.broker.start()
        for person in self.people:
            person.start()
        self.until(lambda: all(person.diary.runs for person in self.people),
                   "all clients are connected", STUCK)
        for person in self.people:
            if not person.real:
                person.child.go()
        self.progress_at = time.monotonic()

    def is_over(self):
        return self.done >= self.expected

    def finish(self):
        """Everything has come; then nothing more may come."""
        self.until(self.is_over, "all is sent and seen", STUCK)
        self.wait(1)
        for person in self.people:
            person.child.close()
            person.child = None
            person.read()

    def history(self):
        """What a broker that is killed and started has in its store, by pairs."""
        self.broker.kill()
        self.broker.start()
        return {pair[:2]: list(self.conversation(*pair[:2])) for pair in self.pairs}

    def conversation(self, name, partner):
        """All of HISTORY, in as many connections as its limits make it take."""
        before, more, left = 0, True, 0
        peer = None
        while more:
            if not left:
                if peer:
                    peer.close()
                #  More than enough, and fewer than may be asked at once.
                peer, left = Peer(self.broker.endpoint, name, device="check", receive=False,
                                  token=f"secret of {name}", timeout=STUCK), 15
            answer = peer.ask("HISTORY", "@" + partner, before, 500, timeout=STUCK).body
            for item in answer["messages"]:
                words = item["body"]["text"].split(" ")
                yield item["id"], item["from"].lstrip("@"), int(words[1])
            if not answer["messages"]:
                break
            before, more, left = answer["messages"][0]["id"], answer["more"], left - 1
        peer.close()

    def kill_broker(self, down):
        self.broker.kill()
        self.later.append((time.monotonic() + down, self.broker.start))

    def kill_person(self, person, down):
        person.child.kill()
        person.child = None
        person.torn()

        def again():
            person.start()
            person.child.go()

        self.later.append((time.monotonic() + down, again))

    def end(self):
        """Whatever has happened: nothing of ours runs on."""
        for child in [person.child for person in self.people] + [self.broker.child]:
            if child:
                child.kill()
