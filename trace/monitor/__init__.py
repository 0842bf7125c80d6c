"""The log seen from outside: its published files read, checked and followed, with nothing trusted but its key."""
