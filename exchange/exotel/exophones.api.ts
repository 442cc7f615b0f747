import type { FastifyInstance, FastifyRequest } from 'fastify';

import { isCountry, parseE164 } from '../../src/phone-number/e164.js';
import { NotForSale, type Inventory, type NumberSettings, type OwnedNumber } from '../network/inventory.js';
import { nationalForm } from '../network/number-spelling.js';
import { form, queryNumber, queryText, RestException } from '../network/provider-door.js';
import { NUMBER_TYPES, numbersForSale, seriesFor, type Series } from '../network/shelf.js';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;

interface ShelfPath {
  Params: { country: string; type: string };
}
interface NumberPath {
  Params: { numberSid: string };
}

/** ExoPhones API v2_beta: numbers for sale and owned numbers. https://developer.exotel.com/api/exophones */
export function serveExoPhones(provider: FastifyInstance, inventory: Inventory): void {
  const base = '/v2_beta/Accounts/:sid';

  provider.get<ShelfPath>(`${base}/AvailablePhoneNumbers/:country/:type`, { config: { api: 'search' } }, (request) => {
    const region = queryText(request, 'InRegion') || undefined;
    const series = readSeries(request.params, region);
    const smsOnly = queryText(request, 'IncomingSMS') === 'true';
    if (!series || (smsOnly && !series.sms) || request.fault?.kind === 'empty') return [];
    const contains = queryText(request, 'Contains') ?? '';
    const numbers = numbersForSale(series, (number) => inventory.isGone(number), contains.replace(/\D/g, ''));
    return numbers.map((number) => {
      if (series.region === null && region) inventory.rememberOffer(number, region);
      return {
        friendly_name: nationalForm(number),
        phone_number: number,
        capabilities: { sms: series.sms, voice: true },
        country: series.country,
        region: series.region ?? region ?? null,
        number_type: series.type,
        rental_price: series.rentalPrice,
      };
    });
  });

  provider.post(`${base}/IncomingPhoneNumbers`, { config: { api: 'buy' } }, async (request) => {
    const wanted = form(request).get('PhoneNumber');
    if (!wanted) throw new RestException(400, 'Mandatory parameter PhoneNumber is missing');
    const number = parseE164(wanted);
    if (!number) throw new RestException(400, 'PhoneNumber must be in E.164 format');
    if (request.fault?.kind === 'refuse') {
      await inventory.takeOffTheShelf(number);
      throw new RestException(400, `${number} is no longer available`);
    }
    const bought = await inventory.buy(number, readSettings(request)).catch((error: unknown) => {
      if (error instanceof NotForSale) throw new RestException(error.why === 'taken' ? 400 : 404, error.message);
      throw error;
    });
    return {
      sid: bought.sid,
      phone_number: bought.number,
      friendly_name: bought.friendlyName,
      capabilities: capabilities(bought),
      country: bought.country,
      rental_price: bought.rentalPrice,
      currency: bought.currency,
    };
  });

  provider.get(`${base}/IncomingPhoneNumbers`, { config: { api: 'list' } }, (request) => {
    const page = queryNumber(request, 'Page', 0, 0, Number.MAX_SAFE_INTEGER);
    const size = queryNumber(request, 'PageSize', PAGE_SIZE, 1, LARGEST_PAGE_SIZE);
    const owned = request.fault?.kind === 'empty' ? [] : inventory.all();
    const shown = owned.slice(page * size, (page + 1) * size);
    // As documented, the list does not contain the flow of a number.
    return { page, page_size: size, incoming_phone_numbers: shown.map(listed) };
  });

  provider.get<NumberPath>(`${base}/IncomingPhoneNumbers/:numberSid`, { config: { api: 'get' } }, (request) => {
    const number = find(request.params.numberSid);
    return { ...configured(number), country: number.country, region: number.region };
  });

  provider.put<NumberPath>(
    `${base}/IncomingPhoneNumbers/:numberSid`,
    { config: { api: 'configure' } },
    async (request) => {
      const number = find(request.params.numberSid);
      await inventory.configure(number, readSettings(request));
      return configured(number);
    },
  );

  provider.delete<NumberPath>(
    `${base}/IncomingPhoneNumbers/:numberSid`,
    { config: { api: 'release' } },
    async (request, reply) => {
      await inventory.release(find(request.params.numberSid));
      return reply.status(202).send({ Status: 202, Message: 'Accepted' });
    },
  );

  function find(sid: string): OwnedNumber {
    const number = inventory.findBySid(sid);
    if (!number) throw new RestException(404, 'No such ExoPhone');
    return number;
  }
}

function readSeries(params: ShelfPath['Params'], region: string | undefined): Series | null {
  const country = params.country.toUpperCase();
  if (!isCountry(country)) throw new RestException(404, `We sell no numbers in ${params.country}`);
  const type = NUMBER_TYPES.find((known) => known === params.type);
  if (!type) throw new RestException(400, `Number type must be one of ${NUMBER_TYPES.join(', ')}`);
  const series = seriesFor(country, type, region);
  if (!series && country === 'IN') throw new RestException(400, `InRegion ${region} is not a telecom circle`);
  return series;
}

function readSettings(request: FastifyRequest): NumberSettings {
  const sent = form(request);
  const settings: NumberSettings = {};
  const [friendlyName, voiceUrl, smsUrl] = [sent.get('FriendlyName'), sent.get('VoiceUrl'), sent.get('SMSUrl')];
  if (friendlyName !== null) settings.friendlyName = friendlyName;
  if (voiceUrl !== null) settings.voiceUrl = voiceUrl;
  if (smsUrl !== null) settings.smsUrl = smsUrl;
  return settings;
}

function listed(number: OwnedNumber) {
  return {
    sid: number.sid,
    phone_number: number.number,
    friendly_name: number.friendlyName,
    capabilities: capabilities(number),
    country: number.country,
    region: number.region,
  };
}

function configured(number: OwnedNumber) {
  return {
    sid: number.sid,
    phone_number: number.number,
    friendly_name: number.friendlyName,
    voice_url: number.voiceUrl,
    sms_url: number.smsUrl,
    capabilities: capabilities(number),
  };
}

function capabilities(number: OwnedNumber) {
  return { voice: true, sms: number.sms };
}
