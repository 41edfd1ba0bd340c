import type { Command } from 'commander';
import { rxdepthHome } from '../../models/rxdepth-home.js';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import { parsePositive } from './replay-options.js';

interface Flags extends CameraSettings {
  readonly minutes: number;
  readonly settle: number;
}

/** `rxdepth watch`: what the adaptation node does, without ROS. */
export function register(program: Command): void {
  const command = program
    .command('watch')
    .summary('adapt to every recorded drive that appears in a folder')
    .description(
      'Adapts the model to every recorded drive that appears in a folder (`rxdepth adapt`, at the lowest priority), each ' +
        'once, oldest first, until Ctrl-C. What was done is kept in $RXDEPTH_HOME: after a kill it goes on where it was. ' +
        'What the judge promotes is taken by `rxdepth replay --follow` and by running nodes.',
    )
    .argument('<folder>', 'where drives appear: bag folders, .mcap or .db3 files')
    .option('--minutes <n>', 'time for each drive', parsePositive, 10)
    .option(
      '--settle <seconds>',
      'a drive is complete when it did not change for so long',
      parsePositive,
      20,
    );
  addCameraFlags(command, ' of all drives').action(watch);
}

async function watch(folder: string, { minutes, settle, ...camera }: Flags): Promise<void> {
  const { AdaptationRuns } = await import('../adaptation-node/adaptation-runs.js');
  const { DriveWatch } = await import('../adaptation-node/drive-watch.js');
  const { findDrives } = await import('../adaptation-node/find-drives.js');
  const drives = await findDrives(folder);
  const say = (text: string) => process.stdout.write(`${new Date().toISOString()} ${text}\n`);
  say(`watching ${folder}, ${drives.length} drives there`);
  const runs = new AdaptationRuns({ minutes, camera: () => camera });
  const drive = new DriveWatch({ folder, runs, home: rxdepthHome(), settleSeconds: settle, say });
  drive.begin();
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  say('stopping');
  await drive.pause();
}
