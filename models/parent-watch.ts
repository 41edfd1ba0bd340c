import { workerData } from 'node:worker_threads';

/** A worker that ends its process when the parent is gone, even while the main thread is busy in native code. */
const parent = workerData as number; // `watchParent` gives it
const LOOK_MS = 1000;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, LOOK_MS);
