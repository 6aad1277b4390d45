#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A planned restart while everybody talks: what "systemctl restart" does, over and over.

The console client over CURVE, and the small client of peer.py over a unix socket, all in
#general. The broker gets SIGTERM and is started again. Nobody may see more of it than a
blink, and everybody gets each message once, in its sender's order. The last time the broker lets few
connections in, so that most are turned away again and again, as in a fleet behind one address.

    test_restart.py [CONSOLES [PEERS]]       with ZTALK_BIN in the environment
"""
import collections
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
try:
    import zmq  # noqa: F401
except ImportError:
    print("SKIP: there is no pyzmq")
    sys.exit(77)
from peer import Peer  # noqa: E402

BIN = os.environ.get("ZTALK_BIN", "build/dev/bin")
DEADLINE = 60  # seconds, for whatever is certain to come
PAUSE = 0.3    # seconds between two messages of one sender
FEW = ("-s", "limits/connections_per_s=6", "-s", "limits/connections_burst=2")
AWAY = 300     # lines that are typed while the broker is away, so that clients try several times
BLINK = {"connecting", "connected", "shutdown", "lost", "reconnected"}


def program(name):
    return os.path.join(BIN, name)


class Broker:
    def __init__(self, directory):
        self.directory, self.port, self.process = directory, "*", None

    def start(self, *options):
        with open(os.path.join(self.directory, "errors"), "a") as errors:
            self.process = subprocess.Popen(
                [program("ztalk-broker"), "-d", os.path.join(self.directory, "log"),
                 "-e", f"tcp://127.0.0.1:{self.port}", "-e", f"ipc://{self.directory}/socket", *options],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], DEADLINE)
        line = self.process.stdout.readline().split() if ready else []
        if len(line) != 3:
            raise AssertionError(f"the broker does not start: {line}")
        self.endpoint, self.port = f"{line[1]}/{line[2]}", line[1].rpartition(":")[2]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(DEADLINE) != 0:
            raise AssertionError(f"the broker has ended with {self.process.returncode}")
        self.process.stdout.close()


class Client:
    """What both kinds have: who has sent what to it, in a thread that reads."""

    def __init__(self, name):
        self.name, self.sent = name, 0
        self.got = collections.defaultdict(list)  # sender: numbers
        self.wrong = []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def take(self, sender, text):
        self.got[sender.lstrip("@")].append(int(text))


class Console(Client):
    """The console client in a pipe, as a program reads it."""

    def __init__(self, name, endpoint, directory):
        super().__init__(name)
        self.states = []
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [program("ztalk"), endpoint, "-n", name, "--json"],
            env={**os.environ, "ZTALK_HOME": os.path.join(directory, name)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self.thread.start()

    def run(self):
        for line in self.process.stdout:
            item = json.loads(line)
            if item["type"] == "message" and not item.get("own"):
                self.take(item["from"], item["text"])
            elif item["type"] == "state":
                self.states.append(item["state"])
                if item["state"] not in BLINK:
                    self.wrong.append(item)
            elif item["type"] in ("error", "gap", "refused"):
                self.wrong.append(item)

    def is_there(self, restarts):
        return self.states.count("connected") == 1 and self.states.count("reconnected") == restarts

    def send(self):
        self.sent += 1
        self.process.stdin.write(b"%d\n" % self.sent)
        self.process.stdin.flush()

    def end(self):
        """Ends its input, as a pipe does; what is wrong with that."""
        self.process.stdin.close()
        status = self.process.wait(DEADLINE)
        self.thread.join(DEADLINE)
        self.errors.seek(0)
        errors = self.errors.read().decode()
        self.errors.close()
        if status or errors:
            self.wrong.append(f"ended with {status}: {errors}")


class Small(Client):
    """A session of peer.py, which its thread has to itself."""

    def __init__(self, name, endpoint, _):
        super().__init__(name)
        self.endpoint, self.wanted, self.over = endpoint, 0, False
        self.welcomes = 0
        self.thread.start()

    def run(self):
        try:
            with Peer(self.endpoint, self.name, device="small", token="t" * 20 + self.name,
                      timeout=DEADLINE) as peer:
                self.welcomes = 1
                while not self.over:
                    while self.sent < self.wanted:
                        self.sent += 1
                        peer.send("#general", {"text": str(self.sent)})
                    for event in peer.step(0.05):
                        if event.verb == "WELCOME":
                            self.welcomes += 1
                        elif event.verb == "MSG" and event.sender != f"@{self.name}":
                            self.take(event.sender, event.body["text"])
                        elif event.verb in ("ERROR", "GAP"):
                            self.wrong.append(event)
        except Exception as error:  # pylint: disable=broad-except
            self.wrong.append(repr(error))

    def is_there(self, restarts):
        return self.welcomes > restarts

    def send(self):
        self.wanted += 1

    def end(self):
        self.over = True
        self.thread.join(DEADLINE)


def wait(what, clients, is_so):
    """Waits until that is so of each client."""
    deadline = time.monotonic() + DEADLINE
    while not all(map(is_so, clients)):
        if time.monotonic() > deadline:
            late = [client for client in clients if not is_so(client)]
            raise AssertionError(f"{len(late)} are not {what}: " + "; ".join(
                f"{getattr(client, 'name', '')} {getattr(client, 'states', '')} {getattr(client, 'wrong', '')}"
                for client in late[:5]))
        time.sleep(0.02)


class Talk(threading.Thread):
    """Everybody says something now and then."""

    def __init__(self, clients):
        super().__init__(daemon=True)
        self.clients, self.over = clients, threading.Event()
        self.start()

    def run(self):
        for client in itertools.cycle(self.clients):
            if self.over.wait(PAUSE / len(self.clients)):
                return
            client.send()

    def end(self):
        self.over.set()
        self.join(DEADLINE)


def has_all(clients):
    def has(client):
        return all(len(client.got[other.name]) >= (other.wanted if isinstance(other, Small) else other.sent)
                   for other in clients if other is not client)
    return has


def sessions(broker, consoles):
    """When the consoles' sessions began, by the broker's clock in ms."""
    answer = subprocess.run([program("ztalk-ctl"), "-d", os.path.join(broker.directory, "log"), "--json", "users"],
                            stdout=subprocess.PIPE, timeout=DEADLINE, check=True).stdout
    names = {console.name for console in consoles}
    rows = [json.loads(line) for line in answer.splitlines()]
    return [row["since"] for row in rows if row.get("name") in names]


def check(clients):
    for client in clients:
        if client.wrong:
            raise AssertionError(f"{client.name} has seen {client.wrong[:3]}")
        for other in clients:
            numbers = client.got[other.name]
            if other is not client and numbers != list(range(1, other.sent + 1)):
                raise AssertionError(f"{client.name} got from {other.name}: {numbers}, not 1 to {other.sent}")


class Restarts:
    def __init__(self, broker, clients):
        self.broker, self.clients, self.count = broker, clients, 0

    def typed(self):
        return sum(client.sent for client in self.clients if isinstance(client, Console))

    def do(self, *options, typed=0):
        """Ends the broker, lets so much be typed, starts it, and waits until all are back."""
        before = self.typed()
        self.broker.stop()
        down = self.typed()
        wait("typing", [self], lambda self: self.typed() >= down + typed)
        self.broker.start(*options)
        self.count += 1
        wait("back", self.clients, lambda client: client.is_there(self.count))
        print(f"restart {self.count}: all {len(self.clients)} are back; {self.typed() - before} lines were typed")


def run(directory, n_consoles, n_smalls):
    broker, clients, talk = Broker(directory), [], None
    try:
        broker.start()
        consoles = [Console(f"console{i}", broker.endpoint, directory) for i in range(n_consoles)]
        clients += consoles
        clients += [Small(f"small{i}", f"ipc://{directory}/socket", None) for i in range(n_smalls)]
        wait("here", clients, lambda client: client.is_there(0))
        talk = Talk(clients)
        restarts = Restarts(broker, clients)
        restarts.do()
        for _ in range(3):  # on a busy machine they may be held up, and come at once for that
            restarts.do(typed=AWAY)
            spread = len({since // 20 for since in sessions(broker, consoles)})
            print(f"they came back in {spread} different 50ths of a second")
            if spread >= n_consoles // 3:
                break
        assert spread >= n_consoles // 3, "who waits for the same time comes at the same time"
        restarts.do(*FEW)
        talk.end()
        wait("told all", clients, has_all(clients))
        for client in clients:
            client.end()
        check(clients)
        for console in consoles:
            states = collections.Counter(console.states)
            assert states["lost"] == states["reconnected"] == restarts.count, f"{console.name}: {console.states}"
        broker.stop()
        total = sum(client.sent for client in clients)
        print(f"{total} messages, {total * (len(clients) - 1)} deliveries: none is lost, none has come twice")
    finally:
        if talk:
            talk.end()
        for process in [broker.process] + [client.process for client in clients if isinstance(client, Console)]:
            process.kill()
            process.wait()


def main():
    sizes = [int(word) for word in sys.argv[1:]] or [40, 20]
    with tempfile.TemporaryDirectory() as directory:
        run(directory, sizes[0], sizes[1] if len(sizes) > 1 else 20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
