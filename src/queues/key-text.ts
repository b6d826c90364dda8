import { GatewayError } from '../errors.ts';

const STILL_ENCODED = /%(?:[\da-f]{2}|u[\da-f]{4})/i;
const CONTROL = /\p{Cc}/u;
/** More than any key has. */
const LONGEST = 1000;

/**
 * A queue or customer key as a request spells it, without outer blanks; undefined when nothing is left. `place` is what
 * the error calls it, such as `query parameter "queueKey"`.
 *
 * @throws GatewayError `request_malformed` for text that no key holds and servers read differently: more than 1000 characters, control characters
 * (C strings end at NUL), lone surrogates, and what is still percent-encoded after the one decoding that is due.
 */
export function readKeyText(text: string, place: string): string | undefined {
  const key = text.trim();
  if (key === '') return undefined;
  if (key.length > LONGEST)
    throw new GatewayError('request_malformed', `The ${place} is longer than ${LONGEST} characters.`);
  if (CONTROL.test(key))
    throw new GatewayError('request_malformed', `The ${place} holds a control character.`);
  if (!key.isWellFormed())
    throw new GatewayError('request_malformed', `The ${place} is not well-formed Unicode.`);
  if (STILL_ENCODED.test(key)) {
    throw new GatewayError('request_malformed', `The ${place} is percent-encoded once too often.`);
  }
  return key;
}
