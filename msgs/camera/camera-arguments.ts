import type { CameraSettings } from './camera-settings.js';

/** The text of a setting, as its flag takes it; a setting without an entry does not compile. */
const TEXTS: {
  readonly [K in keyof Required<CameraSettings>]: (value: NonNullable<CameraSettings[K]>) => string;
} = {
  image: String,
  cameraInfo: String,
  cameraKind: String,
  intrinsics: ({ fx, fy, cx, cy }) => [fx, fy, cx, cy].join(),
  bitDepth: String,
  maxPixels: String,
};

/** The flags of `addCameraFlags` that say these settings, for a command that another process runs. */
export function cameraArguments(settings: CameraSettings): string[] {
  return (Object.keys(TEXTS) as (keyof CameraSettings)[]).flatMap((name) => {
    const value = settings[name];
    if (value === undefined) return [];
    const text = TEXTS[name] as (value: unknown) => string; // of the same name
    return [`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, text(value)];
  });
}
