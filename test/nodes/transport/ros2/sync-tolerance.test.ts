import test from 'ava';
import type { DiagnosticArray } from '../../../../msgs/diagnostic-array.js';
import type { Image } from '../../../../msgs/image.js';
import { endsWell, liveGraph, until } from './live-graph.js';
import { scratchModel } from './scratch-model.js';

/** Once a second, so that the camera_info 0.4 s before an image is the nearest one. */
const ZOOMING = {
  ...{ hz: 1, infoSecondsEarly: 0.4, zooms: true },
  phases: [{ seconds: 1000, width: 64, height: 32 }],
};

test.serial(
  'a calibration that changes serves within `sync_tolerance` of its stamp, and no farther',
  async (t) => {
    const graph = await liveGraph(t);
    if (graph === undefined) return;
    const model = await scratchModel(t);
    const strict = graph.perception({ model, lazy: false }, { remaps: { __ns: '/strict' } });
    const lenient = graph.perception(
      { model, lazy: false, sync_tolerance: '0.5' },
      { remaps: { __ns: '/lenient', image: '/strict/image', camera_info: '/strict/camera_info' } },
    );
    await Promise.all([strict.says(/configured/), lenient.says(/configured/)]);
    const depths = ['/strict', '/lenient'].map((namespace) =>
      graph.listen<Image>(`${namespace}/depth/image`, 'sensor_msgs/msg/Image'),
    );
    const diagnosed = graph.listen<DiagnosticArray>('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray');
    graph.camera(ZOOMING, '/strict');
    await until(
      () => (depths[1]?.messages.length ?? 0) >= 8,
      () => `depth within the tolerance; the node said ${lenient.said}`,
    );
    await strict.says(
      /the camera_info nearest in time on \/strict\/camera_info is 0\.[46]\d* s away, and the calibration changes: expected one within `0\.25 s`/,
    );
    const warned = () =>
      diagnosed.messages.some(({ status }) =>
        status.some(({ name, level }) => name === '/strict/perception: camera_info' && level === 1),
      );
    await until(warned, 'the camera_info in /diagnostics');
    // The first camera_info has not changed yet, and serves at any distance.
    const [within, beyond] = [depths[1]?.messages.length ?? 0, depths[0]?.messages.length ?? 0];
    t.true(beyond < within / 2, `${beyond} of ${within}`);
    for (const node of [strict, lenient]) await endsWell(t, node, 'SIGINT');
  },
);
