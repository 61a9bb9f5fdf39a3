import { existsSync, readFileSync } from 'node:fs';
import { HumanError } from '../../../core/human-error.ts';
import type { StacksRefusal } from '../../../protocol/python-stacks-message.ts';

const supportedVersions = '3.8 to 3.14';
const yamaFile = '/proc/sys/kernel/yama/ptrace_scope';

/** Returns the error that says why the stacks of a process cannot be read, and what to do. */
export function explainRefusal(pid: number, refusal: StacksRefusal | 'platform'): HumanError {
  return new HumanError(messageFor(pid, refusal));
}

function messageFor(pid: number, refusal: StacksRefusal | 'platform'): string {
  if (refusal === 'platform') {
    return 'Attaching to Python programs is possible on Linux only. Start the program with `pipescope run` instead.';
  }
  switch (refusal.reason) {
    case 'ended':
      return `No process ${pid} is running. Check the process ID.`;
    case 'not python':
      return `Process ${pid} does not run CPython, or its executable contains no symbols. Select a Python process.`;
    case 'starting':
      return `Process ${pid} has not started Python yet, or has just ended. Try again.`;
    case 'unknown version':
      return `Process ${pid} runs Python ${refusal.version || 'of an unknown version'}. Stacks can be read of Python ${supportedVersions}.`;
    case 'forbidden':
      return `The system does not permit reading the memory of process ${pid}. ${adviceFor(pid)}`;
  }
}

/** Returns what can be done: see ptrace(2), "Ptrace access mode checking". */
function adviceFor(pid: number): string {
  const start = 'start the program with `pipescope run`';
  if (ownerOf(pid) !== process.getuid?.())
    return `It belongs to another user. Run Pipescope as that user or as root, or ${start}.`;
  const scope = Number(readText(yamaFile) ?? 0);
  if (scope === 1) {
    return `Linux permits it only to the process that has started the program (${yamaFile} is 1). Run \`sudo sysctl kernel.yama.ptrace_scope=0\`, or ${start}.`;
  }
  if (scope === 2) return `Linux permits it only to root (${yamaFile} is 2). Run Pipescope as root, or ${start}.`;
  if (scope >= 3) return `Linux does not permit it to anyone until the next restart (${yamaFile} is ${scope}).`;
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) {
    return `In a container, that requires the capability SYS_PTRACE: \`docker run --cap-add=SYS_PTRACE\`. Otherwise ${start}.`;
  }
  return `Run Pipescope as root, or ${start}.`;
}

function ownerOf(pid: number): number | undefined {
  const uid = /^Uid:\s+(\d+)/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1];
  return uid === undefined ? undefined : Number(uid);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
