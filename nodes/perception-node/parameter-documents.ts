import { stringify } from 'yaml';
import { z } from 'zod';
import { expectation, PARAMETERS, parameterSchema } from './parameters.js';

/** The table of `launch/README.md`, between its markers. */
export function parameterTable(): string {
  const rows = Object.entries(PARAMETERS).map(([name, spec]) => {
    const value = spec.default === '' ? '(empty)' : `\`${spec.default}\``;
    const accepted = expectation(spec).replaceAll('|', '\\|');
    return `| \`${name}\` | ${value} | ${accepted} | ${spec.live ? 'at once' : 'at configure'} | ${spec.description} |`;
  });
  return [
    '| parameter | default | accepts | takes effect | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** JSON Schema of the `ros__parameters` of the node, for editors and deployment tools. */
export function parameterJsonSchema(): string {
  const schema = z.toJSONSchema(parameterSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'Parameters of the rxdepth perception node', ...schema }, null, 2)}\n`;
}

/** The parameter file that the launch files start from: every parameter with its default. */
export function parameterFile(): string {
  const lines = Object.entries(PARAMETERS).flatMap(([name, spec]) => {
    // `60` would be an integer, which most nodes refuse for a double.
    const whole = spec.type === 'double' && Number.isInteger(spec.default);
    const value = whole ? `${spec.default}.0` : stringify(spec.default).trim();
    return [`    # ${spec.description}`, `    ${name}: ${value}`];
  });
  return [
    '# Parameters of the perception node with their defaults; copy it and pass yours as `params_file:=FILE`.',
    '/**:',
    '  ros__parameters:',
    ...lines,
    '',
  ].join('\n');
}

/** `text` with what lies between its two `parameters` markers replaced by the table. */
export function withParameterTable(text: string): string {
  return text.replace(
    /(<!-- parameters -->\n)[\s\S]*(<!-- \/parameters -->)/,
    (_, begin: string, end: string) => `${begin}${parameterTable()}\n${end}`,
  );
}
