"""Checks whether the program at the other end of a local socket belongs to the same user.

The socket's place alone proves nothing: in a folder that all users share, anybody can be first to
take a name.  The system itself knows who is at the other end.
"""

import os
import socket
import struct
import sys

_LINUX_CREDENTIALS = struct.Struct("3i")
"""Process, user and group, as `SO_PEERCRED` gives them."""
_MAC_OPTION, _MAC_LEVEL = 1, 0
_MAC_CREDENTIALS = struct.Struct("2I")
"""Version and user, the beginning of `LOCAL_PEERCRED`."""


def is_same_user(descriptor: int) -> bool:
    """Ask the system who is at the other end of a connected local socket.

    On Windows, whose pipes have no such question, the pipe's own access rights decide.
    """
    if sys.platform == "win32":
        return True
    with socket.socket(fileno=os.dup(descriptor)) as peer:
        try:
            if sys.platform == "darwin":
                size = _MAC_CREDENTIALS.size
                found = peer.getsockopt(_MAC_LEVEL, _MAC_OPTION, 128)
                _version, user = _MAC_CREDENTIALS.unpack(found[:size])
            else:
                found = peer.getsockopt(
                    socket.SOL_SOCKET, socket.SO_PEERCRED, _LINUX_CREDENTIALS.size
                )
                _process, user, _group = _LINUX_CREDENTIALS.unpack(found)
        except (OSError, struct.error):
            return False
    return user == os.getuid()
