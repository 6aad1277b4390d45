#   An example of a configuration of ztalk's broker, for: ztalk-broker -c FILE
#
#   Each value here is the one that is used when it is left out. What is inside a section
#   is indented by four spaces; what the command line says goes before the file.

store
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

announce
    #   Whether clients that ask the network for brokers (plain 'ztalk') are answered, over
    #   UDP port 5555: yes or no.
    lan = yes

http
    #   On which port of this machine what the broker counts is told over HTTP, for Prometheus
    #   (GET /metrics) and for who asks whether it is well (GET /healthz); 0: on none.
    port = 0

log
    #   The least important lines that are logged: error, warning, notice (what does not
    #   happen every day), info (who comes and goes) or debug (connections and commits).
    level = info

    #   text       a time and a sentence, for people
    #   json       an object of JSON a line
    format = text

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
