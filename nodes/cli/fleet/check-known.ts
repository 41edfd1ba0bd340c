import { type Command, CommanderError } from 'commander';
import { NodeError } from '../../errors.js';

/**
 * Has the flags for every bag read by the command that they are for: by a wrong one each bag would fail. Nothing is checked
 * where that command is not loaded.
 * @param option of the fleet, that carried them.
 * @throws NodeError naming what the command does not take.
 */
export function checkKnown(fleet: Command, name: string, flags: readonly string[], option: string): void {
  const command = fleet.parent?.commands.find((each) => each.name() === name);
  if (command === undefined) return;
  command.exitOverride().configureOutput({ writeErr: () => {} });
  const { operands, unknown } = readFlags(command, flags, option);
  const [odd] = [...unknown, ...operands];
  if (odd === undefined) return;
  throw new NodeError(`${option}: \`rxdepth ${name}\` has no flag \`${odd}\``, { field: option });
}

function readFlags(
  command: Command,
  flags: readonly string[],
  option: string,
): ReturnType<Command['parseOptions']> {
  try {
    return command.parseOptions([...flags]);
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    throw new NodeError(`${option}: ${cause.message.replace(/^error: /, '')}`, { field: option, cause });
  }
}
