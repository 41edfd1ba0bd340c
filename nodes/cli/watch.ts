import type { Command } from 'commander';
import { rxdepthHome } from '../../models/rxdepth-home.js';
import { addAdaptationFlags, swallowed } from '../../msgs/adaptation/adaptation-flags.js';
import type { AdaptationRequest } from '../../msgs/adaptation/adaptation-request.js';
import { addCameraFlags } from '../../msgs/camera/camera-flags.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import { NodeError } from '../errors.js';
import { parsePositive } from './replay-options.js';

interface Flags extends CameraSettings, AdaptationRequest {
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
    .argument('[folder]', 'where drives appear: bag folders, .mcap or .db3 files')
    .option('--minutes <n>', 'time for each drive', parsePositive, 10)
    .option(
      '--settle <seconds>',
      'a drive is complete when it did not change for so long',
      parsePositive,
      20,
    );
  addAdaptationFlags(command);
  addCameraFlags(command, ' of all drives').action(watch);
}

async function watch(folder: string | undefined, flags: Flags): Promise<void> {
  if (folder === undefined)
    throw new NodeError(`expected a \`folder\` to watch, got none${swallowed(flags, 'the folder')}.`);
  const { minutes, settle, method, guard, teacher, cameraHeight, ...camera } = flags;
  const request = { method, guard, teacher, cameraHeight };
  const { AdaptationRuns } = await import('../adaptation-node/adaptation-runs.js');
  const { checkRequest } = await import('../adaptation-node/check-request.js');
  const { DriveWatch } = await import('../adaptation-node/drive-watch.js');
  const { findDrives } = await import('../adaptation-node/find-drives.js');
  const drives = await findDrives(folder, guard);
  await checkRequest(request);
  const say = (text: string) => process.stdout.write(`${new Date().toISOString()} ${text}\n`);
  say(`watching ${folder}, ${drives.length} drives there`);
  const runs = new AdaptationRuns({ minutes, camera: () => camera, request });
  const home = rxdepthHome();
  const drive = new DriveWatch({ ...{ folder, runs, home, settleSeconds: settle, say }, guards: guard });
  drive.begin();
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  say('stopping');
  await drive.pause();
}
