import type { ChatFormat } from '../../../../../src-main/engine/tokenizer/types';
import { throwFailure } from '../../../../../src-main/shared/result';

const special: ReadonlyMap<number, string> = new Map([
  [1, '^'],
  [2, '$'],
]);

/** One token a character; the template trims, shows tools and refuses a system turn that says no. */
export const chat = (knowsDeveloper = false): ChatFormat => ({
  vocabulary: 256,
  eosId: 2,
  eosText: '$',
  bosId: 1,
  padId: 0,
  stopIds: [2],
  hasChatTemplate: true,
  knowsDeveloper,
  notes: [],
  encode: (text, withSpecial) => [
    ...(withSpecial ? [1] : []),
    ...[...text].map((c) => (c === '$' ? 2 : c.charCodeAt(0))),
  ],
  decode: (ids, skipsSpecial) =>
    ids
      .map((id) => special.get(id) ?? String.fromCharCode(id))
      .filter((c) => !skipsSpecial || !'^$'.includes(c))
      .join(''),
  render: (messages, ask, { tools = null } = {}) => {
    if (messages.some((m) => m.content === 'no'))
      throwFailure('bad-data', 'The chat template of x refuses a conversation: not so.', '', {
        template: true,
        reason: 'not so',
      });
    return `${tools ? JSON.stringify(tools) : ''}${messages.map((m) => `<${m.role[0]}>${m.content.trim()}`).join('')}${ask ? '<a>' : ''}`;
  },
});
export const characters = chat();
