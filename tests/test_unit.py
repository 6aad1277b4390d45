#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The broker as its systemd unit runs it, without systemd: what the unit allows is enough.

The unit's ExecStart gets systemd's environment and a kernel's filter of system calls, made
of SystemCallFilter, RestrictAddressFamilies and MemoryDenyWriteExecute; as root, it runs as a
user of its own. README.md has the figure of systemd-analyze security.

    test_unit.py        with ZTALK_BIN and ZTALK_SOURCE in the environment; ends with 77 if
                        systemd-analyze or python3-seccomp is not there
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

try:
    import seccomp
except ImportError:
    seccomp = None

BIN, SOURCE = os.environ["ZTALK_BIN"], os.environ["ZTALK_SOURCE"]
USER = 61234
SECONDS = 60


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", "--no-pager", *arguments], text=True, timeout=SECONDS,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def read_unit(path):
    """The settings of [Service]: a list of values for each name."""
    settings = {}
    with open(path) as file:
        for line in file:
            name, is_setting, value = line.strip().partition("=")
            if is_setting and not line.startswith("#"):
                settings.setdefault(name, []).append(value)
    return settings


def calls_of(name):
    """The system calls of a name in SystemCallFilter."""
    if not name.startswith("@"):
        return {name}
    rows = analyze("syscall-filter", name).stdout.splitlines()[1:]
    calls = set()
    for row in rows:
        row = row.strip()
        if row and not row.startswith("#"):
            calls |= calls_of(row)
    return calls


def allowed_calls(unit):
    calls = set(calls_of("@default"))
    for value in unit["SystemCallFilter"]:
        for name in value.lstrip("~").split():
            calls = calls - calls_of(name) if value.startswith("~") else calls | calls_of(name)
    return calls | {"execve"}  # what systemd itself needs to start the program


def make_filter(unit):
    """All that is not allowed fails with EPERM, as the unit says."""
    error = seccomp.ERRNO(getattr(__import__("errno"), unit["SystemCallErrorNumber"][0]))
    rules = seccomp.SyscallFilter(error)
    families = [getattr(socket, name) for name in unit["RestrictAddressFamilies"][0].split()]
    for call in allowed_calls(unit):
        if seccomp.resolve_syscall(seccomp.Arch(), call) < 0:
            continue  # of another processor
        if call == "socket":
            for family in families:
                rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, int(family)))
        elif call == "mmap":  # PROT_WRITE and PROT_EXEC together
            for bits in range(4):
                if bits != 3:
                    rules.add_rule(seccomp.ALLOW, call,
                                   seccomp.Arg(2, seccomp.MASKED_EQ, 6, bits << 1))
        elif call in ("mprotect", "pkey_mprotect"):
            rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(2, seccomp.MASKED_EQ, 4, 0))
        else:
            rules.add_rule(seccomp.ALLOW, call)
    return rules


def as_unit(rules):
    """Run in the child: a user without rights, and the filter, which also sets no_new_privs."""
    def prepare():
        os.umask(0o077)
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(USER)
            os.setuid(USER)
        rules.load()
    return prepare


def check(condition, why):
    if not condition:
        raise SystemExit(f"test_unit: {why}")


def check_analysis(unit):
    """What systemd thinks of the unit: nothing to complain of, and the figure of README.md."""
    with tempfile.TemporaryDirectory() as directory:
        copy = os.path.join(directory, "ztalk-broker.service")
        with open(unit) as file, open(copy, "w") as out:
            out.write(re.sub("@ZTALK_BINDIR@", BIN, file.read()))
        complaints = [line for line in analyze("verify", copy).stdout.splitlines()
                      if "ztalk-broker.service" in line and "'man " not in line]
        check(not complaints, "\n".join(complaints))
        answer = analyze("security", "--offline=true", copy).stdout
    figure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", answer)
    check(figure, answer)
    with open(os.path.join(SOURCE, "README.md")) as file:
        told = re.search(r"`systemd-analyze security`[^0-9]*([0-9]+\.[0-9]+)", file.read())
    check(told and told[1] == figure[1],
          f"README.md says {told and told[1]}, systemd-analyze says {figure[1]}")


def check_filter(rules):
    """The filter is one: what it does not allow fails under it."""
    program = ("import os, socket\n"
               "for what in (lambda: os.chown('/', 0, 0), lambda: socket.socket(socket.AF_PACKET)):\n"
               "    try: what()\n"
               "    except PermissionError: continue\n"
               "    raise SystemExit(1)\n"
               "os.getpid(); socket.socket().close()\n")
    child = subprocess.run([sys.executable, "-c", program], preexec_fn=as_unit(rules), timeout=SECONDS,
                           check=False)
    check(child.returncode == 0, "the filter allows what it should not")


def run(*command, stdin=""):
    """Runs a program to its end; what it printed."""
    child = subprocess.run(command, input=stdin, text=True, timeout=SECONDS, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False)
    check(child.returncode == 0, f"{command} has ended with {child.returncode}:\n{child.stdout}")
    return child.stdout


def expect_told(manager, wanted):
    """Waits until systemd's socket is told that."""
    while wanted not in manager.recv(65536).decode().split("\n"):
        pass


def make_environment(unit, directory):
    """What systemd tells the broker: its directories, made as systemd makes them, and a watchdog."""
    environment = {"PATH": os.environ["PATH"], "WATCHDOG_USEC": "1000000",
                   "NOTIFY_SOCKET": os.path.join(directory, "notify")}
    check(unit["Type"] == ["notify"] and "WatchdogSec" in unit, "nothing is told to systemd")
    for name in ("State", "Runtime", "Configuration"):
        check(f"{name}Directory" in unit, f"the unit has no {name}Directory")
        path = environment[f"{name.upper()}_DIRECTORY"] = os.path.join(directory, name)
        os.mkdir(path, 0o755 if name != "State" else 0o700)
        if os.getuid() == 0:
            os.chown(path, USER, USER)
    with open(os.path.join(directory, "Configuration", "ztalk-broker.zpl"), "w") as file:
        file.write("limits\n    messages_per_s = 0\n")  # the bench needs it
    return environment


def talk(endpoint, turn):
    """Sends, asks for what was sent before, too, searches, and measures."""
    client = os.path.join(BIN, "ztalk")
    who = ("-e", endpoint, "-n", "olena")
    run(client, *who, stdin=f"turn {turn}\n")
    history = run(client, "history", "#general", *who)
    for past in range(turn + 1):
        check(f"turn {past}" in history, f"'turn {past}' is not in:\n{history}")
    run(client, "search", "turn", *who)
    run(os.path.join(BIN, "ztalk-bench"), "relay", "-p", "2", "-m", "2000", "-n", "1", "-e", endpoint)


def check_broker(unit, rules, directory):
    """It starts, does all that it does, and ends; the second time with what was kept."""
    environment = make_environment(unit, directory)
    start = unit["ExecStart"][0].replace("@ZTALK_BINDIR@", BIN).split()
    start += ["-e", "tcp://127.0.0.1:*", "-e", "tcp://[::1]:*", "-e", f"ipc://{directory}/State/socket",
              "--metrics", "*"]
    errors = os.path.join(directory, "errors")
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(environment["NOTIFY_SOCKET"])
    os.chmod(environment["NOTIFY_SOCKET"], 0o666)
    manager.settimeout(SECONDS)
    for turn in range(2):
        with open(errors, "w") as log:
            broker = subprocess.Popen(start, env=environment, preexec_fn=as_unit(rules), text=True,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        try:
            signal.alarm(SECONDS)
            ready = broker.stdout.readline().split()
            check(len(ready) == 3, "the broker does not start")
            expect_told(manager, "READY=1")
            expect_told(manager, "WATCHDOG=1")
            talk(f"{ready[1]}/{ready[2]}", turn)
            with open(errors) as log:
                metrics = re.search(r"http://\S+:\d+/metrics", log.read())
            check(metrics and b"ztalk_" in urllib.request.urlopen(metrics[0], timeout=SECONDS).read(),
                  "no metrics")
            run(os.path.join(BIN, "ztalk-ctl"), "-d", environment["STATE_DIRECTORY"], "users")
            check(unit["ExecReload"] == ["kill -HUP $MAINPID"], "a reload is no SIGHUP")
            broker.send_signal(signal.SIGHUP)
            expect_told(manager, "RELOADING=1")
            expect_told(manager, "READY=1")
            broker.send_signal(signal.SIGTERM)
            expect_told(manager, "STOPPING=1")
            check(broker.wait(SECONDS) == 0, f"the broker has ended with {broker.returncode}")
        except BaseException:
            with open(errors) as log:
                print(log.read())
            raise
        finally:
            signal.alarm(0)
            broker.kill()
            broker.wait()
            broker.stdout.close()
    manager.close()


def too_late(*_):
    raise TimeoutError(f"it has taken more than {SECONDS} s")


def main():
    if not shutil.which("systemd-analyze"):
        print("there is no systemd-analyze")
        return 77
    path = os.path.join(SOURCE, "broker", "ztalk-broker.service.in")
    check_analysis(path)
    if not seccomp:
        print("there is no python3-seccomp")
        return 77
    signal.signal(signal.SIGALRM, too_late)
    unit = read_unit(path)
    rules = make_filter(unit)
    check_filter(rules)
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        os.environ["ZTALK_HOME"] = os.path.join(directory, "home")
        check_broker(unit, rules, directory)
    print("the broker runs with what its unit allows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
