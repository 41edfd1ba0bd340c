import type { Manifest } from '../../../models/manifest.js';
import type { Header } from '../../../msgs/header.js';
import { MARKER, type Marker, type MarkerColor } from '../../../msgs/marker-array.js';
import type { Track } from './track.js';

/** How they are drawn until the next frame comes, and how much longer at most. */
const LIFETIME = { sec: 1, nanosec: 0 } as const;
const MOVES: MarkerColor = { r: 1, g: 0.25, b: 0.2, a: 0.35 };
const STANDS: MarkerColor = { r: 0.25, g: 1, b: 0.35, a: 0.25 };
const SOLID = 0.9;
/** Slower things have no arrow, metres a second. */
const LEAST_SPEED = 0.3;
/** Metres: the arrow's shaft and head, and the height of letters. */
const ARROW = { x: 0.15, y: 0.35, z: 0.4 } as const;
const LETTERS = 0.6;
const UNTURNED = { x: 0, y: 0, z: 0, w: 1 } as const;

/**
 * Boxes of tracks, an arrow as long as the way of a second, and what they are. The first takes those of the frame before
 * away.
 * @param tracks in metres.
 */
export function trackMarkers(
  tracks: readonly Track[],
  header: Header,
  classes: Manifest['classes'],
): Marker[] {
  return [
    { ...blank(header), action: MARKER.DELETEALL },
    ...tracks.flatMap(({ id, box, moves, velocity, labels }): Marker[] => {
      const [[x, y, z], [width, height, depth]] = [box.centre, box.size];
      const color = moves > 0.5 ? MOVES : STANDS;
      const pose = { position: { x, y, z }, orientation: UNTURNED };
      const speed = Math.hypot(...velocity);
      const name = classes[labels[0]?.[0] ?? -1]?.name ?? '';
      const text = `${name} ${id}${speed < LEAST_SPEED ? '' : ` ${speed.toFixed(1)} m/s`}`;
      const end = { x: x + velocity[0], y: y + velocity[1], z: z + velocity[2] };
      const above = { x, y: y - height / 2 - LETTERS, z };
      return [
        {
          ...{ ...blank(header), ns: 'boxes', id, type: MARKER.CUBE, color, pose },
          // RViz draws nothing that has no thickness.
          scale: { x: Math.max(width, 0.05), y: Math.max(height, 0.05), z: Math.max(depth, 0.05) },
        },
        {
          ...{ ...blank(header), ns: 'names', id, type: MARKER.TEXT_VIEW_FACING, text },
          ...{ color: { ...color, a: SOLID }, pose: { position: above, orientation: UNTURNED } },
          scale: { x: 0, y: 0, z: LETTERS },
        },
        ...(speed < LEAST_SPEED
          ? []
          : [
              {
                ...{ ...blank(header), ns: 'velocities', id, type: MARKER.ARROW, scale: ARROW },
                ...{ color: { ...color, a: SOLID }, points: [{ x, y, z }, end] },
              },
            ]),
      ];
    }),
  ];
}

function blank(header: Header): Marker {
  const none = { stamp: { sec: 0, nanosec: 0 }, frame_id: '' };
  return {
    ...{ header, ns: '', id: 0, type: MARKER.CUBE, action: MARKER.ADD, lifetime: LIFETIME },
    ...{ pose: { position: { x: 0, y: 0, z: 0 }, orientation: UNTURNED }, scale: { x: 0, y: 0, z: 0 } },
    ...{ color: STANDS, frame_locked: false, points: [], colors: [], uv_coordinates: [] },
    ...{ texture_resource: '', texture: { header: none, format: '', data: new Uint8Array() } },
    ...{ text: '', mesh_resource: '', mesh_file: { filename: '', data: new Uint8Array() } },
    mesh_use_embedded_materials: false,
  };
}
