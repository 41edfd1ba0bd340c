import type { CameraHeight } from '../camera/camera-height.js';

/** What is asked of adaptations to any drive, beside its camera and the time. Absent: as `rxdepth adapt` has it by default. */
export interface AdaptationRequest {
  /** As `parseMethodNames` reads it. */
  readonly method?: string | undefined;
  /** Paths of other drives that the result must not get worse on. */
  readonly guard?: readonly string[] | undefined;
  /** Models that label the drives: `self`, `self@2`, model folders, versions as NAME/N. */
  readonly teacher?: readonly string[] | undefined;
  readonly cameraHeight?: CameraHeight | undefined;
}
