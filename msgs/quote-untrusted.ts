/** Longest piece of a recording or a file that a message repeats, characters. */
const LONGEST = 120;

/**
 * Text that came from outside (a topic, a frame_id, a name in a file) as a message may show it. It is on one line, without
 * characters that command a terminal, its middle left out where it is long.
 * @param longest characters that are shown of a long one.
 */
export function quoteUntrusted(text: string, longest = LONGEST): string {
  const half = Math.floor(longest / 2);
  const shown =
    text.length <= longest
      ? text
      : `${text.slice(0, half)}... (${text.length - 2 * half} characters more) ...${text.slice(-half)}`;
  return shown.replaceAll(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Controls, the separators that end lines, marks that turn the direction of writing, and halves of characters. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what this is about
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
