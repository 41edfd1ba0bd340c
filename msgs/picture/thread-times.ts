import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Clock ticks a second in `/proc`. Source: proc(5), sysconf(_SC_CLK_TCK): 100 on every Linux that Node.js runs on. */
const TICKS = 100;

/**
 * Processor time that each thread of this process has had, milliseconds. Where the system does not tell, one entry. It is the
 * process's time by the processors there are, which a thread may have had at the most of those who shared it evenly.
 */
export function threadTimes(): ReadonlyMap<string, number> {
  try {
    return new Map(readdirSync('/proc/self/task').flatMap((id) => timeOf(id)));
  } catch {
    const { user, system } = process.cpuUsage();
    return new Map([['process', (user + system) / 1000 / availableParallelism()]]);
  }
}

function timeOf(id: string): [string, number][] {
  try {
    const text = readFileSync(`/proc/self/task/${id}/stat`, 'latin1');
    // The name, in parentheses, may hold anything; the fields after it count from 3.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [[id, ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS]];
  } catch {
    return []; // it ended
  }
}
