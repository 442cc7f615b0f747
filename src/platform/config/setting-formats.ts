import { z } from 'zod';

/**
 * Reads the text of a setting. Error messages follow the setting's name, as in `must be a whole number`, and quote only
 * what cannot be a secret.
 */
export type Format<T> = z.ZodType<T, string>;

/** Any text. */
export const anyText: Format<string> = z.string();

/** A text that matches a pattern. A wrong one is quoted. */
export function matching(pattern: RegExp, message: string): Format<string> {
  return z.string().regex(pattern, { error: quoting(message) });
}

/** One of several words. */
export function oneOf<const T extends string>(choices: readonly T[]): Format<T> {
  return z.enum(choices, { error: quoting(`must be one of ${choices.join(', ')}`) }) as unknown as Format<T>;
}

/** A whole number of the range, in digits. */
export function wholeNumber(least: number, most: number, message: string): Format<number> {
  const error = quoting(message);
  return z
    .string()
    .regex(/^\d{1,9}$/, { error })
    .transform(Number)
    .pipe(z.number().min(least, { error }).max(most, { error }));
}

/** A URL without the slashes at its end. A wrong one is not quoted, because it may contain a password. */
function url(schemes: readonly string[]): Format<string> {
  const error = beginsWith(schemes);
  return z
    .url({ protocol: new RegExp(`^(${schemes.join('|')})$`), error })
    .transform((text) => text.replace(/\/+$/, ''));
}

/**
 * A URL of a server, in the form that a reader understands. A wrong one is not quoted, because it may contain a password.
 *
 * @param read throws an Error whose message follows the setting's name
 */
export function urlReadBy(read: (text: string) => unknown, schemes: readonly string[]): Format<string> {
  return z.string().transform((text, context) => {
    const known = schemes.some((scheme) => text.startsWith(`${scheme}://`));
    try {
      if (known) read(text);
      else context.addIssue(beginsWith(schemes));
    } catch (failure) {
      context.addIssue((failure as Error).message);
    }
    return text;
  });
}

function beginsWith(schemes: readonly string[]): string {
  const [last, ...others] = schemes.map((scheme) => `${scheme}://`).toReversed();
  return `must be a URL that begins with ${[others.toReversed().join(', '), last].join(' or ')}`;
}

/** A URL, and the user and the password in it. */
export interface SplitUrl {
  readonly address: string;
  readonly user?: string;
  readonly password?: string;
}

/** An http URL that may contain a user and a password. */
export const splitUrl: Format<SplitUrl> = url(['http', 'https']).transform((text, context) => {
  const parsed = new URL(text);
  if (parsed.username === '' && parsed.password === '') return { address: text };
  try {
    const [user, password] = [parsed.username, parsed.password].map(decodeURIComponent);
    [parsed.username, parsed.password] = ['', ''];
    return { address: parsed.href.replace(/\/+$/, ''), user: user!, password: password! };
  } catch {
    context.addIssue('contains a user or password with a bare %: write it as %25');
    return z.NEVER;
  }
});

/**
 * An http URL that clients see or that requests use. Its user or password would get into logs and errors.
 *
 * @param instead what to do with a user or password
 */
export function openUrl(instead = 'leave them out'): Format<string> {
  return splitUrl
    .refine(({ user }) => user === undefined, { error: `must not contain a user or password: ${instead}` })
    .transform(({ address }) => address);
}

/** Beginnings of URLs: scheme, host and part of a path, which then ends with a slash. Separated by commas. */
export const urlBeginnings: Format<readonly string[]> = listOf(
  z
    .url({ protocol: /^https?$/ })
    .transform((text) => new URL(text))
    .refine(({ username, password, search, hash }) => `${username}${password}${search}${hash}` === '')
    .transform(({ href }) => href.replace(/\/*$/, '/')),
  'must be the beginnings of URLs, separated by commas, as in https://recordings.example.com/calls/',
);

/** Addresses and networks, separated by commas, as in `10.0.0.0/8, 2001:db8::/32, 192.0.2.7`. */
export const networks: Format<readonly string[]> = z
  .string()
  .transform((text) => splitAtCommas(text).filter((part) => part !== ''))
  .pipe(
    z.array(
      z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
        error: ({ input }) => `must be addresses or networks, as in 10.0.0.0/8; "${String(input)}" is neither`,
      }),
    ),
  );

/**
 * Values separated by commas, at least one.
 *
 * @param message for any wrong value; none is quoted
 * @param most how many values there may be
 */
export function listOf<T>(value: z.ZodType<T, string>, message: string, most = Infinity): Format<readonly T[]> {
  return z.string().transform((text, context) => {
    const values = splitAtCommas(text).map((part) => value.safeParse(part));
    if (values.length <= most && values.every(({ success }) => success)) return values.map(({ data }) => data as T);
    context.addIssue(message);
    return z.NEVER;
  });
}

function splitAtCommas(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function quoting(message: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => `${message}; it is "${String(input)}"`;
}
