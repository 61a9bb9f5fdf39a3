"""Describes this process to the host and to the user."""
import sys
from os import getpid, getppid, path

from pipescope_socket import TOKEN


def describe_process():
    """Returns the part of the first batch that does not depend on the probe's state."""
    hello = {'pid': getpid(), 'ppid': getppid(), 'threadId': 0, 'name': program_name()[:200],
             'runtime': 'python %d.%d.%d' % sys.version_info[:3]}
    if TOKEN:
        hello['token'] = TOKEN
    return hello


def program_name():
    """Returns the name of the module after `-m`, or of the script."""
    arguments = getattr(sys, 'orig_argv', None) or getattr(sys, 'argv', None) or ['python']
    for option, name in zip(arguments[1:], arguments[2:]):
        if option == '-m':
            return name
        if not option.startswith('-'):
            break
    script = (getattr(sys, 'argv', None) or ['python'])[0]
    return path.basename(script) if script not in ('', '-c', '-m') else 'python'
