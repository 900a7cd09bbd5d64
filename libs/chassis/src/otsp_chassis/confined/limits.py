"""What the process gives up: memory, time, writing, the network, other programs, all but fonts.

Resource limits hold everywhere. On Linux a system call filter and, where the kernel has it
(5.13), Landlock are laid on top; neither needs a privilege, and neither can be taken off again.
"""

import ctypes
import os
import platform
import resource
import sys
from collections.abc import Iterable
from pathlib import Path

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 10
_OPEN_FILES = 64

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_LOAD, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _MACHINE_AT = 0, 4
_ALLOWED, _REFUSED = 0x7FFF0000, 0x00050001  # the latter: error EPERM
_X32 = 0x40000000  # the other numbers of the same calls on x86-64
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_FORBIDDEN = {
    # socket, socketpair, clone, fork, vfork, execve, kill, ptrace, process_vm_readv and _writev,
    # execveat, io_uring_setup, clone3
    "x86_64": (41, 53, 56, 57, 58, 59, 62, 101, 310, 311, 322, 425, 435),
    "aarch64": (198, 199, 220, 221, 129, 117, 270, 271, 281, 425, 435),
}

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILES_AND_FOLDERS = 0b1100
_BENEATH = 1
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many kinds of access to files each version of Landlock knows."""


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("folder", ctypes.c_int32))


def confine(*, answer_bytes: int, readable: Iterable[Path]) -> None:
    """For good. What was imported before stays usable; below `readable` files may be read.

    The answer goes to a file that stands open already and grows to `answer_bytes` at most.
    """
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, answer_bytes)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux" and platform.machine() in _MACHINES:
        kernel = ctypes.CDLL(None, use_errno=True)
        _require(kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _close_files(kernel, readable)
        _filter_calls(kernel, platform.machine())


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _close_files(kernel: ctypes.CDLL, readable: Iterable[Path]) -> None:
    version = kernel.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    rights = _RIGHTS_BY_VERSION[min(version, max(_RIGHTS_BY_VERSION))]
    handled = ctypes.c_uint64((1 << rights) - 1)
    rules = kernel.syscall(_CREATE_RULESET, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    _require(rules)
    for folder in readable:
        if folder.is_dir():
            opened = os.open(folder, os.O_PATH | os.O_DIRECTORY)
            rule = _Beneath(_READ_FILES_AND_FOLDERS, opened)
            _require(kernel.syscall(_ADD_RULE, rules, _BENEATH, ctypes.byref(rule), 0))
            os.close(opened)
    _require(kernel.syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _filter_calls(kernel: ctypes.CDLL, machine: str) -> None:
    calls = _FORBIDDEN[machine]
    rest = len(calls) + 1
    steps = [
        _Step(_LOAD, 0, 0, _MACHINE_AT),
        _Step(_EQUALS, 0, rest + 2, _MACHINES[machine]),
        _Step(_LOAD, 0, 0, _NUMBER_AT),
        _Step(_AT_LEAST, rest, 0, _X32),
        *(_Step(_EQUALS, rest - place - 1, 0, call) for place, call in enumerate(calls)),
        _Step(_RETURN, 0, 0, _ALLOWED),
        _Step(_RETURN, 0, 0, _REFUSED),
    ]
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    _require(kernel.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0))


def _require(result: int) -> None:
    """A process that cannot be confined must not go on."""
    if result < 0:
        raise OSError(ctypes.get_errno(), "the kernel refused to confine the process")
