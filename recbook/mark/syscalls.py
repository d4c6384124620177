"""The system calls that a student's process may not make: seccomp.

Landlock rules files. It leaves UDP, sockets with a path, limits and priorities of other
processes, rights of files and queues of messages. A filter of system calls shuts them.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

# Of each machine, the number of a call; None where the machine has none.
# fmt: off
_REFUSED = {
    # the network, and everything else behind a socket
    "socket": (41, 198), "io_uring_setup": (425, 425),
    # the memory and files of other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    # their priorities
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    # what is shared by all processes of an account
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190),
    "semctl": (66, 191), "semop": (65, 193), "semtimedop": (220, 192),
    "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "msgctl": (71, 187), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # the kernel's own doors
    "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265),
}
# The rights, owners and times of files that it may read, too: nothing is done, and the
# call succeeds, so that `shutil.copy` goes on.
_IGNORED = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, None), "fchown": (93, 55),
    "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None),
    "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "setxattrat": (463, 463), "removexattrat": (466, 466),
}
_CLONE, _CLONE3, _PRLIMIT = (56, 220), (435, 435), (302, 261)
_FCNTL, _IOCTL = (72, 25), (16, 29)
_KILL, _TGKILL = (62, 129), (234, 131)
_OTHER_SIGNALS = {
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
}
# fmt: on
_OWNER_OF_FILE, _OWNER_OF_DEVICE = (8, 15), (0x8901, 0x8902)  # who gets its signals
_NEW_USER = 0x10000000  # of clone: an account that is root of its own world
_X32 = 0x40000000  # and above: a second table of the same calls
_ALLOW, _KILL_IT, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


def libc():
    """Return the functions of the C library."""
    return ctypes.CDLL(None, use_errno=True)


def give_up_new_privileges():
    """Let no program that is started get more rights: Linux asks for this first."""
    libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def refuse(signals):
    """Refuse these calls to this process and all that it starts, for good.

    Parameters
    ----------
    signals : bool
        Whether signals to others are refused, too. Landlock does it better, since it
        knows a process's own children, but only from Linux 6.12.

    Returns
    -------
    bool
        Whether it was done: only on Linux, and on two kinds of machines.
    """
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    if sys.maxsize < 2**32:
        return False
    code = b"".join(_program(*_MACHINES[platform.machine()], signals))
    kept = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(kept))
    give_up_new_privileges()
    return libc().prctl(_SECCOMP, _FILTER, program, 0, 0) == 0


def _program(machine, architecture, signals):
    """Yield the filter's instructions."""
    own, error = os.getpid(), _ERROR | errno.EPERM
    yield _step(_LOAD, 4)
    yield _step(_EQUAL, architecture, 1, 0)
    yield _step(_RETURN, _KILL_IT)
    yield _step(_LOAD, 0)
    yield _step(_AT_LEAST, _X32, 0, 1)
    yield _step(_RETURN, _ERROR | errno.ENOSYS)
    answers = [(_REFUSED, error), (_IGNORED, _ERROR)]
    answers += [(_OTHER_SIGNALS, error)] if signals else []
    for calls, answer in answers:
        for numbers in calls.values():
            if numbers[machine] is not None:
                yield _step(_EQUAL, numbers[machine], 0, 1)
                yield _step(_RETURN, answer)
    # glibc goes back to clone, of which a filter can read the flags.
    yield _step(_EQUAL, _CLONE3[machine], 0, 1)
    yield _step(_RETURN, _ERROR | errno.ENOSYS)
    yield from _where(_CLONE[machine], 0, [_NEW_USER], error, _ALLOW, _BITS)
    yield from _where(_PRLIMIT[machine], 0, [0, own], _ALLOW, error)
    yield from _where(_FCNTL[machine], 1, _OWNER_OF_FILE, error, _ALLOW)
    yield from _where(_IOCTL[machine], 1, _OWNER_OF_DEVICE, error, _ALLOW)
    if signals:
        mine = [0, own, 2**32 - own]  # it leads its group
        yield from _where(_KILL[machine], 0, mine, _ALLOW, error)
        yield from _where(_TGKILL[machine], 0, [own], _ALLOW, error)
    yield _step(_RETURN, _ALLOW)


def _where(number, place, values, hit, miss, test=_EQUAL):
    """Yield instructions: a call with one of these values as its argument is a hit."""
    yield _step(_EQUAL, number, 0, len(values) + 3)
    yield _step(_LOAD, 16 + 8 * place)
    for left, value in zip(range(len(values), 0, -1), values, strict=True):
        yield _step(test, value, left, 0)
    yield _step(_RETURN, miss)
    yield _step(_RETURN, hit)


def _step(code, value, then=0, otherwise=0):
    return struct.pack("HBBI", code, then, otherwise, value)
