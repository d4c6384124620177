"""Another account for a student's process, where the command runs as root."""

import os
import struct

from recbook.mark import syscalls

FIRST, HOW_MANY = 50_000, 10_000  # numbers of accounts that are not in use
_KEEP, _AMBIENT, _RAISE = 8, 47, 2  # of prctl
_READ_ALL = 1 << 2  # CAP_DAC_READ_SEARCH
_VERSION = 0x20080522  # of capset, with two words of each kind


def give_up(folder, reads_all):
    """Switch from root to an unused account that owns a folder.

    The limit on processes then holds, which it does not for root. The process can
    neither write the files of others nor end their processes.

    Parameters
    ----------
    folder : str
        Where the student's process may write.
    reads_all : bool
        Whether it may read every file that the fence allows, also below /root.

    Returns
    -------
    bool
        Whether it was done: False where this process is not root.
    """
    if os.getuid() != 0:
        return False
    libc = syscalls.libc()
    number = FIRST + os.getpid() % HOW_MANY
    os.chown(folder, number, number)
    if reads_all:
        libc.prctl(_KEEP, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)
    if reads_all:
        words = struct.pack("6I", *3 * (_READ_ALL,), 0, 0, 0)
        if libc.capset(struct.pack("Ii", _VERSION, 0), words) != 0:
            raise OSError("the privileges of root cannot be given up")
        libc.prctl(_AMBIENT, _RAISE, 2, 0, 0)  # for a Python that it starts
    return True
