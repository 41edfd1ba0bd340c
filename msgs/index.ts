// `rxdepth/msgs`: messages, bags, cameras.
export type { BagMessage, BagProblem, BagReader, BagTopic, MessagesOptions } from './bag/bag-reader.js';
export { BagWriter, type BagWriterOptions, type RecordedTopic } from './bag/bag-writer.js';
export { type BagCamera, type CameraOptions, findCamera } from './bag/find-camera.js';
export { openBag } from './bag/open-bag.js';
export { type CameraModel, cameraModel, projectPoint } from './camera/camera-model.js';
export type { CameraInfo } from './camera-info.js';
export { codecFor } from './codecs.js';
export type { CompressedImage } from './compressed-image.js';
export { definitionCodec } from './definition-codec.js';
export { ros2msg } from './definitions.js';
export { MessageError } from './errors.js';
export { FileGoneError } from './files/file-gone-error.js';
export { LockedError } from './files/locked-error.js';
export type { Header } from './header.js';
export type { Image } from './image.js';
export type { MessageCodec } from './message-codec.js';
export { type DecodeLimits, decodePicture } from './picture/decode-picture.js';
export { nsToStamp, type Stamp, stampToNs } from './stamp.js';
