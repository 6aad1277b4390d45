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
