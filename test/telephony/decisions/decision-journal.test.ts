import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DecisionJournal, isDecidable } from '../../../src/telephony/decisions/decision-journal.js';
import type { Decided } from '../../../src/telephony/decisions/interactions.queries.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { databasesFolder } from '../../support/databases-folder.js';

let folder: string;
let journal: DecisionJournal;

beforeEach(async () => {
  folder = join(await mkdtemp(join(databasesFolder(), 'maskline-journal-')), 'journal');
  journal = await DecisionJournal.open(folder);
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const AT = new Date('2026-11-29T10:00:00.000Z');

function decided(of: Partial<Decided> = {}): Decided {
  return {
    provider: 'exotel',
    providerCallId: 'call 1/../2',
    stepName: 'connect',
    step: { decision: 'refuse', reason: 'TRY_LATER', at: AT.toISOString(), proof: 'proof' },
    virtualNumber: '+918047000001' as E164,
    verdict: { decision: 'refuse', reason: 'TRY_LATER', orderId: null, callerRole: null },
    at: AT,
    askAt: null,
    secret: Buffer.alloc(32, 7),
    ...of,
  };
}

const connecting = (of: Partial<Decided> = {}) =>
  decided({
    verdict: { decision: 'connect', reason: 'CONNECTED', orderId: null, callerRole: 'agent' },
    askAt: AT,
    ...of,
  });

it('keeps a decision as it was, for every process that opens the folder', async () => {
  const one = connecting();
  expect(await journal.append(one)).toBe(true);
  const others = await DecisionJournal.open(folder);
  expect(await others.find('exotel', 'call 1/../2')).toEqual({ connect: one });
  expect(await journal.find('exotel', 'call 1/../2')).toEqual({ connect: one });
  expect(await others.find('twilio', 'call 1/../2')).toBeNull();
});

it('takes one decision for each step of a call', async () => {
  expect(await journal.append(decided())).toBe(true);
  expect(await journal.append(decided())).toBe(false);
  expect(await journal.append(connecting({ stepName: 'fallback' }))).toBe(true);
  expect(await journal.append(decided({ stepName: 'fallback' }))).toBe(false);
  const call = (await journal.find('exotel', 'call 1/../2'))!;
  expect(call).toMatchObject({
    connect: { verdict: { decision: 'refuse' } },
    fallback: { verdict: { decision: 'connect' } },
  });
  expect(isDecidable(call, 'connect-pin')).toBe(false); // it was connected
  expect(await journal.append(decided({ providerCallId: 'another' }))).toBe(true);
});

it('of processes that decide the same step at once, one is first', async () => {
  const processes = await Promise.all(Array.from({ length: 6 }, () => DecisionJournal.open(folder)));
  const appended = await Promise.all(processes.map((one) => one.append(decided())));
  expect(appended.filter((isFirst) => isFirst)).toHaveLength(1);
});

it('is empty when everything is recorded, and keeps what came meanwhile', async () => {
  await journal.append(decided());
  const [call] = await journal.calls();
  await journal.append(decided({ stepName: 'connect-pin' }));
  await journal.remove(call!, ['connect']);
  expect(Object.keys((await journal.read(call!))!)).toEqual(['connect-pin']);
  await journal.remove(call!, ['connect-pin']);
  expect(await journal.calls()).toEqual([]);
  expect(await readdir(folder)).toEqual(['.drafts']);
  expect(await readdir(join(folder, '.drafts'))).toEqual([]);
});

it('keeps decisions in memory while its disk cannot be written, says so, and writes again when it can', async () => {
  await rm(folder, { recursive: true });
  await writeFile(folder, 'not a folder');
  expect(await journal.append(decided())).toBe(true);
  expect(await journal.whatIsWrong()).toBe('cannot be written');
  expect(await journal.append(decided())).toBe(false);
  expect(Object.keys((await journal.find('exotel', 'call 1/../2'))!)).toEqual(['connect']);
  expect(await journal.calls()).toHaveLength(1);
  await rm(folder);
  await DecisionJournal.open(folder);
  expect(await journal.append(decided({ providerCallId: 'another' }))).toBe(true);
  expect(await journal.whatIsWrong()).toBeNull();
  expect(await journal.calls()).toHaveLength(2);
});

it('finds out by itself that its disk works again, without a decision to write', async () => {
  await rm(folder, { recursive: true });
  await writeFile(folder, 'not a folder');
  await journal.append(decided());
  expect(await journal.whatIsWrong()).toBe('cannot be written');
  await rm(folder);
  expect(await journal.whatIsWrong()).toBeNull();
  expect(await readdir(folder)).toEqual(['.drafts']);
  expect(await readdir(join(folder, '.drafts'))).toEqual([]);
  expect(await journal.calls()).toHaveLength(1);
});

it('leaves out a file that is not a decision, and reads the others', async () => {
  await journal.append(decided());
  const [call] = await journal.calls();
  await writeFile(join(folder, call!, 'damaged'), '{"half');
  expect(Object.keys((await journal.read(call!))!)).toEqual(['connect']);
});

it('is readable by its own user only, and holds no phone', async () => {
  await journal.append(connecting());
  const [call] = await journal.calls();
  expect((await stat(folder)).mode & 0o077).toBe(0);
  expect((await stat(join(folder, call!))).mode & 0o077).toBe(0);
  const [file] = await readdir(join(folder, call!));
  const text = await readFile(join(folder, call!, file!), 'utf8');
  expect(text).not.toMatch(/calleePhone|"phone"/);
});
