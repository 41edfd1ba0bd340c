import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * Lets other threads have the processor first: raises the nice value of the calling thread, and so of those it starts, by
 * `nice` (0..19). Only Linux has nice values of threads; elsewhere nothing happens. Source: setpriority(2), proc(5).
 */
export function yieldProcessor(nice: number): void {
  if (nice <= 0 || process.platform !== 'linux') return;
  // `<process>/task/<thread>`
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  setPriority(thread, Math.min(19, getPriority(thread) + nice));
}
