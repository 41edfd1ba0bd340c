import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { packageRoot } from '../../models/package-root.js';

/**
 * Type of a parameter as rclcpp checks it: a number without a point is no double, and one with a point no integer.
 * Source of names and types: navigation2, branch jazzy at f4108e5: nav2_costmap_2d/src/costmap_2d_ros.cpp, plugins/voxel_layer.cpp,
 * plugins/obstacle_layer.cpp, plugins/inflation_layer.cpp, and nav2_lifecycle_manager/src/lifecycle_manager.cpp.
 */
type Kind = 'bool' | 'int' | 'double' | 'string' | 'strings';
type Table = Readonly<Record<string, Kind>>;

const COSTMAP: Table = {
  ...{
    always_send_full_costmap: 'bool',
    map_vis_z: 'double',
    footprint_padding: 'double',
    footprint: 'string',
  },
  ...{
    global_frame: 'string',
    height: 'int',
    width: 'int',
    lethal_cost_threshold: 'int',
    map_topic: 'string',
  },
  ...{
    observation_sources: 'string',
    origin_x: 'double',
    origin_y: 'double',
    plugins: 'strings',
    filters: 'strings',
  },
  ...{
    publish_frequency: 'double',
    resolution: 'double',
    robot_base_frame: 'string',
    robot_radius: 'double',
  },
  ...{
    rolling_window: 'bool',
    track_unknown_space: 'bool',
    transform_tolerance: 'double',
    use_maximum: 'bool',
  },
  ...{ initial_transform_timeout: 'double', trinary_costmap: 'bool', unknown_cost_value: 'int' },
  update_frequency: 'double',
};
const OBSTACLES: Table = {
  ...{ enabled: 'bool', footprint_clearing_enabled: 'bool', min_obstacle_height: 'double' },
  ...{ max_obstacle_height: 'double', combination_method: 'int', observation_sources: 'string' },
};
const LAYERS: Readonly<Record<string, Table>> = {
  'nav2_costmap_2d::ObstacleLayer': OBSTACLES,
  'nav2_costmap_2d::VoxelLayer': {
    ...OBSTACLES,
    ...{ z_voxels: 'int', origin_z: 'double', z_resolution: 'double', unknown_threshold: 'int' },
    ...{ mark_threshold: 'int', publish_voxel_map: 'bool' },
  },
  'nav2_costmap_2d::InflationLayer': {
    ...{
      enabled: 'bool',
      inflation_radius: 'double',
      cost_scaling_factor: 'double',
      inflate_unknown: 'bool',
    },
    inflate_around_unknown: 'bool',
  },
};
const SOURCE: Table = {
  ...{
    topic: 'string',
    sensor_frame: 'string',
    observation_persistence: 'double',
    expected_update_rate: 'double',
  },
  ...{
    data_type: 'string',
    min_obstacle_height: 'double',
    max_obstacle_height: 'double',
    inf_is_valid: 'bool',
  },
  ...{ marking: 'bool', clearing: 'bool', obstacle_max_range: 'double', obstacle_min_range: 'double' },
  ...{ raytrace_max_range: 'double', raytrace_min_range: 'double' },
};
const MANAGER: Table = {
  ...{
    node_names: 'strings',
    autostart: 'bool',
    bond_timeout: 'double',
    bond_respawn_max_duration: 'double',
  },
  attempt_respawn_reconnection: 'bool',
};

/** Scalars are what they are written as, so that 20 and 20.0 differ. */
type Written = string | readonly string[] | { readonly [name: string]: Written };
interface Section {
  readonly [name: string]: Written;
}

const root = packageRoot();
const file = readFileSync(path.join(root, 'launch', 'config', 'nav2.yaml'), 'utf8');
const parameters = parse(file, { schema: 'failsafe' }) as {
  readonly local_costmap: { readonly local_costmap: { readonly ros__parameters: Section } };
  readonly lifecycle_manager_perception: { readonly ros__parameters: Section };
};

function kindOf(value: Written | undefined): Kind | 'section' | 'absent' {
  if (value === undefined) return 'absent';
  if (typeof value !== 'string') return Array.isArray(value) ? 'strings' : 'section';
  if (/^(true|false)$/.test(value)) return 'bool';
  if (/^-?\d+$/.test(value)) return 'int';
  return /^-?\d+\.\d*$/.test(value) ? 'double' : 'string';
}

/** What is no parameter of the table, or of another type. */
function unfit(section: Section, table: Table): string[] {
  return Object.entries(section).flatMap(([name, value]) =>
    table[name] === kindOf(value)
      ? []
      : [`${name}: ${kindOf(value)}, expected ${table[name] ?? 'no such parameter'}`],
  );
}

function without(section: Section, names: readonly string[]): Section {
  return Object.fromEntries(Object.entries(section).filter(([name]) => !names.includes(name)));
}

const costmap = parameters.local_costmap.local_costmap.ros__parameters;
const plugins = costmap.plugins as readonly string[];
const layers = plugins.map((name) => costmap[name] as Section);

test("every parameter of nav2.yaml is one of Nav2's, and of its type", (t) => {
  t.deepEqual(unfit(without(costmap, plugins), COSTMAP), []);
  t.true(layers.length >= 3);
  for (const layer of layers) {
    const table = LAYERS[layer.plugin as string];
    if (table === undefined) {
      t.fail(`no layer ${String(layer.plugin)}`);
      continue;
    }
    const sources = ((layer.observation_sources ?? '') as string).split(' ').filter((name) => name !== '');
    t.deepEqual(unfit(without(layer, ['plugin', ...sources]), table), []);
    for (const name of sources) t.deepEqual(unfit(layer[name] as Section, SOURCE), [], name);
  }
  t.deepEqual(unfit(parameters.lifecycle_manager_perception.ros__parameters, MANAGER), []);
});

test('what Nav2 does not have, or has as another type, is found', (t) => {
  t.deepEqual(
    unfit({ marking: 'true', obstacle_range: '2.5', topic: '/scan', obstacle_max_range: '12' }, SOURCE),
    ['obstacle_range: double, expected no such parameter', 'obstacle_max_range: int, expected double'],
  );
});

test("Nav2 marks no wall at the end of the scan's range, and drops nothing for the camera's height", (t) => {
  const defaults = readFileSync(path.join(root, 'launch', 'config', 'perception.yaml'), 'utf8');
  const range = Number(/^ +obstacle_range: (\S+)/m.exec(defaults)?.[1]);
  const layer = layers.find(({ observation_sources: sources }) => sources === 'scan');
  const scan = layer?.scan as Section;
  t.is(scan.inf_is_valid, 'true');
  t.true(Number(scan.obstacle_max_range) < range, `${String(scan.obstacle_max_range)} of ${range} m`);
  // Both are asked, and the layer's own is 2 m where it is not given.
  t.is(layer?.max_obstacle_height, scan.max_obstacle_height);
});

test('docs/nav2.md shows the file', (t) => {
  const page = readFileSync(path.join(root, 'docs', 'nav2.md'), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
  const shown = blocks.filter((text) => /^(local_costmap|lifecycle_manager_perception):/.test(text));
  t.is(shown.length, 2);
  for (const text of shown) t.true(file.includes(text));
});
