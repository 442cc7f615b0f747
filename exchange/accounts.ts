import type { ExchangeOptions } from './exchange.js';

const ACCOUNT = 'exchange';
const FLOW = '700001';
const TWILIO_SID = `AC${'e'.repeat(32)}`;

/** The exchange has no rate limit. */
const REQUESTS_PER_SECOND = '200';

export interface ExchangeSecrets {
  readonly apiKey: string;
  readonly apiToken: string;
  /** The secret in the path of Exotel's callbacks if EXOTEL_HOOK_SECRET is not set. */
  readonly hookSecret: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The accounts at the exchange of an installation without its own ones. The exchange sends callbacks to `publicUrl`.
 */
export function exchangeAccounts(
  { apiKey, apiToken, hookSecret }: ExchangeSecrets,
  env: Environment,
  publicUrl: string,
): Pick<ExchangeOptions, 'account' | 'twilio' | 'flow'> {
  const [secret] = hookSecretsOf(env, hookSecret).split(',');
  return {
    account: { sid: ACCOUNT, apiKey, apiToken },
    twilio: { sid: TWILIO_SID, authToken: apiToken },
    flow: { id: FLOW, hooks: `${publicUrl}/hooks/exotel/${secret!.trim()}` },
  };
}

/** The settings of such an installation: its own, and those of its accounts at the exchange. */
export function settingsAtExchange(
  url: string,
  { apiKey, apiToken, hookSecret }: ExchangeSecrets,
  env: Environment,
  publicUrl: string,
): Environment {
  return {
    ...env,
    PUBLIC_BASE_URL: publicUrl,
    EXOTEL_ACCOUNT_SID: ACCOUNT,
    EXOTEL_API_KEY: apiKey,
    EXOTEL_API_TOKEN: apiToken,
    EXOTEL_API_BASE: url,
    EXOTEL_FLOW_URL: `${url}/${ACCOUNT}/exoml/start_voice/${FLOW}`,
    EXOTEL_RECORDING_URLS: `${url}/recordings/${ACCOUNT}/`,
    EXOTEL_REQUESTS_PER_SECOND: REQUESTS_PER_SECOND,
    EXOTEL_HOOK_SECRET: hookSecretsOf(env, hookSecret),
    TWILIO_ACCOUNT_SID: TWILIO_SID,
    TWILIO_AUTH_TOKEN: apiToken,
    TWILIO_AUTH_TOKEN_NEXT: '',
    TWILIO_API_BASE: url,
    TWILIO_RECORDING_URLS: '',
  };
}

function hookSecretsOf(env: Environment, otherwise: string): string {
  return env['EXOTEL_HOOK_SECRET']?.trim() || otherwise;
}
