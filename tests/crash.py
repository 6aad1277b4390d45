#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Kills the broker and its clients with -9, and looks whether anything was lost.

Pairs of clients send each other numbered messages while the broker is killed at random
moments and started again, on the same directory and port, and half of one side of the pairs
are killed, too. At the end every message that was answered with SENT has to have been seen
by the user of the other side once, in order, over all its runs; and to be in the store of
a broker that was killed once more. crash_judge.py has what is checked.

With --full-disk nothing is killed but at the end: the disk gets full, and has room again.

What is random comes from a seed, which is printed, and can be given.
"""
import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
SKIP = 77
SHOWN = 20  # of the things that are wrong

try:
    import zmq  # noqa: F401
except ImportError:
    print("SKIP: there is no pyzmq")
    sys.exit(SKIP)

from crash_judge import judge  # noqa: E402
from crash_run import BIN, STUCK, Failure, Run  # noqa: E402
from peer import Peer, Refused  # noqa: E402


class Crash(Run):
    """The broker and half of the right sides are killed, at moments of the seed."""

    def __init__(self, options, directory):
        super().__init__(options, directory, os.path.join(directory, "store"), True, 0)
        half = [person for person in self.people
                if person.name.startswith("right")][::2]
        #  Moments are shares of all that is to be stored and seen, and a little time.
        moments = []
        for _ in range(options.kills):
            moments.append([self.random.uniform(0.02, 0.95), None])
        for i in range(len(half) * max(1, options.kills // 5) if options.kills else 0):
            moments.append([self.random.uniform(0.02, 0.95), half[i % len(half)]])
        for moment in moments:
            moment += [self.random.uniform(0, 0.05), self.random.choice([0, 0.05, 0.3])]
        self.moments = sorted(moments, key=lambda moment: moment[0])

    def go(self):
        self.start()
        kills = people = 0
        for share, person, delay, down in self.moments:
            self.until(lambda: self.done >= share * self.expected, "the next kill", STUCK)
            victim = person or self.broker
            self.until(lambda: victim.child, "the victim runs again", STUCK)
            time.sleep(delay)
            if person:
                people += 1
                self.kill_person(person, down)
            else:
                kills += 1
                self.kill_broker(down)
                self.say(f"kill {kills} of {self.options.kills} at {share:.0%} of the work, "
                         f"down for {down:.2f} s")
        self.finish()
        return f"the broker was killed {kills} times and once more, clients {people} times"


class FullDisk(Run):
    """The disk gets full, and has room again."""

    def __init__(self, options, directory, disk):
        super().__init__(options, directory, os.path.join(disk, "store"), False, 1000)
        self.ballast = os.path.join(disk, "ballast")

    def refused(self):
        return sum(person.diary.refused for person in self.people)

    def ask(self):
        """The broker lives: it answers to somebody whom it knows."""
        with Peer(self.broker.endpoint, "watch", device="d", token="watch", timeout=STUCK) as watch:
            watch.ask("WHO", timeout=STUCK)

    def go(self):
        self.start()
        self.ask()
        self.until(lambda: self.refused() or self.is_over(), "the disk is full", STUCK)
        if self.is_over():
            raise Failure("the disk did not get full: there is nothing to see")
        self.say(f"the disk is full: {self.stored():,} stored")
        before = self.refused()
        self.until(lambda: self.refused() > before, "more is refused", STUCK)
        self.until(lambda: self.seen() >= self.stored(), "what is stored is delivered", STUCK)
        self.ask()
        if self.is_over():
            raise Failure("the disk has got room by itself")
        os.unlink(self.ballast)
        full = self.stored()
        self.say(f"there is room again: {full:,} stored, {self.refused():,} times refused")
        self.until(lambda: self.stored() > full, "anything is stored again", STUCK)
        self.finish()
        return f"sends were refused {self.refused():,} times"


TMPFS, BALLAST = 192, 160  # MiB


def with_private_mounts(options):
    """Run ourselves again where a mount is seen by nobody else, or tell why not."""
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False) \
        if shutil.which("unshare") and os.geteuid() == 0 else None
    if not probe or probe.returncode:
        print("SKIP: only root, where it may mount, can fill a disk")
        sys.exit(SKIP)
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable,
                          os.path.abspath(__file__), *sys.argv[1:], "--seed", str(options.seed),
                          "--unshared"])


def mount(directory):
    disk = os.path.join(directory, "disk")
    os.makedirs(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS}m", "tmpfs", disk], check=True)
    with open(os.path.join(disk, "ballast"), "wb") as file:
        for _ in range(BALLAST):
            file.write(bytes(1024 * 1024))
    return disk


def unmount(directory):
    """What is left in the store outlives the disk, for whoever has to find out."""
    disk = os.path.join(directory, "disk")
    if os.path.exists(os.path.join(disk, "store")):
        shutil.copytree(os.path.join(disk, "store"), os.path.join(directory, "store"),
                        ignore=shutil.ignore_patterns("control"))  # a socket cannot be copied
    subprocess.run(["umount", disk], check=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="1,000 messages and 5 kills")
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--messages", type=int, help="each way of each pair (10000)")
    parser.add_argument("--kills", type=int, help="of the broker (20)")
    parser.add_argument("--ztalk", type=int, default=2, help="more pairs, whose other side is a "
                        "real `ztalk --json`, which is not killed (2)")
    parser.add_argument("--sync", choices=["power", "process"], default="power")
    parser.add_argument("--ephemeral", action="store_true",
                        help="a broker that forgets everything: this has to fail")
    parser.add_argument("--full-disk", action="store_true", help="the other test")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--deadline", type=int, default=600, help="seconds for all of it")
    parser.add_argument("--unshared", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    full = 4000 if options.full_disk else 10000
    options.messages = options.messages or (1000 if options.quick else full)
    if options.kills is None:
        options.kills = 5 if options.quick else 20
    if options.full_disk:
        options.ztalk = 0
    return options


def report(run, how):
    history = run.history()
    wrong = list(judge(run.diaries(), run.pairs, history))
    for sentence in wrong[:SHOWN]:
        print("WRONG:", sentence)
    if not wrong:
        run.say(f"all is well: {run.stored():,} messages have a SENT; each was seen once, in "
                f"order, and is in the store; no id came twice; {how}")
    return not wrong


def main():
    options = parse()
    listed = subprocess.run([os.path.join(BIN, "ztalk-broker"), "--list-options"],
                            capture_output=True, text=True, check=True).stdout
    if not options.ephemeral and "-d " not in listed:
        print("SKIP: this broker has no store on disk")
        sys.exit(SKIP)
    if options.full_disk and not options.unshared:
        with_private_mounts(options)
    directory = tempfile.mkdtemp(prefix="ztalk-crash-", dir=os.environ.get("TMPDIR", "/var/tmp"))
    print(f"seed {options.seed}: {options.pairs} pairs, {options.messages:,} messages each"
          f"{'' if options.full_disk else f' way, {options.kills} kills'}; "
          f"{'nothing on disk' if options.ephemeral else 'sync = ' + options.sync}", flush=True)
    run = FullDisk(options, directory, mount(directory)) if options.full_disk \
        else Crash(options, directory)
    well = over = False
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        well = report(run, run.go())
    except (Failure, TimeoutError, Refused) as failure:
        print("WRONG:", failure or "a wait was too long")
        for sentence in list(judge(run.diaries(), run.pairs, {}))[:SHOWN]:
            print("  so far:", sentence)
    except KeyboardInterrupt:
        print("interrupted")
        over = True
    finally:
        run.end()
    if options.full_disk:
        unmount(directory)
    if well or over:
        shutil.rmtree(directory)
    else:
        print(f"what was left behind is in {directory}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
