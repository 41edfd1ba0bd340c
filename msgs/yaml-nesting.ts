const FLOW_OPENS = '[{';
const FLOW_CLOSES = ']}';
/** What stands before the first word of a line: indentation, and the marks of lists and keys that nest within a line. */
const PREFIX = ' \t-?:';

/**
 * An upper bound of how deep a YAML text nests, in time linear in its length. Parsers recurse, and take the square of the
 * depth or end the process where it is thousands. Brackets within quotes count too.
 */
export function yamlNesting(text: string): number {
  let deepest = 0;
  let flow = 0;
  let prefix = 0;
  let isPrefix = true;
  for (const character of text) {
    if (character === '\n') {
      isPrefix = true;
      prefix = 0;
      continue;
    }
    isPrefix &&= PREFIX.includes(character);
    if (isPrefix) prefix += 1;
    else if (FLOW_OPENS.includes(character)) flow += 1;
    else if (FLOW_CLOSES.includes(character)) flow = Math.max(0, flow - 1);
    deepest = Math.max(deepest, flow + prefix);
  }
  return deepest;
}
