import { parentPort, workerData } from 'node:worker_threads';
import { simulateDrive } from '../../simulator/drive.js';
import { SampleStore } from '../stores/sample-store.js';
import { type DriveWorkerData, describeDrives, driveOptions } from './simulator-drives.js';

/** Worker thread that renders drives into a store. */
const port = parentPort;
if (port === null) throw new Error('simulator-drive-worker runs as a worker thread');
const { folder, set } = workerData as DriveWorkerData; // what `fill` sends
const store = SampleStore.open(folder, describeDrives(set));

port.on('message', (drive: number) => {
  let frame = drive * set.framesPerDrive;
  for (const sample of simulateDrive(driveOptions(set, drive))) store.write(frame++, sample);
  port.postMessage(drive);
});
