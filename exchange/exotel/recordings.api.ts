import type { FastifyInstance } from 'fastify';

import type { CallLog, CallRecord } from '../network/call-log.js';
import { queryNumber, queryText, RestException } from '../network/provider-door.js';

/** A silent frame of MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono. */
const FRAME = Buffer.concat([Buffer.from([0xff, 0xfb, 0x10, 0xc0]), Buffer.alloc(100)]);
const FRAMES_A_SECOND = 38;

/** The audio of every recorded call. */
const AUDIO = Buffer.concat(Array<Buffer>(FRAMES_A_SECOND).fill(FRAME));

const PAGE_SIZE = 50;

/** Files of recorded calls; needs the account's key. */
export function serveRecordings(provider: FastifyInstance, calls: CallLog): void {
  provider.get<{ Params: { file: string } }>(
    '/recordings/:sid/:file',
    { config: { api: 'recordings' } },
    async (request, reply) => {
      const call = calls.record(request.params.file.replace(/\.mp3$/, ''));
      if (!call?.recordingUrl || !request.params.file.endsWith('.mp3')) throw new RestException(404, 'No such file');
      return reply.type('audio/mpeg').send(AUDIO);
    },
  );
}

export function recordingSidOf(callSid: string): string {
  return `RE${callSid.slice(2)}`;
}

/** Recordings and their metadata. https://www.twilio.com/docs/voice/api/recording */
export function serveTwilioRecordings(provider: FastifyInstance, accountSid: string, calls: CallLog): void {
  const base = '/2010-04-01/Accounts/:sid';
  const account = `/2010-04-01/Accounts/${accountSid}`;

  provider.get(`${base}/Recordings.json`, { config: { api: 'recordings' } }, (request) => {
    const callSid = queryText(request, 'CallSid');
    const size = queryNumber(request, 'PageSize', PAGE_SIZE, 1, PAGE_SIZE);
    const found = calls.all().filter((call) => call.recordingUrl !== null && (callSid ?? call.sid) === call.sid);
    const uri = `${account}/Recordings.json?PageSize=${size}`;
    return {
      page: 0,
      page_size: size,
      start: 0,
      end: size - 1,
      uri,
      first_page_uri: uri,
      next_page_uri: null,
      previous_page_uri: null,
      recordings: found.slice(0, size).map(rendered),
    };
  });

  provider.get<{ Params: { file: string } }>(
    `${base}/Recordings/:file`,
    { config: { api: 'recordings' } },
    async (request, reply) => {
      const [sid = '', ending] = request.params.file.split('.');
      const call = calls.record(`CA${sid.slice(2)}`);
      if (!call?.recordingUrl) throw new RestException(404, `The requested resource ${sid} was not found`, 20404);
      return ending === 'json' ? rendered(call) : reply.type('audio/mpeg').send(AUDIO);
    },
  );

  function rendered(call: CallRecord) {
    const sid = recordingSidOf(call.sid);
    return {
      sid,
      account_sid: accountSid,
      call_sid: call.sid,
      duration: String(call.talkSeconds),
      channels: 2,
      status: 'completed',
      source: 'DialVerb',
      price: null,
      price_unit: 'USD',
      api_version: '2010-04-01',
      media_url: call.recordingUrl,
      uri: `${account}/Recordings/${sid}.json`,
    };
  }
}
