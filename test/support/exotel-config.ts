import type { ExotelCallbackSettings, ExotelConfig } from '../../src/telephony/exotel/exotel-config.js';

/** Asks no more of a callback than its secret. */
export const ANY_CALLBACK: ExotelCallbackSettings = {
  allowedCidrs: [],
  flowId: null,
  tenantId: null,
  timeZone: null,
  missesPerNumber: null,
  missesInAll: null,
  missesPerCaller: null,
  callerIdForm: 'e164',
};

/** An account in India that is asked as often as tests like, and passes no texts on. */
export function anExotelConfig(but: Pick<ExotelConfig, 'account'> & Partial<ExotelConfig>): ExotelConfig {
  return {
    hookSecrets: ['secret'],
    hooks: 'http://127.0.0.1:9/hooks/exotel/secret',
    country: 'IN',
    requestsPerSecond: 1_000,
    callbacks: ANY_CALLBACK,
    texts: false,
    ...but,
  };
}
