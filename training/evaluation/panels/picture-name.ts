/** File name of an image's panel: what a file name cannot hold, or should not, becomes `_`. */
export function pictureName(name: string): string {
  return `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '_')}.png`;
}
