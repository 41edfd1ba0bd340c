import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a ROS package is in one of the sourced workspaces. */
export function isPackageInstalled(
  name: string,
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
): boolean {
  const prefixes = (environment.AMENT_PREFIX_PATH ?? '').split(delimiter).filter((prefix) => prefix !== '');
  return prefixes.some((prefix) => existsSync(join(prefix, 'share', name, 'package.xml')));
}
