import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { NodeError } from '../../errors.js';
import type { Rclnodejs } from './rclnodejs.js';

/** What the loading depends on; replaced in tests. */
export interface RclnodejsSurroundings {
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly load: () => Promise<{ readonly default: Rclnodejs }>;
}

const own: RclnodejsSurroundings = {
  environment: process.env,
  load: async () => {
    // A name that the compiler does not know: rclnodejs is an optional peer.
    const name: string = 'rclnodejs';
    try {
      return (await import(name)) as { default: Rclnodejs };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
      // Imports do not look into NODE_PATH, where global and shared installations are found.
      const manifest = createRequire(import.meta.url).resolve('rclnodejs/package.json');
      return (await import(pathToFileURL(manifest.replace(/package\.json$/, 'dist/index.js')).href)) as {
        default: Rclnodejs;
      };
    }
  },
};

/**
 * The binding to ROS 2, loaded only by those who need it.
 * @throws NodeError saying what to run when ROS 2 is not sourced, or rclnodejs is missing or was built for another ROS.
 */
export async function loadRclnodejs({ environment, load }: RclnodejsSurroundings = own): Promise<Rclnodejs> {
  const distro = environment.ROS_DISTRO;
  if (distro === undefined || environment.AMENT_PREFIX_PATH === undefined) {
    throw new NodeError(
      'ROS 2 is not set up in this shell: expected `ROS_DISTRO` and `AMENT_PREFIX_PATH` in the environment; run ' +
        "`source /opt/ros/jazzy/setup.bash` (and your workspace's `install/setup.bash`) first.",
    );
  }
  try {
    return (await load()).default;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
    throw new NodeError(
      missing
        ? 'rclnodejs, the binding to ROS 2, is not installed: with ROS 2 sourced, run ' +
            '`npm install --no-save --save-prod rclnodejs@2.2` in the rxdepth folder (docs/ros2.md).'
        : `rclnodejs cannot be loaded under ROS 2 ${distro}: ${message.trim().split('\n')[0]}; with ROS 2 sourced, ` +
            'run `npm rebuild rclnodejs`.',
      { cause },
    );
  }
}
