"""Tests as an ordinary user: root reads and lists everything, whatever the permissions say."""

import ctypes
import multiprocessing
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from searchsvc.corpus import reader_process

_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2  # see capabilities(7)
_VERSION_3 = 0x20080522


@contextmanager
def without_privileges() -> Iterator[None]:
    """Obey permissions in this thread while the block runs, even as root."""
    if os.geteuid():
        yield
        return
    header = ctypes.create_string_buffer(struct.pack("Ii", _VERSION_3, 0))
    before = ctypes.create_string_buffer(24)
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.capget(header, before) == 0
    effective, *others = struct.unpack("6I", before.raw[:24])
    reduced = effective & ~(1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH)
    assert libc.capset(header, ctypes.create_string_buffer(struct.pack("6I", reduced, *others))) == 0
    try:
        with pytest.MonkeyPatch.context() as patch:
            # A server would fork the processes that read files, with its own privileges instead of those of this thread.
            patch.setattr(reader_process, "_context", lambda _: multiprocessing.get_context("fork"))
            yield
    finally:
        assert libc.capset(header, before) == 0
