#   An example of a configuration of ztalk's broker, for: ztalk-broker -c FILE
#
#   Each value here is the one that is used when it is left out. What is inside a section
#   is indented by four spaces; what the command line says goes before the file. On SIGHUP, and
#   with 'ztalk-ctl reload', it is read again: replay, registration, motd, level and all limits
#   change at once, the others when the broker is started anew.

listen
    #   Where to listen: tcp://HOST:PORT or ipc://PATH, a line for each. HOST is * for all
    #   interfaces. With plain = local it is tcp://127.0.0.1:5555 when none is there.
    endpoint = tcp://*:5555

    #   no         what goes over tcp is encrypted
    #   local      nothing is, and only this machine gets there
    #   anywhere   nothing is, and everybody on the way may read along
    plain = no

    #   Whether the public key is told to who asks, beside each endpoint of tcp: yes or no;
    #   and on which port, 0: on the next one after that of each.
    key_service = yes
    key_port = 0

store
    #   Where messages, the broker's key and the like are kept; "": in $STATE_DIRECTORY (of
    #   systemd), else $XDG_STATE_HOME/ztalk, else ~/.local/state/ztalk.
    directory = ""

    #   Whether messages are kept in memory, and forgotten at the end: yes or no.
    ephemeral = no

    #   What a message survives when its sender is told that it is stored:
    #   power      a power cut
    #   process    the end of the broker, kill -9 included, but no power cut; faster
    sync = power

    #   For how many days a message is kept on disk; 0: for ever.
    keep_days = 0

    #   How many MiB of the newest messages are kept, about; 0: all of them, or 256 with
    #   --ephemeral.
    keep_mb = 0

    #   How many of the messages that a device has missed it is sent, the newest. It is
    #   told how many were left out; they can be found with /history.
    replay = 10000

access
    #   Who may take a name that is nobody's:
    #   open       everybody
    #   invite     who has an invitation (the command 'invite NAME' makes one)
    #   closed     nobody; 'admit NAME KEY' lets somebody in
    registration = open

    #   A word to everybody who connects.
    motd = ""

    #   The name that the broker itself speaks as (the command 'say'), and nobody can take.
    say_as = broker

announce
    #   Whether clients that ask the network for brokers (plain 'ztalk') are answered, over
    #   UDP port 5555: yes or no.
    lan = yes

    #   On which interfaces, such as eth0,wlan0; "": on all.
    interfaces = ""

    #   What the broker calls itself to them; "": the host's name.
    name = ""

http
    #   On which port what the broker counts is told over HTTP, for Prometheus
    #   (GET /metrics) and for who asks whether it is well (GET /healthz); 0: on none.
    port = 0

    #   The address of it: who gets there may read how much is said.
    address = 127.0.0.1

log
    #   The least important lines that are logged: error, warning, notice (what does not
    #   happen every day), info (who comes and goes) or debug (connections and commits).
    level = info

    #   text       a time and a sentence, for people
    #   json       an object of JSON a line
    format = text

operators
    #   Whether commands are read from stdin:
    #   terminal   if it is a terminal
    #   yes, no    always, never
    console = terminal

    #   The path of the socket of ztalk-ctl; "": "control" in the directory; no: there is none.
    control = ""

limits
    #   How many messages a user may send a second, for long; 0: as many as they like.
    #   What is too much is refused, and clients send it again later.
    messages_per_s = 1000

    #   How many they may send at once, when they have been quiet before.
    messages_burst = 2000

    #   How many connections an address may open a second, for long; 0: as many as it likes.
    connections_per_s = 100

    #   How many it may open at once, when it has been quiet before.
    connections_burst = 200

    #   How many MiB all connections together may make the broker hold that they have not
    #   read, or not sent to the end. Beyond it those that hold most are ended.
    peers_mb = 512
