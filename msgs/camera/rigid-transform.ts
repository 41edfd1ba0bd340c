/**
 * A rigid motion: [16], a 4x4 row-major matrix [R t; 0 1] with a rotation R and a translation t in metres. The name
 * `targetFromSource` says that it maps points of `source` to `target`.
 */
export type RigidTransform = Float64Array;

interface Vector3 {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** The transform that moves nothing: 4x4, row by row. */
export function identityTransform(): RigidTransform {
  return Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
}

/** @param q rotation; need not be exactly of unit length, but not zero */
export function transformFromPose(t: Vector3, q: Vector3 & { readonly w: number }): RigidTransform {
  const length = Math.hypot(q.x, q.y, q.z, q.w);
  const [x, y, z, w] = [q.x / length, q.y / length, q.z / length, q.w / length];
  return Float64Array.of(
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), t.x],
    ...[2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), t.y],
    ...[2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y), t.z],
    ...[0, 0, 0, 1],
  );
}

/** aFromC = aFromB * bFromC. */
export function composeTransforms(aFromB: RigidTransform, bFromC: RigidTransform): RigidTransform {
  const product = new Float64Array(16);
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += (aFromB[4 * row + k] as number) * (bFromC[4 * k + column] as number);
      product[4 * row + column] = sum;
    }
  }
  return product;
}

/** The inverse of a rigid motion: [R' -R't; 0 1]. */
export function invertTransform(transform: RigidTransform): RigidTransform {
  const inverse = identityTransform();
  for (let row = 0; row < 3; row++) {
    let offset = 0;
    for (let column = 0; column < 3; column++) {
      const value = transform[4 * column + row] as number;
      inverse[4 * row + column] = value;
      offset -= value * (transform[4 * column + 3] as number);
    }
    inverse[4 * row + 3] = offset;
  }
  return inverse;
}

/** A point of the source frame in the target frame, in the unit of the translation. */
export function transformPoint(m: RigidTransform, { x, y, z }: Vector3): Vector3 {
  const at = (row: number) =>
    (m[row] as number) * x + (m[row + 1] as number) * y + (m[row + 2] as number) * z + (m[row + 3] as number);
  return { x: at(0), y: at(4), z: at(8) };
}
