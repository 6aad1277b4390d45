# SPDX-License-Identifier: MPL-2.0
"""Who asks for brokers, and who answers, as PROTOCOL.md 3.3 has it or not: for test_lan.py."""
import os
import socket
import struct
import threading
import time

PORT, SIZE, IP_PKTINFO = 5555, 128, 8
TOKEN = b"0123456789abcdef"


def question(token=TOKEN):
    return (b"ZTALK/1 FIND " + token).ljust(SIZE - 1) + b"\n"


def garbage(n):
    """Datagrams of which none is a question, and many nearly are."""
    for i in range(n):
        data = bytearray(question())
        if i % 3 == 0:
            data = bytearray(os.urandom(i % 300))
        elif i % 3 == 1:
            data = data[:i % SIZE]
        else:
            data[i % 12] ^= 1 + i % 255
        yield bytes(data)


class Asker:
    """A socket on a machine, at an address that is there or at any."""

    def __init__(self, world, machine, address="0.0.0.0"):
        with world.inside(machine):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self.socket.bind((address, 0))

    def send(self, address, data=None):
        self.socket.sendto(question() if data is None else data, (address, PORT))

    def ask(self, address):
        """The answer and where it is from; asked again, as a datagram may get lost."""
        self.socket.settimeout(1)
        for _ in range(20):
            self.send(address)
            try:
                return self.socket.recvfrom(1000)
            except TimeoutError:
                pass
        raise AssertionError(f"nobody answers at {address}")

    def waiting(self):
        """All datagrams that have come by now."""
        self.socket.setblocking(False)
        datagrams = []
        try:
            while True:
                datagrams.append(self.socket.recv(1000))
        except BlockingIOError:
            return datagrams

    def close(self):
        self.socket.close()


class Answerer:
    """Answers each question on a machine with these datagrams, in which %TOKEN is the question's."""

    def __init__(self, world, machine, answers):
        self.answers, self.sources, self.ends = list(answers), [None], False
        with world.inside(machine):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(("0.0.0.0", PORT))
        self.socket.settimeout(0.1)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ends:
            try:
                data, peer = self.socket.recvfrom(1000)
            except TimeoutError:
                continue
            for answer in self.answers:
                for source in self.sources:
                    self.send(answer.replace(b"%TOKEN", data[13:29]), peer, source)

    def send(self, data, peer, source):
        """Send it, from that address of this machine's, or from that which suits."""
        info = struct.pack("@I4s4s", 0, socket.inet_aton(source), b"") if source else b""
        control = [(socket.IPPROTO_IP, IP_PKTINFO, info)] if source else []
        try:
            self.socket.sendmsg([data], control, 0, peer)
        except OSError:  # the client is gone
            pass

    def close(self):
        self.ends = True
        self.thread.join()
        self.socket.close()
