"""Runs commands one after the other and measures each from outside, as hyperfine does: a monotonic clock around the start
and the end, and the resource usage that the system reports for the process. Needs Python 3.8 on a POSIX system.

Reads one request per line and answers each with a line of JSON; see `TimerRequest` and `TimerAnswer` in process-timer.ts.
"""
import errno
import gc
import json
import os
import resource
import signal
import stat
import sys
import time

# The system reports the peak memory in kilobytes, macOS in bytes.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
# Ignored by Python or by this program. A measured program expects their default.
DEFAULT_SIGNALS = [signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ]


def find_program(command, env):
    """Returns the path of a command, like execvp. Raises an OSError if there is none that can be executed."""
    if os.sep in command:
        return command
    failure = errno.ENOENT
    for folder in os.get_exec_path(env):
        path = os.path.join(folder or os.curdir, command)
        try:
            if stat.S_ISREG(os.stat(path).st_mode):
                if os.access(path, os.X_OK):
                    return path
                failure = errno.EACCES
        except OSError:
            pass
    raise OSError(failure, os.strerror(failure))


def start(path, argv, env, actions):
    """Returns the process id. Like execvp, runs a script without an interpreter line with the shell."""
    try:
        return os.posix_spawn(path, argv, env, file_actions=actions, setsigdef=DEFAULT_SIGNALS)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return os.posix_spawn("/bin/sh", ["sh", path, *argv[1:]], env, file_actions=actions, setsigdef=DEFAULT_SIGNALS)


def run(request):
    argv, env = request["argv"], request["env"]
    os.chdir(request["cwd"])
    path = find_program(argv[0], env)
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, request.get("stderr") or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    start_ns = time.monotonic_ns()
    pid = start(path, argv, env, actions)
    _, status, usage = os.wait4(pid, 0)
    wall_ns = time.monotonic_ns() - start_ns
    answer = {"wallNs": wall_ns, "userNs": round(usage.ru_utime * 1e9), "systemNs": round(usage.ru_stime * 1e9)}
    # A process that was just started still has the memory of this one, so smaller peaks cannot be seen.
    if usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        answer["peakRssBytes"] = usage.ru_maxrss * RSS_UNIT
    if os.WIFSIGNALED(status):
        answer["signal"] = signal.Signals(os.WTERMSIG(status)).name
    else:
        answer["exitCode"] = os.WEXITSTATUS(status)
    return answer


def main():
    gc.disable()
    # The terminal sends its signals to the host, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            answer = run(json.loads(line))
        except OSError as error:
            answer = {"error": {"code": errno.errorcode.get(error.errno, ""), "message": str(error)}}
        print(json.dumps(answer), flush=True)


main()
