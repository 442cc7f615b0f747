import type { FastifyInstance } from 'fastify';

import { istTime } from '../network/ist-time.js';
import { form } from '../network/provider-door.js';
import type { SmsSending } from './sms-sending.js';

/** SMS API v1, JSON only. https://developer.exotel.com/docs/sms-api/api-reference/send-sms */
export function serveSms(provider: FastifyInstance, accountSid: string, sending: SmsSending): void {
  provider.post('/v1/Accounts/:sid/Sms/send.json', { config: { api: 'sms' } }, (request) => {
    const sms = sending.begin(form(request));
    const created = istTime(new Date(sms.sentAt));
    return {
      SMSMessage: {
        Sid: sms.sid,
        AccountSid: accountSid,
        From: sms.from,
        To: sms.to,
        Body: sms.body,
        Status: 'queued',
        DateCreated: created,
        DateUpdated: created,
        DateSent: null,
        Price: null,
        Uri: `/v1/Accounts/${accountSid}/Sms/Messages/${sms.sid}.json`,
      },
    };
  });
}
