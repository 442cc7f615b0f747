import { randomUUID } from 'node:crypto';

import type { TestApp } from '../../support/app.js';
import type { Adapter } from '../conformance/adapters.js';
import { signatureOf } from './tringa-callbacks.js';
import type { TringaSimulator } from './tringa-simulator.js';

let drawn = 0;
const digits = (count: number) => String((drawn += 1)).padStart(count, '0');

async function callback(app: TestApp, { signingKey }: TringaSimulator, path: string, fields: object) {
  const body = JSON.stringify(fields);
  const signature = signatureOf(signingKey, body);
  const headers = { 'content-type': 'application/json', 'tringa-signature': signature };
  return app.request('POST', `/hooks/tringa/${path}`, headers, body);
}

/** Tringa as the conformance suite sees it. */
export function tringaAdapter(simulator: () => TringaSimulator): Adapter {
  return {
    name: 'tringa',
    country: 'GB',
    aPhone: () => `+4479110${digits(5)}`,
    aNumber: () => `+4420794${digits(5)}`,
    aCallId: () => randomUUID(),
    call: (call, from, to) => ({ call, from: from.replace(/^\+/, ''), to: to.replace(/^\+/, '') }),
    callerFields: ['from'],
    ask: async (app, fields) => {
      const { status, text, body } = await callback(app, simulator(), 'call', fields);
      const isValid = body?.reject === true || typeof body?.dial?.to === 'string';
      const dial = body?.dial as { to: string; as: string } | undefined;
      return { status, text, isValid, rings: dial ? [`+${dial.to}`] : [], shows: dial && `+${dial.as}` };
    },
    end: async (app, call, outcome) => {
      const result = outcome === 'completed' ? 'talked' : 'engaged';
      return (await callback(app, simulator(), 'event', { call, result, talked: 20 })).status;
    },
    spellings: {
      'as Tringa does': (number) => number.slice(1),
      'in E.164': (number) => number,
      nationally: (number) => `0${number.slice(3)}`,
    },
    withheld: ['', 'anonymous', 'restricted'],
    write: async (app, from, to, body) => {
      const fields = { text: randomUUID(), from: from.slice(1), to: to.slice(1), body };
      await simulator().post(`${app.url}/hooks/tringa/text`, fields);
    },
    textsOn: async (_, phone) =>
      simulator()
        .textsSent.filter(({ to }) => `+${to}` === phone)
        .map(({ from, body }) => ({ from: `+${from}`, body })),
  };
}
