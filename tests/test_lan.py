#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Brokers that are found by asking the network: the real programs, on machines that are network
namespaces of the test's own. Skipped where these may not be made.
"""
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from lan_peer import Answerer, Asker, SIZE, TOKEN, garbage  # noqa: E402
from lan_world import World, ip, sweep  # noqa: E402

PER_S, BURST = 100, 200  # BEACONS_PER_S and BEACONS_BURST


class Lan(unittest.TestCase):
    """Two machines: here on two networks and beside a bridge and a tunnel, there on the two."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.here, self.there = self.world.machine("here"), self.world.machine("there")
        self.world.cable(self.here, self.there, "eth0", "10.9.0")
        self.world.cable(self.here, self.there, "eth1", "10.9.1")
        self.world.bridge(self.here, "docker0", "172.17.0.1/16")
        self.world.tunnel(self.here, "tun0", "10.8.0.1/24")

    def asker(self, machine=None, address="0.0.0.0"):
        asker = Asker(self.world, machine or self.there, address)
        self.addCleanup(asker.close)
        return asker


class Answers(Lan):
    """The broker's side."""

    def test_asked_on_each_network(self):
        self.world.broker(self.here, "b", "-e", "tcp://*:7000", "--announce-as", "Kyiv офіс")
        asker = self.asker()
        wanted = b"ZTALK/1 HERE " + TOKEN + " 7000 curve 7001 Kyiv офіс\n".encode()
        self.assertEqual(asker.ask("10.9.0.255"), (wanted, ("10.9.0.1", 5555)))
        self.assertEqual(asker.ask("10.9.1.255"), (wanted, ("10.9.1.1", 5555)))
        own = self.asker(self.here)
        self.assertEqual(own.ask("172.17.255.255"), (wanted, ("172.17.0.1", 5555)))

    def test_the_port_that_is_free_and_the_host_s_name(self):
        broker = self.world.broker(self.here, "b", "-e", "tcp://*:*", "--key-port", "none")
        port = broker.ready[0][0].rsplit(":", 1)[1]
        wanted = f"ZTALK/1 HERE {TOKEN.decode()} {port} curve - {os.uname().nodename[:64]}\n"
        self.assertEqual(self.asker().ask("10.9.0.255")[0], wanted.encode())

    def test_one_address_is_told_on_its_network_alone(self):
        self.world.broker(self.here, "b", "--plain=anywhere", "-e", "tcp://127.0.0.1:6000", "-e",
                          "tcp://10.9.1.1:7000", "--announce-as", "x", ready=2)
        asker = self.asker()
        asker.send("10.9.0.255")
        self.assertEqual(asker.ask("10.9.1.255"), (
            b"ZTALK/1 HERE " + TOKEN + b" 7000 plain - x\n", ("10.9.1.1", 5555)))
        self.assertEqual(asker.waiting(), [])

    def test_what_nobody_can_reach_is_not_told(self):
        socket = "ipc://" + self.world.path("socket")
        self.world.broker(self.here, "b", "-e", "tcp://127.0.0.1:7000", "-e", socket, "-e",
                          "tcp://[::1]:7100", ready=3)
        self.assertNotIn(f":{5555:04X} ", self.udp(self.here))

    def test_it_can_be_turned_off(self):
        for option in ("--no-announce", "--set=announce/lan=no"):
            broker = self.world.broker(self.here, "b", option)
            self.assertNotIn(f":{5555:04X} ", self.udp(self.here))
            broker.kill()
        self.world.broker(self.here, "b")
        self.assertIn(f":{5555:04X} ", self.udp(self.here))

    def udp(self, machine):
        """The table of its sockets of UDP."""
        return ip("netns", "exec", machine, "cat", "/proc/net/udp")

    def test_interfaces_can_be_named(self):
        broker = self.world.broker(self.here, "b", "--announce", "eth1,eth7")
        self.assertIn("there is no network interface eth7 now", broker.output)
        asker = self.asker()
        asker.send("10.9.0.255")
        self.assertEqual(asker.ask("10.9.1.255")[1], ("10.9.1.1", 5555))
        self.assertEqual(asker.waiting(), [])
        self.world.cable(self.here, self.there, "eth7", "10.9.7")
        self.assertEqual(asker.ask("10.9.7.255")[1], ("10.9.7.1", 5555))

    def test_networks_come_and_go(self):
        self.world.broker(self.here, "b", "-e", "tcp://*:7000")
        self.world.cable(self.here, self.there, "wlan0", "10.9.2")
        asker = self.asker()
        self.assertEqual(asker.ask("10.9.2.255")[1], ("10.9.2.1", 5555))
        ip("-n", self.here, "link", "del", "wlan0")
        self.assertEqual(asker.ask("10.9.0.255")[1], ("10.9.0.1", 5555))

    def test_several_brokers_of_a_machine(self):
        for number in (1, 2):
            self.world.broker(self.here, f"b{number}", "-e", f"tcp://*:{number}7000")
        asker, ports = self.asker(), set()
        while len(ports) < 2:
            ports.add(asker.ask("10.9.0.255")[0].split()[3])

    def test_who_is_not_on_the_network_is_not_answered(self):
        """Also not where an answer would get there."""
        self.world.broker(self.here, "b")
        ip("-n", self.there, "addr", "add", "203.0.113.9/32", "dev", "lo")
        ip("-n", self.here, "route", "add", "203.0.113.9/32", "via", "10.9.0.2")
        stranger = self.asker(address="203.0.113.9")
        asker = self.asker()
        stranger.send("10.9.0.255")
        asker.ask("10.9.0.255")
        self.assertEqual(stranger.waiting(), [])

    def test_garbage_is_not_answered(self):
        broker = self.world.broker(self.here, "b")
        asker = self.asker()
        for data in garbage(3000):
            asker.send("10.9.0.255", data)
        self.assertEqual(asker.ask("10.9.0.255")[1], ("10.9.0.1", 5555))
        self.assertEqual(len(asker.waiting()), 0)
        self.assertIsNone(broker.process.poll())

    def test_a_flood_of_questions_is_answered_in_part(self):
        self.world.broker(self.here, "b")
        asker, began = self.asker(), time.monotonic()
        asker.ask("10.9.0.255")
        for _ in range(10000):
            asker.send("10.9.0.255")
        asker.ask("10.9.0.255")  # behind all of them
        answers = asker.waiting()
        most = BURST + PER_S * (time.monotonic() - began) + 1
        self.assertTrue(0 < len(answers) <= most, f"{len(answers)} answers, and not {most}")
        self.assertLessEqual(max(map(len, answers), default=0), SIZE)


class Finds(Lan):
    """The client's side: it is on the machine there, and the brokers are here."""

    def ztalk(self, *words, machine=None, home="home", terminal=False):
        machine = machine or self.there
        return self.world.start(machine, "ztalk", *words, terminal=terminal,
                                ZTALK_HOME=self.world.path(home),
                                XDG_STATE_HOME=self.world.path(machine))

    def broker(self, directory, *words, machine=None, **more):
        machine = machine or self.here
        return self.world.broker(machine, directory, *words,
                                 XDG_STATE_HOME=self.world.path(machine), **more)

    def answerer(self, machine, answers):
        answerer = Answerer(self.world, machine, answers)
        self.addCleanup(answerer.close)
        return answerer

    def know(self, *lines, home="home"):
        os.makedirs(self.world.path(home), exist_ok=True)
        with open(os.path.join(self.world.path(home), "known_brokers"), "a") as file:
            file.write("".join(f"{endpoint} {key}\n" for endpoint, key in lines))

    def known(self, home="home"):
        with open(os.path.join(self.world.path(home), "known_brokers")) as file:
            return dict(line.split() for line in file)

    def find(self, *words, status=0, **more):
        found = self.ztalk("find", "--json", *words, **more).end(status)
        return [json.loads(line) for line in found.splitlines() if line.startswith("{")]

    def endpoints(self, **more):
        return [broker["endpoint"] for broker in self.find(**more)]

    def test_a_person_chooses_and_is_asked_for_the_key(self):
        self.broker("b1", "-e", "tcp://10.9.0.1:7000", "--announce-as", "Київ", "--key-port", "7010")
        key = self.broker("b2", "-e", "tcp://10.9.1.1:5555", "--announce-as", "two").ready[0][1]
        began = time.monotonic()
        person = self.ztalk("--lines", terminal=True)
        person.expect(r"  1  10\.9\.0\.1:7000 --key-port 7010  Київ\s+"
                      r"2  10\.9\.1\.1                       two\s+Which one\?")
        print(f"# listed after {time.monotonic() - began:.2f} s")
        for wrong in ("\n", "0\n", "3\n", "two\n"):
            person.write(wrong)
            person.expect("Which one\\? Its number, 1 to 2: ")
        person.write("2\n")
        person.expect("You have not been at tcp://10.9.1.1:5555 before")
        person.write("n\n")
        person.expect("not trusted, and so not connected")
        person.end(4)

        person = self.ztalk("--lines", terminal=True)
        person.expect("Which one\\?")
        person.write("2\n")
        person.expect("Trust it from now on")
        person.write("y\n")
        person.expect("connected to ztalk .* at tcp://10.9.1.1:5555 as .*, encrypted")
        person.write("/exit\n")
        person.end(0)
        self.assertEqual(self.known(), {"tcp://10.9.1.1:5555": key})

        # From then on it is the one that is known, and nothing has to be chosen.
        person = self.ztalk("--lines", "-n", "x", terminal=True)
        person.expect("connected to ztalk .* at tcp://10.9.1.1:5555 as x, encrypted")
        self.assertNotIn("Which one", person.output)

    def test_the_screen_opens_behind_it(self):
        self.broker("b", "-e", "tcp://10.9.0.1:7000")
        person = self.ztalk(terminal=True)
        person.expect("Enter connects to it: ")
        self.assertNotIn("\x1b", person.output)
        person.write("\n")
        person.expect("Trust it from now on")
        self.assertNotIn("\x1b", person.output)
        person.write("y\n")
        person.expect("\x1b.*#general")

    def test_a_key_port_that_is_told_is_asked(self):
        self.broker("b", "-e", "tcp://*:7000", "--key-port", "7010", "--announce", "eth0")
        person = self.ztalk("--lines", terminal=True)
        person.expect("Enter connects to it: ")
        person.write("\n")
        person.expect("Trust it from now on")

    def test_who_does_not_choose_goes_nowhere(self):
        self.broker("b", "-e", "tcp://*:7000")
        person = self.ztalk("--lines", terminal=True)
        person.expect("Which one\\?")
        person.write("\x04")
        person.expect("none was chosen")
        person.end(3)

    def test_a_script_gets_a_list(self):
        self.broker("b", "-e", "tcp://10.9.0.1:7000", "--announce-as", "\u202eone\u0301")
        said = self.ztalk("-n", "x").end(3)
        self.assertRegex(said, r"(?m)^    ztalk 10\.9\.0\.1:7000  oné$")

    def test_find_lists(self):
        self.broker("b1", "-e", "tcp://*:7000", "--announce-as", "one", "--key-port", "none")
        self.broker("b2", "--plain=anywhere", "-e", "tcp://10.9.1.1:8000", "--announce-as", "two")
        row = {"type": "broker", "known": False, "here": False, "name": "one", "encrypted": True}
        self.assertEqual(self.find(), [
            {**row, "endpoint": "tcp://10.9.0.1:7000"},
            {**row, "endpoint": "tcp://10.9.1.1:7000"},
            {**row, "endpoint": "tcp://10.9.1.1:8000", "name": "two", "encrypted": False}])
        # On the brokers' machine: each once, on whichever of its networks.
        here = self.find(machine=self.here)
        self.assertEqual([(broker["endpoint"], broker["name"], broker["here"]) for broker in here], [
            ("tcp://10.9.1.1:8000", "two", True), ("tcp://127.0.0.1:7000", "one", True)])

    def test_nothing_is_found_where_nothing_is(self):
        self.broker("b", "-e", "tcp://*:7000", "--no-announce")
        self.assertEqual(self.find(status=3), [])
        lonely = self.world.machine("lonely")
        self.assertEqual(self.find(status=3, machine=lonely), [])
        person = self.ztalk("--lines", machine=lonely, terminal=True)
        person.expect("no broker answers on this network; one on this machine is waited for")

    def test_the_broker_of_this_machine_comes_first(self):
        self.broker("b1", "-e", "tcp://*:7000")
        self.broker("b2", "-e", "tcp://127.0.0.1:7100", machine=self.there)
        script = self.ztalk("-n", "x")
        script.expect("connected to ztalk .* at tcp://127.0.0.1:7100 as x, encrypted")
        script.end(0)
        self.broker("b3", "-e", "tcp://127.0.0.1:5555", machine=self.there)
        script = self.ztalk("-n", "x")
        script.expect("connected to ztalk .* at tcp://127.0.0.1:5555 as x, encrypted")
        script.end(0)

    def test_a_script_goes_where_it_has_been_if_that_is_one_place(self):
        key = self.broker("b1", "-e", "tcp://10.9.0.1:7000").ready[0][1]
        self.broker("b2", "-e", "tcp://10.9.0.1:8000")
        self.know(("tcp://10.9.0.1:7000", key))
        script = self.ztalk("-n", "x")
        script.expect("connected to ztalk .* at tcp://10.9.0.1:7000 as x, encrypted")
        script.end(0)
        self.know(("tcp://10.9.0.1:7777", key))
        said = self.ztalk("-n", "x").end(3)
        self.assertRegex(said, r"ztalk 10\.9\.0\.1:7000  \S+ \(you have been there\)")

    def test_a_script_waits_for_the_broker_of_its_machine(self):
        key = self.broker("b1", "-e", "tcp://10.9.0.1:7000").ready[0][1]
        self.know(("tcp://10.9.0.1:7000", key))
        state = self.world.path(os.path.join(self.there, "ztalk"))
        self.broker("b2", "-e", "tcp://127.0.0.1:7777", "-d", state, machine=self.there).kill()
        script = self.ztalk("-n", "x")
        script.expect("connecting to tcp://127.0.0.1:5555")
        self.broker("b2", "-e", "tcp://127.0.0.1:5555", "-d", state, machine=self.there)
        script.expect("connected to ztalk .* at tcp://127.0.0.1:5555 as x, encrypted")
        script.end(0)

    def test_a_person_goes_to_the_known_one_that_is_there(self):
        key = self.broker("b1", "-e", "tcp://10.9.0.1:7000").ready[0][1]
        self.know(("tcp://10.9.0.1:7777", key), ("tcp://no.such.host.invalid:1", key),
                  ("tcp://10.9.0.1:7000", key), ("tcp://10.9.0.77:7000", key))
        person = self.ztalk("--lines", "-n", "x", terminal=True)
        person.expect("connected to ztalk .* at tcp://10.9.0.1:7000 as x, encrypted")
        key = self.broker("b2", "-e", "tcp://10.9.1.1:8000").ready[0][1]
        self.know(("tcp://10.9.1.1:8000", key))
        person = self.ztalk("--lines", terminal=True)
        person.expect(r"10\.9\.0\.1:7000  \S+ \(you have been there\).*"
                      r"10\.9\.1\.1:8000  \S+ \(you have been there\).*1 to 2")

    def test_a_forged_answer_does_not_change_what_is_trusted(self):
        """Somebody answers in the name and at the address of the broker that is known."""
        key = self.broker("b", "-e", "tcp://10.9.0.1:5555", "--announce-as", "office").ready[0][1]
        self.know(("tcp://10.9.0.1:5555", key))
        self.ztalk("-n", "x").end(0)
        self.world.programs[-2].kill()
        # At the address there is a broker with another key now.
        self.broker("forged", "-e", "tcp://10.9.0.1:5555", "--announce-as", "office")
        for terminal in (True, False):
            person = self.ztalk("--lines", "-n", "x", terminal=terminal)
            person.expect("THE KEY OF tcp://10.9.0.1:5555 HAS CHANGED.*")
            person.end(4)
        self.assertEqual(self.known(), {"tcp://10.9.0.1:5555": key})

    def test_that_somebody_does_not_encrypt_is_not_believed(self):
        self.answerer(self.here, [b"ZTALK/1 HERE %TOKEN 7000 plain - x\n"])
        self.broker("b", "--plain=anywhere", "-e", "tcp://10.9.0.1:7000", "--no-announce")
        said = self.ztalk("-n", "x").end(3)
        self.assertNotIn("--plain", said)
        self.assertIn("says that it does not encrypt", said)
        person = self.ztalk("--lines", terminal=True)
        person.expect("Which one\\?")
        person.write("1\n")
        person.expect("nothing tells its key")
        person.end(4)

    def test_a_name_works_where_nobody_can_be_asked(self):
        self.broker("b", "-e", "tcp://*:7000", "--no-announce")
        for machine, address in ((self.here, "fd00:9::1/64"), (self.there, "fd00:9::2/64")):
            self.world.address(machine, "eth0", address)
        self.world.hosts(self.there, "10.9.0.1 four.example both.example",
                         "fd00:9::1 six.example both.example")
        for host in ("four.example", "six.example", "both.example", "[fd00:9::1]"):
            script = self.ztalk(f"{host}:7000", "-n", "x", "--trust")
            script.expect("connected to ztalk .* as x, encrypted")
            script.end(0)

    def test_a_name_that_means_nothing_is_told_and_tried_again(self):
        key = self.broker("b", "-e", "tcp://*:7000").ready[0][1]
        self.world.hosts(self.there, "127.0.0.1 localhost")
        person = self.ztalk("late.example:7000", "--lines", terminal=True)
        person.expect(r"\* tcp://late\.example:7000: [^\n]+; still trying")
        other = self.ztalk(f"tcp://later.example:7000/{key}", "-n", "y", terminal=True)
        other.expect(r"\* tcp://later\.example:7000: [^\n]+; still trying")
        script = self.ztalk("never.example:7000", "-n", "x")
        said = script.end(3)
        self.assertRegex(said, r"ztalk: no broker answers at tcp://never\.example:7000: \S+")
        self.world.hosts(self.there, "10.9.0.1 late.example", "fd00:9::1 later.example")
        person.expect("You have not been at tcp://late.example:7000 before")
        for machine, address in ((self.here, "fd00:9::1/64"), (self.there, "fd00:9::2/64")):
            self.world.address(machine, "eth0", address)
        other.expect("#general")

    def test_garbage_and_floods_are_bounded(self):
        names = [f"x{number}".encode() for number in range(500)]
        flood = [b"ZTALK/1 HERE %%TOKEN %d curve - %s\n" % (1000 + number, name)
                 for number, name in enumerate(names)]
        broken = [data.replace(b"FIND", b"HERE") for data in garbage(500)]
        forged = [b"ZTALK/1 HERE 0123456789abcdef 7000 curve - other\n",
                  b"ZTALK/1 HERE %TOKEN 7000 curve - \x1b[31mred\n",
                  b"ZTALK/1 HERE %TOKEN 0 curve - zero\n"]
        answerer = self.answerer(self.here, forged + broken)
        self.assertEqual(self.find(status=3), [])
        answerer.answers = broken + flood
        found = self.find()
        self.assertLessEqual(len(found), 16)  # 8 of each of its two addresses that are asked
        self.assertIn("More have answered than are listed", self.ztalk("find").end(0))

    def test_a_flood_from_many_addresses(self):
        """Over one network with as many machines as the flooder likes."""
        for number in range(1, 100):
            self.world.address(self.here, "eth0", f"10.9.0.{number + 100}/24")
        self.answerer(self.here, [b"ZTALK/1 HERE %TOKEN 7000 curve - x\n"]).sources = [
            f"10.9.0.{number + 100}" for number in range(1, 100)]
        self.assertEqual(len(self.find()), 64)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP: network namespaces are made by root")
        sys.exit(77)
    try:
        sweep()
        World().machine("try")
    except OSError as error:
        print(f"SKIP: there are no network namespaces: {error}")
        sys.exit(77)
    unittest.main()
