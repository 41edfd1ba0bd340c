import { spawnSync } from 'node:child_process';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../../../models/package-root.js';

const FILE = path.join(packageRoot(), 'launch', 'launch', 'replay.launch.py');
const withPython = spawnSync('python3', ['--version']).status === 0 ? test : test.skip;

/** Prints what the launch file gives the recorder, without ROS: all that it imports is a stand-in. */
const PROGRAM = `
import importlib.util, sys
from unittest.mock import MagicMock
file, namespace = sys.argv[1:]
for name in ('', '.actions', '.event_handlers', '.events', '.launch_description_sources', '.substitutions'):
    sys.modules['launch' + name] = MagicMock()
for name in ('ament_index_python', 'ament_index_python.packages', 'launch_ros', 'launch_ros.actions', 'launch_ros.event_handlers'):
    sys.modules[name] = MagicMock()
spec = importlib.util.spec_from_file_location('replay', file)
replay = importlib.util.module_from_spec(spec)
spec.loader.exec_module(replay)
given = {'rate': '1', 'delay': '2', 'record': file + '.out', 'bag': file, 'namespace': namespace}
replay.LaunchConfiguration = lambda name: MagicMock(perform=lambda context: given[name])
replay.play(MagicMock(launch_configurations=given))
(command,) = [call.kwargs['cmd'] for call in replay.ExecuteProcess.call_args_list if 'record' in call.kwargs['cmd']]
print(command[command.index('--regex') + 1])
`;

for (const [namespace, topic, isAll] of [
  ['rxdepth', '/rxdepth/depth/image', false],
  ['/car/eyes/', '/car/eyes/depth/image', false],
  ['', '/depth/image', true],
  ['/', '/depth/image', true],
] as const)
  withPython(`replay.launch.py records what is published in the namespace \`${namespace}\``, (t) => {
    const { stdout, stderr, status } = spawnSync('python3', ['-c', PROGRAM, FILE, namespace], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    t.is(status, 0, stderr);
    const recorded = new RegExp(`^(?:${stdout.trim()})$`);
    t.regex(topic, recorded);
    t.regex('/tf_static', recorded);
    t.is(recorded.test('/other/depth/image'), isAll);
  });
