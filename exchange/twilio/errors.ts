import type { ErrorBody } from '../network/provider-door.js';

/** Twilio's error codes for errors of its whole API. */
const CODE_OF_STATUS: Readonly<Record<number, number>> = { 401: 20003, 404: 20404, 429: 20429, 500: 20500, 503: 20503 };

/** https://www.twilio.com/docs/usage/twilios-response */
export const twilioError: ErrorBody = (status, message, code = CODE_OF_STATUS[status] ?? 20001) => ({
  code,
  message,
  more_info: `https://www.twilio.com/docs/errors/${code}`,
  status,
});
