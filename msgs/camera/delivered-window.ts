import type { CameraInfo } from '../camera-info.js';
import { MessageError } from '../errors.js';

/** The part of the sensor that the delivered image shows, and its size in delivered pixels. */
export interface DeliveredWindow {
  /** Top left corner, in full-resolution pixels. */
  readonly x: number;
  readonly y: number;
  /** Full-resolution pixels per delivered pixel. */
  readonly binningX: number;
  readonly binningY: number;
  /** Size of the delivered image. */
  readonly width: number;
  readonly height: number;
}

/**
 * Region of interest and binning of a camera_info. A region of all zeros is the full image, binning 0 is 1, and a
 * binned size rounds down. Source: sensor_msgs/CameraInfo, Operational Parameters.
 */
export function deliveredWindow({ width, height, roi, binning_x, binning_y }: CameraInfo): DeliveredWindow {
  const full = roi.x_offset === 0 && roi.y_offset === 0 && roi.width === 0 && roi.height === 0;
  const binningX = Math.max(1, binning_x);
  const binningY = Math.max(1, binning_y);
  return {
    x: roi.x_offset,
    y: roi.y_offset,
    binningX,
    binningY,
    width: Math.floor((full ? width : roi.width) / binningX),
    height: Math.floor((full ? height : roi.height) / binningY),
  };
}

/** Throws where the image is not of the size that its camera_info announces: the geometry would be wrong. */
export function checkImageSize(
  info: CameraInfo,
  image: { readonly width: number; readonly height: number },
): void {
  const { width, height, binningX, binningY } = deliveredWindow(info);
  if (image.width === width && image.height === height) return;
  const { roi } = info;
  throw new MessageError(
    `camera_info in frame \`${info.header.frame_id}\` announces images of ${width} x ${height} (calibrated at ` +
      `${info.width} x ${info.height}, roi ${roi.width} x ${roi.height} at ${roi.x_offset}, ${roi.y_offset}, binning ` +
      `${binningX} x ${binningY}), but the image has ${image.width} x ${image.height}; if it was resized or cropped ` +
      'after the camera driver, its camera_info has to be changed with it',
  );
}
