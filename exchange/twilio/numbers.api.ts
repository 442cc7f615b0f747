import { createHash } from 'node:crypto';

import type { FastifyInstance, FastifyRequest } from 'fastify';

import { isCountry, parseE164, type E164 } from '../../src/phone-number/e164.js';
import { NotForSale, type Inventory, type NumberSettings, type OwnedNumber } from '../network/inventory.js';
import { nationalForm } from '../network/number-spelling.js';
import { form, queryNumber, queryText, RestException } from '../network/provider-door.js';
import { numbersForSale, seriesFor, type NumberType, type Series } from '../network/shelf.js';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 1000;

/** The type of number that is sold under each name; null = none. */
const TYPES: Readonly<Record<string, NumberType | null>> = {
  Local: 'Landline',
  Mobile: 'Mobile',
  TollFree: 'TollFree',
  National: null,
  Voip: null,
  SharedCost: null,
  MachineToMachine: null,
};

/** Twilio sells no Indian numbers. */
const NOT_SOLD_IN = new Set(['IN']);

interface ShelfPath {
  Params: { country: string; type: string };
}
interface NumberPath {
  Params: { numberSid: string };
}

export function numberSidOf(number: E164): string {
  return `PN${createHash('md5').update(number).digest('hex')}`;
}

/** Numbers for sale and numbers owned. https://www.twilio.com/docs/phone-numbers/api */
export function serveTwilioNumbers(provider: FastifyInstance, accountSid: string, inventory: Inventory): void {
  const base = '/2010-04-01/Accounts/:sid';
  const account = `/2010-04-01/Accounts/${accountSid}`;

  provider.get<ShelfPath>(`${base}/AvailablePhoneNumbers/:country/:type`, { config: { api: 'search' } }, (request) => {
    const region = queryText(request, 'InRegion');
    const series = readSeries(request.params);
    const smsOnly = queryText(request, 'SmsEnabled') === 'true';
    const isEmpty = !series || (smsOnly && !series.sms) || request.fault?.kind === 'empty';
    const contains = (queryText(request, 'Contains') ?? '').replace(/\D/g, '');
    const found = isEmpty ? [] : numbersForSale(series, (number) => inventory.isGone(number), contains);
    const size = queryNumber(request, 'PageSize', PAGE_SIZE, 1, LARGEST_PAGE_SIZE);
    if (region) for (const number of found) inventory.rememberOffer(number, region);
    return {
      uri: `${account}/AvailablePhoneNumbers/${request.params.country}/${request.params.type}`,
      available_phone_numbers: found.slice(0, size).map((number) => ({
        friendly_name: nationalForm(number),
        phone_number: number,
        lata: null,
        locality: null,
        rate_center: null,
        latitude: null,
        longitude: null,
        region: region ?? null,
        postal_code: null,
        iso_country: series!.country,
        address_requirements: 'none',
        beta: false,
        capabilities: { voice: true, SMS: series!.sms, MMS: false, fax: false },
      })),
    };
  });

  provider.post(`${base}/IncomingPhoneNumbers.json`, { config: { api: 'buy' } }, async (request, reply) => {
    const wanted = form(request).get('PhoneNumber') ?? '';
    const number = parseE164(wanted);
    if (!number) throw new RestException(400, `PhoneNumber ${wanted} is not valid`, 21421);
    if (request.fault?.kind === 'refuse') {
      const { code } = request.fault;
      if (code !== undefined) throw new RestException(400, REASONS[code] ?? 'The number cannot be bought', code);
      await inventory.takeOffTheShelf(number);
      throw notAvailable();
    }
    if (NOT_SOLD_IN.has(countryIn(number))) throw notAvailable();
    const bought = await inventory.buy(number, readSettings(request)).catch((error: unknown) => {
      throw error instanceof NotForSale ? notAvailable() : error;
    });
    return reply.status(201).send(rendered(bought));
  });

  provider.get(`${base}/IncomingPhoneNumbers.json`, { config: { api: 'list' } }, (request) => {
    const page = queryNumber(request, 'Page', 0, 0, Number.MAX_SAFE_INTEGER);
    const size = queryNumber(request, 'PageSize', PAGE_SIZE, 1, LARGEST_PAGE_SIZE);
    const wanted = queryText(request, 'PhoneNumber')?.replace(/^ (?=\d)/, '+');
    const owned = request.fault?.kind === 'empty' ? [] : inventory.all();
    const found = owned.filter(({ number }) => wanted === undefined || number.includes(wanted));
    const uri = (of: number) => `${account}/IncomingPhoneNumbers.json?PageSize=${size}&Page=${of}`;
    return {
      page,
      page_size: size,
      start: page * size,
      end: page * size + size - 1,
      uri: uri(page),
      first_page_uri: uri(0),
      next_page_uri: (page + 1) * size < found.length ? uri(page + 1) : null,
      previous_page_uri: page > 0 ? uri(page - 1) : null,
      incoming_phone_numbers: found.slice(page * size, (page + 1) * size).map(rendered),
    };
  });

  provider.get<NumberPath>(`${base}/IncomingPhoneNumbers/:numberSid`, { config: { api: 'get' } }, (request) =>
    rendered(find(request.params.numberSid)),
  );

  provider.post<NumberPath>(
    `${base}/IncomingPhoneNumbers/:numberSid`,
    { config: { api: 'configure' } },
    async (request) => {
      const number = find(request.params.numberSid);
      await inventory.configure(number, readSettings(request));
      return rendered(number);
    },
  );

  provider.delete<NumberPath>(
    `${base}/IncomingPhoneNumbers/:numberSid`,
    { config: { api: 'release' } },
    async (request, reply) => {
      await inventory.release(find(request.params.numberSid));
      return reply.status(204).send();
    },
  );

  function find(name: string): OwnedNumber {
    const number = name.endsWith('.json') ? inventory.findBySid(name.slice(0, -'.json'.length)) : null;
    if (!number) throw new RestException(404, `The requested resource ${name} was not found`, 20404);
    return number;
  }

  function rendered(number: OwnedNumber) {
    const more = number.more ?? {};
    const urls = Object.fromEntries(OTHER_SETTINGS.map((name) => [snake(name), more[name] ?? null]));
    return {
      sid: number.sid,
      account_sid: accountSid,
      friendly_name: number.friendlyName,
      phone_number: number.number,
      voice_url: number.voiceUrl ?? '',
      sms_url: number.smsUrl ?? '',
      ...urls,
      capabilities: { voice: true, sms: number.sms, mms: false, fax: false },
      address_requirements: 'none',
      beta: false,
      origin: 'twilio',
      status: 'in-use',
      date_created: rfc2822(number.boughtAt),
      date_updated: rfc2822(number.boughtAt),
      api_version: '2010-04-01',
      uri: `${account}/IncomingPhoneNumbers/${number.sid}.json`,
    };
  }
}

const OTHER_SETTINGS = [
  'VoiceMethod',
  'VoiceFallbackUrl',
  'VoiceFallbackMethod',
  'StatusCallback',
  'StatusCallbackMethod',
  'SmsMethod',
  'SmsFallbackUrl',
  'SmsFallbackMethod',
  'VoiceApplicationSid',
  'SmsApplicationSid',
  'TrunkSid',
  'VoiceReceiveMode',
] as const;

function readSettings(request: FastifyRequest): NumberSettings {
  const sent = form(request);
  const settings: NumberSettings = {};
  const [friendlyName, voiceUrl, smsUrl] = [sent.get('FriendlyName'), sent.get('VoiceUrl'), sent.get('SmsUrl')];
  if (friendlyName !== null) settings.friendlyName = friendlyName;
  if (voiceUrl !== null) settings.voiceUrl = voiceUrl;
  if (smsUrl !== null) settings.smsUrl = smsUrl;
  const more = OTHER_SETTINGS.flatMap((name) => (sent.has(name) ? [[name, sent.get(name)!] as const] : []));
  if (more.length > 0) settings.more = Object.fromEntries(more);
  return settings;
}

function readSeries(params: ShelfPath['Params']): Series | null {
  const country = params.country.toUpperCase();
  const [type, ...rest] = params.type.split(/(?=\.json$)/);
  const isSold = isCountry(country) && !NOT_SOLD_IN.has(country) && rest.length === 1 && Object.hasOwn(TYPES, type!);
  if (!isSold)
    throw new RestException(404, `The requested resource ${params.country}/${params.type} was not found`, 20404);
  const sold = TYPES[type!];
  return sold ? seriesFor(country, sold, undefined) : null;
}

function countryIn(number: E164): string {
  return number.startsWith('+91') ? 'IN' : '';
}

const REASONS: Readonly<Record<number, string>> = {
  21613: 'PhoneNumber Requires an Address but the AddressSid parameter was empty',
  21631: 'Phone Number Requires an Address',
  21649: 'Bundle required for phone number',
};

function notAvailable(): RestException {
  return new RestException(400, 'PhoneNumber is not available', 21422);
}

function snake(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
}

function rfc2822(instant: string): string {
  return new Date(instant).toUTCString().replace('GMT', '+0000');
}
