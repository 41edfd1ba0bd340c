import { parseDocument, visit } from 'yaml';

const TRUE = ['Y', 'y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'];
const FALSE = ['N', 'n', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'];
const INTEGER = /^[+-]?(0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)$/;
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)(\.(inf|Inf|INF)|inf|infinity)$/;
const NOT_A_NUMBER = /^(\.(nan|NaN|NAN)|nan)$/;

/**
 * Reads YAML as ROS does: `yes`, `on` and `y` are true, `0x10` is 16, `010` is 8; what is quoted is a string.
 * Source: rcl_yaml_param_parser, get_value.
 * @throws YAMLParseError with the line.
 */
export function parseRosYaml(text: string): unknown {
  const document = parseDocument(text, { schema: 'failsafe' });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Scalar(key, node) {
      const plain = node.type === 'PLAIN' && node.tag === undefined && typeof node.value === 'string';
      if (key !== 'key' && plain) node.value = scalar(node.value as string);
    },
  });
  return document.toJS();
}

function scalar(text: string): unknown {
  if (text === '' || text === '~' || text === 'null') return null;
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  if (INTEGER.test(text)) return integer(text);
  if (FLOAT.test(text)) return Number(text);
  const [, sign] = INFINITE.exec(text) ?? [];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(text) ? Number.NaN : text;
}

function integer(text: string): number {
  const digits = text.replace(/^[+-]/, '');
  const octal = /^0\d/.test(digits);
  const value = octal ? Number.parseInt(digits, 8) : Number(digits);
  return text.startsWith('-') ? -value : value;
}
