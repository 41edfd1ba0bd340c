import { parentPort, workerData } from 'node:worker_threads';
import { domainNamed } from '../simulator/domains.js';
import { simulateDrive } from '../simulator/drive.js';
import { SampleStore } from './sample-store.js';
import { type DriveWorkerData, describeDrives, driveOptions } from './simulator-drives.js';

/** Worker thread that renders drives into a store. */
const port = parentPort;
if (port === null) throw new Error('simulator-drive-worker runs as a worker thread');
const { folder, set } = workerData as DriveWorkerData;
const domain = domainNamed(set.domain);
const store = SampleStore.open(folder, describeDrives(set));

port.on('message', (drive: number) => {
  let frame = drive * set.framesPerDrive;
  for (const sample of simulateDrive({ domain, ...driveOptions(set, drive) })) store.write(frame++, sample);
  port.postMessage(drive);
});
