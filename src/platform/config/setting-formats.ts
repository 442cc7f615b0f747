import { isIP } from 'node:net';

/** A setting is wrong or missing. The message says in one sentence what to do. */
export class SettingsError extends Error {}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the text of a setting.
 *
 * @param text is not empty and has no spaces around it
 * @throws SettingsError that names the setting
 */
export type Format<T> = (text: string, name: string) => T;

/** The text of a setting; null if it is missing, empty or blank. */
export function textOf(env: Environment, name: string): string | null {
  const value = env[name]?.trim();
  return value ? value : null;
}

/** @throws SettingsError that names the missing ones of `needed`, because `present` is set */
export function requireBeside(env: Environment, present: string, needed: readonly string[]): void {
  const missing = needed.filter((name) => textOf(env, name) === null);
  if (missing.length > 0) {
    throw new SettingsError(
      `${present} is set but ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not: set ${missing.length > 1 ? 'them' : 'it'} too (see .env.example).`,
    );
  }
}

/** Any text. */
export const anyText: Format<string> = (text) => text;

export function oneOf<T extends string>(choices: readonly T[]): Format<T> {
  return (text, name) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw new SettingsError(`${name} must be one of ${choices.join(', ')}; it is "${text}".`);
    return choice;
  };
}

/** A URL without trailing slashes. It may contain a password, so an invalid one is not quoted. */
export function url(schemes: readonly string[]): Format<string> {
  return (text, name) => {
    if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol)) {
      throw new SettingsError(`${name} must be a URL that begins with ${schemes.map((s) => `${s}//`).join(' or ')}.`);
    }
    return text.replace(/\/+$/, '');
  };
}

const HTTP = ['http:', 'https:'];

/** An http URL, and the user and password in it. */
export interface SplitUrl {
  readonly address: string;
  readonly user?: string;
  readonly password?: string;
}

/** An http URL that may contain a user and a password. */
export const splitUrl: Format<SplitUrl> = (text, name) => {
  const value = url(HTTP)(text, name);
  const parsed = new URL(value);
  if (parsed.username === '' && parsed.password === '') return { address: value };
  const [user, password] = [parsed.username, parsed.password].map((part) => decoded(part, name));
  [parsed.username, parsed.password] = ['', ''];
  return { address: parsed.href.replace(/\/+$/, ''), user: user!, password: password! };
};

/**
 * An http URL that is shown to others or sent with each request. A password in it would get into logs and errors.
 *
 * @param instead what to do with a user or password
 */
export function openUrl(instead = 'leave them out'): Format<string> {
  return (text, name) => {
    const { address, user } = splitUrl(text, name);
    if (user !== undefined) throw new SettingsError(`${name} must not contain a user or password: ${instead}.`);
    return address;
  };
}

function decoded(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SettingsError(`${name} contains a user or password with a bare %: write it as %25.`);
  }
}

/**
 * Beginnings of URLs (scheme, host and the start of a path), separated by commas. Each path ends with a slash, which is
 * added if it is missing.
 */
export const urlBeginnings: Format<readonly string[]> = (text, name) =>
  text.split(',').map((part) => {
    const beginning = URL.canParse(part.trim()) ? new URL(part.trim()) : null;
    const { protocol, username, password, search, hash } = beginning ?? { protocol: '' };
    if (!HTTP.includes(protocol) || `${username}${password}${search}${hash}` !== '') {
      throw new SettingsError(
        `${name} must be the beginnings of URLs, separated by commas, as in https://recordings.example.com/calls/.`,
      );
    }
    return beginning!.href.replace(/\/*$/, '/');
  });

/** Addresses and networks, separated by commas, as in `10.0.0.0/8, 2001:db8::/32, 192.0.2.7`. */
export const networks: Format<readonly string[]> = (text, name) => {
  const named = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const network of named) {
    const [address = '', prefix, ...more] = network.split('/');
    const bits = address.includes('%') ? -1 : ({ 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1);
    const fits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (bits < 0 || !fits || more.length > 0) {
      throw new SettingsError(`${name} must be addresses or networks, as in 10.0.0.0/8; "${network}" is neither.`);
    }
  }
  return named;
};
