"""Reads what this process uses."""
import os
import sys
from os import close, readlink

from pipescope_socket import open_high

try:
    from resource import RUSAGE_SELF, getrusage
except ImportError:  # Windows
    getrusage = None
_STATM = '/proc/self/statm'
_PAGE_BYTES = os.sysconf('SC_PAGE_SIZE') if hasattr(os, 'sysconf') else 4096
_PEAK_UNIT_BYTES = 1 if sys.platform == 'darwin' else 1024
_pread = getattr(os, 'pread', None)


class Resources:
    def __init__(self):
        self._statm = -1

    def open(self):
        if self._statm < 0:
            self._statm = open_high(_STATM)

    def close(self):
        """Closes the file unless the program has closed it and uses its number for another one."""
        statm, self._statm = self._statm, -1
        try:
            if statm >= 0 and readlink('/proc/self/fd/%d' % statm).endswith('/statm'):
                close(statm)
        except OSError:
            pass

    def read(self, system_call):
        """Returns the resource usage of this process, or None if the system does not report it (Windows)."""
        if getrusage is None:
            return None
        usage = getrusage(RUSAGE_SELF)
        peak = usage.ru_maxrss * _PEAK_UNIT_BYTES
        try:
            rss = int(system_call(_pread, self._statm, 100, 0).split()[1]) * _PAGE_BYTES if self._statm >= 0 else peak
        except (OSError, ValueError, IndexError):
            rss = peak
        return {'rssBytes': rss, 'heapBytes': 0, 'peakRssBytes': max(rss, peak), 'eventLoopDelayP99Ns': 0,
                'cpuNs': int((usage.ru_utime + usage.ru_stime) * 1e9)}
