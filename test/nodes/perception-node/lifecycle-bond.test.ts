import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import type { BondStatus } from '../../../msgs/bond-status.js';
import { LifecycleBond } from '../../../nodes/perception-node/lifecycle-bond.js';
import { isPackageInstalled } from '../../../nodes/transport/ros2/installed-package.js';
import { eventually, FakeRos } from '../fake-ros.js';

const TYPE = 'bond/msg/Status';

/** A manager's heartbeat, 50 a second. The node is `/test/perception`, the topic `/bond`. */
function heartbeat(ros: FakeRos, status: Partial<BondStatus> = {}): void {
  const message: BondStatus = {
    header: { stamp: { sec: 1, nanosec: 0 }, frame_id: '' },
    ...{ id: 'test/perception', instance_id: 'manager', active: true },
    ...{ heartbeat_timeout: 4, heartbeat_period: 0.02 },
    ...status,
  };
  ros.receive({ topic: '/bond', type: TYPE, stampNs: 1n, logTimeNs: 1n, message });
}

const said = (ros: FakeRos) => ros.on<BondStatus>('/bond');

test("a manager's bond is answered at once under its id, and again at its period", async (t) => {
  const ros = new FakeRos();
  const bond = new LifecycleBond(ros, () => true);
  bond.begin();
  t.deepEqual(said(ros), [], 'nobody asked yet');
  heartbeat(ros);
  t.is(said(ros).length, 1);
  await eventually(() => said(ros).length > 4);
  for (const status of said(ros)) t.like(status, { id: 'test/perception', active: true });
  const instances = new Set(said(ros).map(({ instance_id }) => instance_id));
  t.is(instances.size, 1);
  t.false(instances.has('manager'));
  t.is(ros.said.filter((line) => /formed the bond `test\/perception`/.test(line)).length, 1, ros.said.join());
  bond.end();
});

test('the node is meant by what ROS resolves to it, in the namespace of the topic', (t) => {
  for (const [id, isMeant] of [
    ['test/perception', true],
    ['/test/perception', true],
    ['perception', false],
    ['/perception', false],
    ['test/perception2', false],
    ['other/perception', false],
    ['', false],
  ] as const) {
    const ros = new FakeRos();
    const bond = new LifecycleBond(ros, () => true);
    bond.begin();
    heartbeat(ros, { id });
    t.is(said(ros).length, isMeant ? 1 : 0, id);
    bond.end();
  }
  // A manager in the namespace of the node, by a remapped topic.
  const ros = new FakeRos();
  ros.resolve = (topic) => (topic === '/bond' ? '/test/bond' : topic);
  const bond = new LifecycleBond(ros, () => true);
  bond.begin();
  heartbeat(ros, { id: 'perception' });
  t.is(said(ros).length, 1);
  bond.end();
});

test('a node that is active no more ends the bond, once, and a new one has another instance', async (t) => {
  const ros = new FakeRos();
  const bond = new LifecycleBond(ros, () => true);
  bond.end();
  bond.begin();
  heartbeat(ros);
  bond.end();
  t.deepEqual(
    said(ros).map(({ active }) => active),
    [true, false],
  );
  t.false(ros.advertised.has('/bond'));
  heartbeat(ros);
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.is(said(ros).length, 2, 'nothing is said after the end');
  bond.begin();
  heartbeat(ros);
  t.not(said(ros).at(-1)?.instance_id, said(ros)[0]?.instance_id);
  bond.end();
});

test('a manager that ends the bond is answered so, and its next one is taken', async (t) => {
  const ros = new FakeRos();
  const bond = new LifecycleBond(ros, () => true);
  bond.begin();
  heartbeat(ros, { active: false });
  t.deepEqual(said(ros), [], 'of a bond that never was nothing is said');
  heartbeat(ros);
  heartbeat(ros, { active: false });
  t.false(said(ros).at(-1)?.active);
  const after = said(ros).length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.is(said(ros).length, after);
  heartbeat(ros, { instance_id: 'another' });
  t.true(said(ros).at(-1)?.active);
  bond.end();
});

test('a manager that died and came back is answered under its new instance', (t) => {
  const ros = new FakeRos();
  const bond = new LifecycleBond(ros, () => true);
  bond.begin();
  heartbeat(ros);
  for (let beat = 0; beat < 10; beat++) heartbeat(ros, { instance_id: 'respawned' });
  heartbeat(ros, { instance_id: 'manager', active: false });
  const before = said(ros).length;
  heartbeat(ros, { instance_id: 'respawned', active: false });
  t.is(said(ros).length, before + 1);
  t.false(said(ros).at(-1)?.active);
  bond.end();
});

test('of two managers at once the first is kept, without a line for each heartbeat', (t) => {
  const ros = new FakeRos();
  const bond = new LifecycleBond(ros, () => true);
  bond.begin();
  for (let beat = 0; beat < 30; beat++) {
    heartbeat(ros);
    heartbeat(ros, { instance_id: 'another' });
  }
  t.is(ros.said.length, 1, ros.said.join());
  heartbeat(ros, { instance_id: 'another', active: false });
  t.true(said(ros).every(({ active }) => active));
  bond.end();
});

test('where the package bond is not installed there is no bond, and no trouble', (t) => {
  const ros = new FakeRos();
  const bond = new LifecycleBond(ros, () => false);
  bond.begin();
  heartbeat(ros);
  bond.end();
  t.deepEqual(ros.said, []);
  t.false(ros.advertised.has('/bond'));
});

test('messages that cannot be used cost the bond, with a word, and not the activation', (t) => {
  const ros = new FakeRos();
  ros.announce = () => {
    throw new Error('generate them');
  };
  const bond = new LifecycleBond(ros, () => true);
  bond.begin();
  bond.end();
  t.deepEqual(ros.said, ['warn no bond with a lifecycle manager: generate them']);
});

test('a package is installed where a sourced workspace has its manifest', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-package-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(path.join(folder, 'share', 'bond'), { recursive: true });
  const environment = { AMENT_PREFIX_PATH: `/nowhere:${folder}` };
  t.false(isPackageInstalled('bond', environment));
  await writeFile(path.join(folder, 'share', 'bond', 'package.xml'), '<package/>');
  t.true(isPackageInstalled('bond', environment));
  t.false(isPackageInstalled('bond', {}));
});

test('a period that cannot be is bounded', async (t) => {
  for (const heartbeat_period of [0, -1, Number.NaN, 1e9]) {
    const ros = new FakeRos();
    const bond = new LifecycleBond(ros, () => true);
    bond.begin();
    heartbeat(ros, { heartbeat_period });
    t.is(said(ros).length, 1);
    await eventually(() => said(ros).length > 1);
    t.true((said(ros)[0]?.heartbeat_period ?? 0) >= 0.0199);
    t.true((said(ros)[0]?.heartbeat_period ?? 2) <= 1);
    bond.end();
  }
});
