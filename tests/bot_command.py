#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""A command for the tests of "ztalk bot": it does what the messages say, and tells on stderr what it
is given. Its argument is a directory of the test's."""

import json
import os
import select
import signal
import sys

directory = sys.argv[1]
held = []


def say(**answer):
    print(json.dumps(answer), flush=True)


def tell(*words):
    print(*words, file=sys.stderr, flush=True)


tell("begun")
while line := sys.stdin.buffer.readline():
    message = json.loads(line)
    id, (word, _, rest) = message["id"], message.get("text", "").partition(" ")
    tell("given", id, message["from"], message["to"], message.get("text"), json.dumps(message["body"]))
    if word == "say":
        say(re=id, text=rest)
    elif word == "to":
        say(re=id, to=rest, text="elsewhere")
    elif word == "out":
        say(to=rest, text="unasked")
        say(re=id)
    elif word == "crash":
        mark = os.path.join(directory, "crashed")
        if not os.path.exists(mark):
            open(mark, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        say(re=id, text="recovered")
    elif word == "hold" and "ANSWERS" in os.environ:
        say(re=id, text="held")
    elif word == "wait":
        with open(os.path.join(directory, "go")) as fifo:
            fifo.read()
        say(re=id, text="waited", **({"to": rest} if rest else {}))
        if rest:
            tell("has said it")
            say(re=77, text="")
    elif word == "bad":
        print('nonsense \033[1m\n{"re":77,"text":"x"}\n{"text":"x"}\n{}\n[1]\n{"to":"a/b","text":"x"}', flush=True)
        print(json.dumps({"re": id, "text": "x" * 70000}), flush=True)
        print("x" * 300000, flush=True)
        say(re=id, text="after")
    elif word == "nul":
        say(re=id, text="cut\0off")
        say(re=id, text="after")
    elif word == "mute":
        mark = os.path.join(directory, "muted")
        if not os.path.exists(mark):
            open(mark, "w").close()
            os.close(1)
            signal.pause()
        say(re=id, text="heard")
    elif word == "twice":
        say(re=id, text="once")
        say(re=id, text="again")
    elif word == "flood":
        mark = os.path.join(directory, "flooded")
        if os.path.exists(mark):
            say(re=id)
            continue
        open(mark, "w").close()
        with open(os.path.join(directory, "go")) as fifo:
            fifo.read()
        for i in range(int(rest)):
            print(json.dumps({"to": "#general", "text": "line %d." % i}))
        sys.stdout.flush()
        os._exit(0)
    elif word == "window":
        held.append(id)
        if len(held) == 64:
            os.set_blocking(0, False)
            more = select.select([0], [], [], 0.3)[0] or sys.stdin.buffer.peek(1)
            os.set_blocking(0, True)
            tell("too many" if more else "full")
            for id in held:
                say(re=id, decline=True)
    elif word == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        tell("ignores")
        while True:
            signal.pause()
    elif word != "hold":
        say(re=id, decline=True)
tell("read all")
say(to="#general", text="bye")
