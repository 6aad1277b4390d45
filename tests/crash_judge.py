# SPDX-License-Identifier: MPL-2.0
"""What has to be true when a run of crash.py is over, whatever was killed meanwhile."""
import collections
import json


class Diary:
    """What one client has sent and what its user saw, over all its runs."""

    def __init__(self):
        self.number = {}  # of a message, by the ref it was sent with
        self.stored = {}  # ref: id, by the SENTs
        self.seen = []  # (id, from, number), as they came
        self.runs = self.refused = 0
        self.wrong = []

    def take(self, line):
        """A line of crash_client.py's journal."""
        kind, *fields = line.split(" ")
        if kind == "S":
            self.number[int(fields[0])] = int(fields[1])
        elif kind == "A":
            if self.stored.setdefault(int(fields[0]), int(fields[1])) != int(fields[1]):
                self.wrong.append(f"ref {fields[0]} has two ids")
        elif kind == "M":
            self.seen.append((int(fields[0]), fields[1], int(fields[2])))
        elif kind == "W":
            self.runs += 1
        elif kind == "E":
            self.refused += 1
        else:
            self.wrong.append("it got what must not come: " + line[2:])

    def take_json(self, line):
        """A line of `ztalk --json`."""
        item = json.loads(line)
        if item["type"] == "message":
            name, number = item["text"].split(" ")
            self.seen.append((item["id"], name, int(number)))
            if item["from"].lstrip("@") != name:
                self.wrong.append(f"a message of {name} came from {item['from']}")
        elif item["type"] == "state" and item["state"] == "connected":
            self.runs += 1
        elif item["type"] in ("gap", "error"):
            self.wrong.append(line)

    def by_id(self):
        """{id: number} of what was answered with SENT."""
        return {id: self.number[ref] for ref, id in self.stored.items()}


def some(items):
    """For a sentence: how many there are, and the first ones."""
    items = list(items)
    return f"{len(items)}, which begin with {', '.join(map(str, items[:5]))}"


def check_sender(name, diary, count):
    """Each message has one SENT, and ids grow as refs do."""
    answered = collections.Counter(diary.by_id().values())
    missing = [number for number in range(1, count + 1) if not answered[number]]
    if missing:
        yield f"{name}: messages without a SENT: {some(missing)}"
    twice = [number for number, times in answered.items() if times > 1]
    if twice:
        yield f"{name}: messages that were stored twice: {some(twice)}"
    ids = [id for _, id in sorted(diary.stored.items())]
    back = [b for a, b in zip(ids, ids[1:]) if b <= a]
    if back:
        yield f"{name}: ids that do not grow with the refs: {some(back)}"
    numbers = [number for _, number in sorted(diary.by_id().items())]
    if not diary.refused and numbers != sorted(numbers):
        yield f"{name}: its messages were stored in another order"


def check_receiver(name, seen, stored):
    """What the user saw is what has a SENT: each once, and in the order of ids."""
    ids = [id for id, _ in seen]
    back = [b for a, b in zip(ids, ids[1:]) if b <= a]
    if back:
        yield f"{name} saw, late or again, the ids {some(back)}"
    numbers = collections.Counter(number for _, number in seen)
    twice = [number for number, times in numbers.items() if times > 1]
    if twice:
        yield f"{name} saw more than once the messages {some(twice)}"
    known = dict(seen)
    lost = [f"{number} (id {id})" for id, number in sorted(stored.items()) if id not in known]
    if lost:
        yield f"{name} never saw, though they have a SENT, the messages {some(lost)}"
    strange = [f"{number} (id {id})" for id, number in seen if stored.get(id) != number]
    if strange:
        yield f"{name} saw, under an id that no SENT has told, the messages {some(strange)}"


def check_store(pair, found, stored):
    """HISTORY of two, all (id, from, number) of it, is what has a SENT: no more, no less."""
    ids = [id for id, _, _ in found]
    if len(set(ids)) != len(ids):
        yield f"{pair}: the store has ids twice"
    known = {id: (name, number) for id, name, number in found}
    lost = [f"{number} of {name} (id {id})" for id, (name, number) in sorted(stored.items())
            if known.get(id) != (name, number)]
    if lost:
        yield f"{pair}: not in the store, though they have a SENT, are {some(lost)}"
    strange = [f"{number} of {name} (id {id})" for id, name, number in found if id not in stored]
    if strange:
        yield f"{pair}: in the store, though nobody has sent them, are {some(strange)}"


def judge(diaries, pairs, history):
    """All that is wrong, in sentences. pairs: (name, name, how many the first and the second
    have sent); history: {(name, name): [(id, from, number)]}."""
    owner = collections.defaultdict(set)
    for name, diary in diaries.items():
        if diary.wrong:
            yield f"{name}: {len(diary.wrong)} times something is wrong: {diary.wrong[0]}"
        for id, number in diary.by_id().items():
            owner[id].add((name, number))
        for id, sender, number in diary.seen:
            owner[id].add((sender, number))
    again = sorted(id for id, messages in owner.items() if len(messages) > 1)
    if again:
        yield f"ids that were given to two messages: {some(again)}"
    for left, right, *counts in pairs:
        stored = {}
        for name, other, count in ((left, right, counts[0]), (right, left, counts[1])):
            if count == 0:
                continue
            yield from check_sender(name, diaries[name], count)
            ids = diaries[name].by_id()
            stored.update({id: (name, number) for id, number in ids.items()})
            seen = [(id, number) for id, sender, number in diaries[other].seen if sender == name]
            yield from check_receiver(other, seen, ids)
        for name, other in ((left, right), (right, left)):
            strangers = {sender for _, sender, _ in diaries[name].seen} - {other}
            if strangers:
                yield f"{name} saw messages of {', '.join(sorted(strangers))}"
        if (left, right) in history:
            yield from check_store(f"{left} and {right}", history[left, right], stored)
