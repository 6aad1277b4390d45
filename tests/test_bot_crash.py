#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""ztalk bot, while its command, it itself and the broker are killed at random: each message is
answered, and once.

    test_bot_crash.py [--seed NUMBER] [--messages NUMBER]
"""
import argparse
import json
import os
import random
import select
import shlex
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("ZTALK_BIN", "build/dev/bin")
WRAPPER = shlex.split(os.environ.get("ZTALK_WRAPPER", ""))
DEADLINE = 240 if WRAPPER else 60  # seconds, for whatever is certain to come
COMMAND = """#!/usr/bin/python3
import json, os, random, signal, sys
for line in sys.stdin.buffer:
    message = json.loads(line)
    if random.random() < 0.05:
        os.kill(os.getpid(), signal.SIGKILL)
    print(json.dumps({"re": message["id"], "text": "re " + message["text"]}), flush=True)
"""


class World:
    """The programs, in a directory of their own."""

    def __init__(self, directory):
        self.directory = directory
        self.command = os.path.join(directory, "command")
        with open(self.command, "w", encoding="utf-8") as file:
            file.write(COMMAND)
        os.chmod(self.command, 0o755)
        self.endpoint = "tcp://127.0.0.1:*"
        self.log = open(os.path.join(directory, "log"), "w+", encoding="utf-8")
        self.broker = self.bot = self.olena = None
        self.text, self.items = b"", []

    def start(self, home, *argv, **pipes):
        environment = dict(os.environ, ZTALK_HOME=f"{self.directory}/{home}",
                           XDG_STATE_HOME=f"{self.directory}/state")
        environment.pop("ZTALK_NAME", None)
        program, *rest = argv
        return subprocess.Popen([*WRAPPER, os.path.join(BIN, program), *rest], stderr=self.log,
                                env=environment, **pipes)

    def start_broker(self):
        self.broker = self.start("", "ztalk-broker", "-d", f"{self.directory}/data", "-e",
                                 self.endpoint, stdout=subprocess.PIPE)
        ready = self.broker.stdout.readline().split()
        assert ready and ready[0] == b"ready", ready
        self.endpoint = ready[1].decode()

    def start_bot(self):
        self.bot = self.start("bot", "ztalk", "bot", "-e", self.endpoint, "-n", "robot", "--",
                              self.command)

    def start_olena(self):
        self.olena = self.start("olena", "ztalk", "-e", self.endpoint, "-n", "olena", "--json",
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.set_blocking(self.olena.stdout.fileno(), False)

    def say(self, text):
        self.olena.stdin.write(f"/msg robot {text}\n".encode())
        self.olena.stdin.flush()

    def wait(self, is_there):
        """Reads what olena is shown until that is there."""
        end = time.monotonic() + DEADLINE
        while not is_there():
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.olena.stdout], [], [], left)[0]:
                raise TimeoutError
            more = self.olena.stdout.read()
            assert more, "olena has ended"
            self.text += more
            *lines, self.text = self.text.split(b"\n")
            self.items += [json.loads(line) for line in lines]

    def messages(self, name):
        return [item["text"] for item in self.items
                if item["type"] == "message" and item["from"] == name]

    def end(self):
        for program in (self.bot, self.olena, self.broker):
            if program and program.poll() is None:
                program.kill()
                program.wait()


def run(world, count):
    kills = {"bot": 0, "broker": 0}
    world.start_broker()
    world.start_bot()
    world.start_olena()
    # The bot has to have been there once before somebody can write to it.
    world.wait(lambda: any("robot" in item.get("online", item.get("users", []))
                           for item in world.items))
    for number in range(count):
        world.say(f"message {number}")
        dice = random.random()
        if dice < 0.05:
            world.bot.kill()
            world.bot.wait()
            world.start_bot()
            kills["bot"] += 1
        elif dice < 0.08:
            world.broker.kill()
            world.broker.wait()
            world.start_broker()
            kills["broker"] += 1
        elif dice < 0.5:
            world.wait(lambda sent=number: len(world.messages("@olena")) > sent)
    expected = {f"re message {number}" for number in range(count)}
    try:
        world.wait(lambda: expected <= set(world.messages("@robot")))
    except TimeoutError:
        pass
    # What would be a second answer is before the answer to this.
    world.say("the last one")
    world.wait(lambda: "re the last one" in world.messages("@robot"))
    answers = world.messages("@robot")[:-1]
    missing = expected - set(answers)
    twice = sorted({answer for answer in answers if answers.count(answer) > 1})
    print(f"{count} messages, {kills['bot']} times the bot was killed, {kills['broker']} times the "
          f"broker; {len(missing)} without an answer, {len(twice)} answered twice")
    return not missing and not twice


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=100 if WRAPPER else 300)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="ztalk-") as directory:
        world = World(directory)
        is_well = False
        try:
            is_well = run(world, arguments.messages)
        finally:
            world.end()
            if not is_well:
                world.log.seek(0)
                sys.stderr.write(world.log.read())
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
