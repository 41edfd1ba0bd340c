import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';
import type { Odometry } from './odometry.js';
import type { Stamp } from './stamp.js';
import type { Vector3 } from './vector3.js';

export interface MarkerColor {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly a: number;
}

/** visualization_msgs/Marker: something to be drawn. */
export interface Marker {
  readonly header: Header;
  readonly ns: string;
  readonly id: number;
  /** One of `MARKER`. */
  readonly type: number;
  readonly action: number;
  readonly pose: Odometry['pose']['pose'];
  readonly scale: Vector3;
  readonly color: MarkerColor;
  readonly lifetime: Stamp;
  readonly frame_locked: boolean;
  readonly points: readonly Vector3[];
  readonly colors: readonly MarkerColor[];
  readonly texture_resource: string;
  readonly texture: { readonly header: Header; readonly format: string; readonly data: Uint8Array };
  readonly uv_coordinates: readonly { readonly u: number; readonly v: number }[];
  readonly text: string;
  readonly mesh_resource: string;
  readonly mesh_file: { readonly filename: string; readonly data: Uint8Array };
  readonly mesh_use_embedded_materials: boolean;
}

/** Source: visualization_msgs/Marker. */
export const MARKER = { ARROW: 0, CUBE: 1, TEXT_VIEW_FACING: 9, ADD: 0, DELETEALL: 3 } as const;

export const markerArrayCodec = definitionCodec<{ readonly markers: readonly Marker[] }>(
  'visualization_msgs/msg/MarkerArray',
  ros2msg('visualization_msgs/MarkerArray'),
);
