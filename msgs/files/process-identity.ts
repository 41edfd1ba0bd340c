import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';

/** Enough to tell whether a process that wrote this down is still the one with its number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Identifier of the machine's start; empty if the system does not tell. */
  readonly boot: string;
  /** When the process started, in the system's own units; empty where the system does not tell. */
  readonly started: string;
  /** In which the number counts: containers of one machine may share its name, but not its numbers. Empty as above. */
  readonly namespace?: string;
}

/** Identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid);
}

/** Identity of a process of this machine. */
export function identityOf(pid: number): ProcessIdentity {
  return {
    ...{ pid, host: os.hostname(), boot: textOf('/proc/sys/kernel/random/boot_id') },
    started: startOf(pid),
    namespace: namespaceOfNumbers(),
  };
}

/** Whether the process lives; undefined for one of another machine or container, of which nothing can be known. */
export function isAlive(other: ProcessIdentity): boolean | undefined {
  const own = ownIdentity();
  if (other.host !== own.host) return undefined;
  if (other.boot !== own.boot) return false;
  // Files of earlier versions do not say it.
  if (other.namespace !== undefined && other.namespace !== own.namespace) return undefined;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return other.started === startOf(other.pid);
}

/**
 * Field 22 of /proc/PID/stat, clock ticks since boot; counted behind the name, which may hold anything. A process that
 * has ended and whose parent has not noticed yet (Z) counts as gone.
 */
function startOf(pid: number): string {
  const text = textOf(`/proc/${pid}/stat`);
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? 'gone' : (fields[18] ?? '');
}

function namespaceOfNumbers(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
