import { z } from 'zod';
import { NodeError } from '../../errors.js';
import { requestJson } from '../../transport/request-json.js';
import { type FromPage, PANELS } from '../page-protocol.js';

const id = z.number().int().min(0);
const schema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('show'), panels: z.array(z.enum(PANELS)).max(PANELS.length) }),
  z.object({ op: z.literal('drawn'), panel: z.enum(PANELS) }),
  z.object({
    op: z.literal('playback'),
    play: z.boolean().optional(),
    speed: z.number().optional(),
    seekNs: z
      .string()
      .regex(/^\d{1,20}$/)
      .optional(),
    step: z.boolean().optional(),
  }),
  z.object({ op: z.literal('runs') }),
  z.object({
    op: z.literal('comparison'),
    run: z.string().max(100),
    index: z.number().int().min(1).max(1000),
  }),
  z.object({ op: z.literal('use'), id, version: z.string().max(200) }),
  z.object({ op: z.literal('rollback'), id }),
]);

/** What the page asks for. @throws NodeError when it is nothing that a page asks for. */
export function parsePageRequest(text: string): FromPage {
  const json = requestJson(text);
  const parsed = schema.safeParse(json);
  // zod's optional fields may be undefined, which is the same here.
  if (parsed.success) return parsed.data as FromPage;
  throw new NodeError(`no such request: ${parsed.error.issues[0]?.message ?? ''}`);
}
