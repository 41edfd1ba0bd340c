import { execFile } from 'node:child_process';
import { setPriority } from 'node:os';

const NICE = 19;

/**
 * Gives a process that was just started only what others leave of the processors: SCHED_IDLE by util-linux's `chrt`, where it
 * is there, else nice 19. A nice process keeps the processor for some milliseconds when a frame wants it, an idle one does
 * not (docs/hot-swap.md). Source: sched(7).
 */
export function runWhenIdle(pid: number): void {
  try {
    setPriority(pid, NICE);
  } catch {
    return; // It has ended already; its exit tells why.
  }
  // Threads that it starts later follow. Without chrt it stays nice.
  if (process.platform === 'linux')
    execFile('chrt', ['--all-tasks', '--idle', '--pid', '0', `${pid}`], () => {});
}
