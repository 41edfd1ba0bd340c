/** A version of a model; version 0 of the shipped model is the one that comes with the package. */
export interface VersionId {
  /** Name of the model, such as `rxdepth-lite`. */
  readonly name: string;
  /** Number of the version, from 0. */
  readonly version: number;
}

const ID = /^([a-z0-9][a-z0-9._-]*)\/(0|[1-9]\d{0,8})$/;

/** Parses `NAME/N`, such as `rxdepth-lite/3`; returns undefined for any other text. */
export function parseVersionId(text: string): VersionId | undefined {
  const [, name, version] = ID.exec(text) ?? [];
  return name === undefined ? undefined : { name, version: Number(version) };
}

/** A version as people write it: `NAME/N`. */
export function formatVersionId({ name, version }: VersionId): string {
  return `${name}/${version}`;
}

/** Whether two ids name the same version. */
export function isSameVersion(a: VersionId, b: VersionId): boolean {
  return a.name === b.name && a.version === b.version;
}
