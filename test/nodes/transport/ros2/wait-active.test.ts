import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { packageRoot } from '../../../../models/package-root.js';

const SCRIPT = path.join(packageRoot(), 'launch', 'scripts', 'wait_active');
const withPython = spawnSync('python3', ['--version']).status === 0 ? test : test.skip;

/** The parts of rclpy that it uses, without ROS: a graph whose only node is in one state, or absent (`None`). */
function stub(state: string): Readonly<Record<string, string>> {
  return {
    'rclpy/__init__.py': `
import time
from . import executors
running = True
def init(): pass
def ok(): return running
def spin_until_future_complete(node, future, timeout_sec): pass
`,
    'rclpy/executors.py': 'class ExternalShutdownException(Exception): pass',
    'rclpy/utilities.py': 'def remove_ros_args(args): return args',
    'rclpy/node.py': `
import time, types, rclpy
STATE = ${state}
class Client:
    def wait_for_service(self, seconds):
        print('asked', flush=True)
        if STATE == 'shut down':
            rclpy.running = False
            return False
        if STATE is None: time.sleep(seconds)
        return STATE is not None
    def call_async(self, request):
        answer = types.SimpleNamespace(current_state=types.SimpleNamespace(id=STATE))
        return types.SimpleNamespace(done=lambda: True, result=lambda: answer)
class Node:
    def __init__(self, name): pass
    def create_client(self, kind, name): return Client()
    def get_logger(self): return types.SimpleNamespace(error=print)
`,
    'lifecycle_msgs/__init__.py': '',
    'lifecycle_msgs/msg.py': 'class State:\n    PRIMARY_STATE_UNCONFIGURED = 1\n    PRIMARY_STATE_ACTIVE = 3',
    'lifecycle_msgs/srv.py': 'class GetState:\n    class Request: pass',
  };
}

async function waiting(t: ExecutionContext, state: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-wait-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(stub(state))) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const child = spawn('python3', [SCRIPT, '/rxdepth/perception'], {
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const asked = new Promise((resolve) => child.stdout.once('data', resolve));
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, asked, code };
}

withPython('an active node ends the wait with 0', async (t) => {
  const { code } = await waiting(t, '3');
  t.is(await code, 0);
});

withPython('Ctrl-C ends the wait with 130: nobody takes it for an active node', async (t) => {
  const { child, asked, code } = await waiting(t, 'None');
  await asked;
  child.kill('SIGINT');
  t.is(await code, 130);
});

withPython('a ROS that is shut down meanwhile ends the wait with 130, too', async (t) => {
  const { code } = await waiting(t, "'shut down'");
  t.is(await code, 130);
});
