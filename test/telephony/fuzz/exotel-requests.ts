import fc from 'fast-check';

import type { E164 } from '../../../src/phone-number/e164.js';
import { spell } from '../../../exchange/network/number-spelling.js';
import { hostileText } from './hostile-text.js';
import type { SmallWorld } from './small-world.js';

/** What is asked of one of Exotel's callbacks. */
export interface ExotelRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly path: string;
  /** Everything behind the question mark, as it is on the wire. */
  readonly query: string;
  /** Null = nothing was spoilt on purpose: whoever may be reached must be. */
  readonly meant: { readonly caller: string; readonly dialled: string } | null;
}

const PATHS = [
  ...['connect', 'connect', 'connect', 'connect', 'connect-pin', 'connect-pin-again', 'gather', 'reason', 'greeting'],
  ...['passthru/answered', 'passthru/no-answer', 'passthru/not-dialled', 'passthru/elsewhere'],
  ...['sms', 'sms-status', 'call-status'],
];
const SHAPES = ['national', 'bare', 'e164', 'cc-bare', 'plus-zero'] as const;
const spelt = (number: string) => fc.constantFrom(...SHAPES).map((shape) => spell(number as E164, shape, 'IN'));

const NAMES = [
  ...['CallSid', 'CallFrom', 'CallTo', 'From', 'To', 'Direction', 'Created', 'CallType', 'DialCallStatus', 'digits'],
  ...[
    'DialCallDuration',
    'StartTime',
    'EndTime',
    'CurrentTime',
    'flow_id',
    'tenant_id',
    'ForwardedFrom',
    'CustomField',
  ],
  ...['DialWhomNumber', 'RecordingUrl', 'OutgoingPhoneNumber', 'ProcessStatus', 'Legs[0][OnCallDuration]', 'Legs'],
  ...['Legs[0][Number]', 'Legs[1][OnCallDuration]', 'Legs[0][Insights][RingingDuration]', 'Legs[0][DisconnectedBy]'],
  ...['Status', 'Legs[1][Status]', 'EventType', 'ConversationDuration', 'SmsSid', 'Body', 'Date', 'DetailedStatus'],
  ...['__proto__', 'constructor', 'constructor[prototype]', 'toString', 'hasOwnProperty', '', '[]', 'To[]', 'From[0]'],
];

type Fields = [name: string, value: string][];

/** Each call has an id of its own: one that is drawn may be drawn again, and is then somebody else's. */
let drawn = 0;

/** A request as Exotel's flow makes it, of somebody to some number. */
function plain(world: SmallWorld): fc.Arbitrary<{ fields: Fields; caller: string; dialled: string }> {
  const person = fc.constantFrom(...world.phones, world.stranger, ...world.numbers.slice(0, 2));
  const known = fc.constantFrom(
    ...world.phones.flatMap((phone) => world.dialsOf(phone).map((number) => [phone, number])),
  );
  const pair = fc.oneof(
    { weight: 3, arbitrary: known as fc.Arbitrary<[string, string]> },
    { weight: 2, arbitrary: fc.tuple(person, fc.constantFrom(...world.numbers)) },
  );
  return pair.chain(([caller, dialled]) =>
    fc
      .record({ from: spelt(caller), to: spelt(dialled), callTo: spelt(dialled), pin: pins(world) })
      .map(({ from, to, callTo, pin }) => ({
        caller,
        dialled,
        fields: [
          ...[
            ['CallSid', `fuzz-${(drawn += 1)}`],
            ['CallFrom', from],
            ['CallTo', callTo],
            ['Direction', 'incoming'],
          ],
          ...[
            ['Created', 'Sun, 22 Nov 2026 11:30:00'],
            ['DialCallDuration', '0'],
            ['StartTime', '2026-11-22 11:30:00'],
          ],
          ...[
            ['EndTime', '1970-01-01 05:30:00'],
            ['CallType', 'call-attempt'],
            ['DialWhomNumber', ''],
          ],
          ...[
            ['flow_id', '700001'],
            ['tenant_id', '90001'],
            ['From', from],
            ['To', to],
          ],
          ...[
            ['CurrentTime', '2026-11-22 11:30:02'],
            ['digits', pin],
          ],
        ] as Fields,
      })),
  );
}

function pins(world: SmallWorld): fc.Arbitrary<string> {
  const right = fc.constantFrom(...world.pins).map((pin) => `"${pin}"`);
  const some = fc.stringMatching(/^\d{0,8}$/).map((digits) => `"${digits}"`);
  return fc.oneof(
    { weight: 1, arbitrary: right },
    { weight: 1, arbitrary: some },
    { weight: 1, arbitrary: hostileText },
  );
}

/** One thing done to a request that Exotel would not do. */
const spoil = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(40), value: hostileText }),
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat(40) }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(40), value: hostileText }),
  fc.record({ kind: fc.constant('add' as const), name: fc.constantFrom(...NAMES), value: hostileText }),
  fc.record({ kind: fc.constant('swap' as const), at: fc.nat(40), with: fc.nat(40) }),
  fc.record({ kind: fc.constant('reuse' as const), id: fc.nat(20) }),
);

function spoilt(fields: Fields, how: readonly (typeof spoil extends fc.Arbitrary<infer T> ? T : never)[]): Fields {
  const done = fields.map(([name, value]): [string, string] => [name, value]);
  for (const one of how) {
    if (one.kind === 'add') done.push([one.name, one.value]);
    if (one.kind === 'reuse') done[0] = ['CallSid', `reused-${one.id}`];
    if (done.length === 0 || !('at' in one)) continue;
    const at = one.at % done.length;
    if (one.kind === 'replace') done[at]![1] = one.value;
    if (one.kind === 'drop') done.splice(at, 1);
    if (one.kind === 'repeat') done.splice(at, 0, [done[at]![0], one.value]);
    if (one.kind === 'swap')
      [done[at]![1], done[one.with % done.length]![1]] = [done[one.with % done.length]![1], done[at]![1]];
  }
  return done;
}

/** Requests of every kind: as Exotel makes them, a little off, and nothing like them. */
export function exotelRequests(world: SmallWorld): fc.Arbitrary<ExotelRequest> {
  const method = fc.constantFrom(...Array<'GET'>(12).fill('GET'), 'HEAD' as const, 'POST' as const, 'PUT' as const);
  const path = fc.constantFrom(...PATHS);
  const right = fc
    .tuple(path, plain(world))
    .map(([where, { fields, caller, dialled }]) => request('GET', where, onWire(fields), { caller, dialled }));
  const off = fc
    .tuple(method, path, plain(world), fc.array(spoil, { minLength: 1, maxLength: 4 }))
    .map(([how, where, { fields }, amiss]) => request(how, where, onWire(spoilt(fields, amiss)), null));
  const anything = fc
    .tuple(method, path, fc.array(fc.tuple(fc.constantFrom(...NAMES), hostileText), { maxLength: 30 }))
    .map(([how, where, fields]) => request(how, where, onWire(fields), null));
  const raw = fc
    .tuple(method, path, fc.stringMatching(/^([!-~]|%[0-9a-fg-z]{2}|&|=){0,200}$/))
    .map(([how, where, query]) => request(how, where, query, null));
  return fc.oneof(
    { weight: 4, arbitrary: right },
    { weight: 4, arbitrary: off },
    { weight: 1, arbitrary: anything },
    { weight: 1, arbitrary: raw },
  );
}

function request(
  method: ExotelRequest['method'],
  path: string,
  query: string,
  meant: ExotelRequest['meant'],
): ExotelRequest {
  return { method, path, query, meant };
}

function onWire(fields: Fields): string {
  return new URLSearchParams(fields).toString();
}
