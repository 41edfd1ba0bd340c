import { concatMap, EMPTY, type Observable, type OperatorFunction, of } from 'rxjs';
import type { BagMessage } from '../../../msgs/bag/bag-reader.js';
import type { Header } from '../../../msgs/header.js';
import type { MessageCodec } from '../../../msgs/message-codec.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { NodeError } from '../../errors.js';
import type { InputMessage } from '../transport.js';

/**
 * Decodes recorded messages that have a header. What cannot be decoded, or is of another type, is told to `onDamaged` and left out.
 */
export function decodeMessages<T extends { readonly header: Header }>(
  codec: MessageCodec<T>,
  onDamaged: (message: BagMessage, error: unknown) => void,
): OperatorFunction<BagMessage, InputMessage<T>> {
  return concatMap((recorded): Observable<InputMessage<T>> => {
    try {
      if (recorded.type !== '' && recorded.type !== codec.type)
        throw new NodeError(`a message of type \`${recorded.type}\`, expected \`${codec.type}\``);
      const message = codec.decode(recorded.cdr);
      const { topic, type, logTimeNs } = recorded;
      return of({ topic, type, stampNs: stampToNs(message.header.stamp), logTimeNs, message });
    } catch (error) {
      onDamaged(recorded, error);
      return EMPTY;
    }
  });
}
