#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Brokers that are found by asking the network: the real programs, on machines that are network
namespaces of the test's own. Skipped where these may not be made.
"""
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
