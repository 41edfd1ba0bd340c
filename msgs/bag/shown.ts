const MOST = 120;

/** A name from a file as it may stand in a message: in backticks, printable, and cut off where it is absurdly long. */
export function shown(name: string): string {
  const printable = name.slice(0, MOST).replace(/\p{C}/gu, '?');
  return name.length > MOST ? `\`${printable}...\` (${name.length} characters)` : `\`${printable}\``;
}
