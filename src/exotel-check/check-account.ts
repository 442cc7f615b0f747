import { setTimeout as sleep } from 'node:timers/promises';

import { RateLimiterMemory, RateLimiterQueue } from 'rate-limiter-flexible';

import type { NumberFlow, OwnedNumber } from '../telephony/providers/number-provider.js';
import { ProviderRefused, ProviderUnavailable } from '../telephony/providers/provider-errors.js';
import { ExoPhones } from '../telephony/exotel/exophones.js';
import type { ExotelConfig } from '../telephony/exotel/exotel-config.js';
import { look, ok, wrong, type Finding } from './finding.js';

/** Exotel's regions. Each knows only its own accounts. */
const EXOTEL_REGIONS: readonly string[] = ['https://api.exotel.com', 'https://api.in.exotel.com'];

/** The number of numbers whose flow is read. Each needs a request, and an account has a few a second. */
const MOST_NUMBERS_ASKED = 60;
const MOST_NUMBERS_NAMED = 5;
/** The statuses for a wrong key, region or account. */
const UNKNOWN_HERE = [401, 403, 404];

export interface CheckedAccount {
  readonly findings: readonly Finding[];
  /** A number of ours that points to the flow; null = none. */
  readonly number: OwnedNumber | null;
}

/** Checks whether the account accepts the key, which numbers it owns, and whether they point to the flow. */
export async function checkAccount(config: ExotelConfig, regions = EXOTEL_REGIONS): Promise<CheckedAccount> {
  const exophones = exophonesOf(config);
  let owned: OwnedNumber[];
  try {
    owned = await exophones.list();
  } catch (failure) {
    return { findings: [...checkFlowUrl(config), await whyShut(config, failure, regions)], number: null };
  }
  const accepted = ok('credentials', `accepted by ${config.account.apiBase}`);
  const { findings, number } = await checkNumbers(exophones, owned);
  return { findings: [accepted, ...checkFlowUrl(config), ...findings], number };
}

async function whyShut(config: ExotelConfig, failure: unknown, regions: readonly string[]): Promise<Finding> {
  if (failure instanceof ProviderUnavailable) return wrong('credentials', `not checked. ${failure.message}`);
  if (!(failure instanceof ProviderRefused)) throw failure;
  const { account } = config;
  if (!UNKNOWN_HERE.includes(failure.status)) return wrong('credentials', failure.message);
  // Keys of Exotel accounts are sent only to Exotel's own regions.
  const others = regions.includes(account.apiBase) ? regions.filter((base) => base !== account.apiBase) : [];
  for (const apiBase of others) {
    const there = exophonesOf({ ...config, account: { ...account, apiBase } });
    const letsIn = await there.list().then(
      () => true,
      () => false,
    );
    if (letsIn) return wrong('region', `the account lives at ${apiBase}: set EXOTEL_API_BASE=${apiBase}`);
  }
  const everywhere = others.length > 0 ? 'accepted by no region of Exotel' : `not accepted by ${account.apiBase}`;
  return wrong(
    'credentials',
    `${everywhere} (${failure.status}): compare EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY and EXOTEL_API_TOKEN with the dashboard's API settings`,
  );
}

async function checkNumbers(exophones: ExoPhones, owned: readonly OwnedNumber[]): Promise<CheckedAccount> {
  if (owned.length === 0) {
    const says = 'the account owns none: buy some in the dashboard, or let a pool buy them';
    return { findings: [look('numbers', says)], number: null };
  }
  const asked = owned.slice(0, MOST_NUMBERS_ASKED);
  const led: Record<NumberFlow, OwnedNumber[]> = { ours: [], none: [], other: [], unknown: [] };
  for (const one of asked) {
    try {
      led[await exophones.flowOf(one.providerId)].push(one);
    } catch (failure) {
      return { findings: [wrong('numbers', (failure as Error).message)], number: led.ours[0] ?? null };
    }
  }
  const { ours, none, other, unknown } = led;
  const findings: Finding[] = [];
  const of = asked.length === owned.length ? `${owned.length}` : `the first ${asked.length} of ${owned.length}`;
  if (ours.length > 0) findings.push(ok('numbers', `${ours.length} of ${of} lead to the flow`));
  else if (unknown.length === 0) findings.push(wrong('numbers', `none of ${of} leads to the flow of EXOTEL_FLOW_URL`));
  if (none.length > 0) {
    findings.push(look('numbers', `${named(none)} ${lead(none)} nowhere: the next round points them at the flow`));
  }
  if (other.length > 0) {
    findings.push(look('numbers', `${named(other)} ${lead(other)} to something else of the account: left alone`));
  }
  if (unknown.length > 0) {
    findings.push(look('numbers', `of ${named(unknown)} Exotel does not say where they lead: look in the dashboard`));
  }
  return { findings, number: ours[0] ?? null };
}

/** `http://my.in.exotel.com/<account>/exoml/start_voice/<flow id>` */
function checkFlowUrl({ account, callbacks }: ExotelConfig): Finding[] {
  const { flowUrl, sid, apiBase } = account;
  const [, owner, flowId] = /^https?:\/\/[^/]+\/([^/]+)\/exoml\/start_voice\/([^/?#]+)\/?$/.exec(flowUrl) ?? [];
  if (owner === undefined || flowId === undefined) {
    const form = `http://my.exotel.com/${sid}/exoml/start_voice/<flow id>`;
    return [look('flow', `EXOTEL_FLOW_URL is not of the documented form ${form}`)];
  }
  if (owner !== sid) return [wrong('flow', `EXOTEL_FLOW_URL is of account ${owner}, EXOTEL_ACCOUNT_SID is ${sid}`)];
  if (callbacks.flowId !== null && callbacks.flowId !== flowId) {
    const says = `EXOTEL_FLOW_ID is ${callbacks.flowId} and EXOTEL_FLOW_URL leads to flow ${flowId}: every call is refused`;
    return [wrong('flow', says)];
  }
  const isMumbai = (url: string) => new URL(url).hostname.includes('.in.');
  if (EXOTEL_REGIONS.includes(apiBase) && isMumbai(apiBase) !== isMumbai(flowUrl)) {
    const host = isMumbai(apiBase) ? 'my.in.exotel.com' : 'my.exotel.com';
    return [wrong('flow', `EXOTEL_FLOW_URL is of another region than EXOTEL_API_BASE: its host must be ${host}`)];
  }
  return [ok('flow', `${flowId} of account ${sid}`)];
}

/** Without the installation's database, so that another machine can check it. */
function exophonesOf(config: ExotelConfig): ExoPhones {
  const limiter = new RateLimiterMemory({ points: config.requestsPerSecond, duration: 1 });
  const turns = new RateLimiterQueue(limiter);
  return new ExoPhones(config, {
    takeTurn: async () => void (await turns.removeTokens(1)),
    standStill: (ms) => sleep(ms),
  });
}

function named(numbers: readonly OwnedNumber[]): string {
  const some = numbers.slice(0, MOST_NUMBERS_NAMED).map(({ number }) => number);
  return some.join(', ') + (numbers.length > some.length ? ` and ${numbers.length - some.length} more` : '');
}

function lead(numbers: readonly OwnedNumber[]): string {
  return numbers.length === 1 ? 'leads' : 'lead';
}
