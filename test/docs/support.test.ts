import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ASK_REASONS, CONNECT_REASONS, REFUSE_REASONS } from '../../src/telephony/decisions/call-reasons.js';
import { FORGOTTEN } from '../../src/telephony/explain/explanation.js';
import { DEFAULT_LANGUAGE, Greetings } from '../../src/telephony/greetings/greetings.js';
import { refusalSaying } from '../../src/telephony/greetings/refusal-words.js';
import { CALL_WORDS, TEXT_WORDS } from '../../src/telephony/interactions/reason-words.js';
import { DROP_REASONS, FORWARD_REASONS } from '../../src/telephony/texts/text-reasons.js';
import { isSpoken } from '../../src/telephony/twilio/calls/voice-reply.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/support.md'), 'utf8');
const [, calls = '', texts = ''] = page.split(/^## (?:Calls|Texts)$/m);

/** Each reason's section, by the reason. */
const sections = new Map(
  calls
    .split(/^### /m)
    .slice(1)
    .map((section) => [/^`(\w+)`/.exec(section)?.[1], section] as const),
);

it('docs/support.md explains every reason of a call, and no reason that does not exist', () => {
  const reasons = [...new Set([...CONNECT_REASONS, ...REFUSE_REASONS, ...ASK_REASONS, FORGOTTEN])];
  expect([...sections.keys()].toSorted()).toEqual(reasons.toSorted());
});

it('docs/support.md explains every reason of a text, and no reason that does not exist', () => {
  const explained = [...texts.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, reason]) => reason);
  expect(explained.toSorted()).toEqual([...FORWARD_REASONS, ...DROP_REASONS].toSorted());
});

it.each([...sections])('docs/support.md says of %s what it means and what to do', (_, section) => {
  const parts = [...section.matchAll(/^- \*\*(.+):\*\* \S/gm)].map(([, part]) => part);
  expect(parts).toEqual(['Means', 'The caller heard', 'Tell the customer', 'You can']);
});

it.each(Object.entries(CALL_WORDS))(
  'docs/support.md tells the caller of %s what the API tells them',
  (reason, { tell }) => {
    const [told = ''] = /^- \*\*Tell the customer:.*$/m.exec(sections.get(reason) ?? '') ?? [];
    expect(told).toContain(tell);
  },
);

it.each(Object.entries(TEXT_WORDS))(
  'docs/support.md tells the sender of %s what the API tells them',
  (reason, { tell }) => {
    const [, told] = new RegExp(`^\\| \`${reason}\` \\| [^|]+ \\| ([^|]+) \\|`, 'm').exec(texts) ?? [];
    expect(told?.replace(' (Do not mention the block.)', '')).toBe(tell ?? '–');
  },
);

it.each(REFUSE_REASONS)('docs/support.md quotes what the caller hears after %s', (reason) => {
  const words = new Greetings().say(refusalSaying({ decision: 'refuse', reason }), DEFAULT_LANGUAGE);
  const [heard = ''] = /^- \*\*The caller heard:.*$/m.exec(sections.get(reason) ?? '') ?? [];
  expect(heard).toContain(`"${words}"`);
  const isRejected = !isSpoken({ decision: 'refuse', reason });
  expect(heard.includes('With Twilio: a network message.')).toBe(isRejected);
});
