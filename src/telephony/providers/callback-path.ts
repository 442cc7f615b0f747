const HOOKS = /^\/+hooks\//i;
/** A provider's name and, at Exotel, the secret, which is to the letter. */
const BEFORE_THE_CALLBACK = /^\/+hooks\/+(?:(?<exotel>exotel)\/+(?<secret>[^/]+)|(?<twilio>twilio))(?=\/|$)/i;

/**
 * The path of a request as our callbacks are written, for whoever pasted one by hand: capitals, doubled and trailing
 * slashes and `no_answer` for `no-answer` lead to the same callback. The secret, the query and every path that is no
 * callback's stay as they are.
 */
export function usualSpelling(url: string): string {
  if (!HOOKS.test(url)) return url;
  const queryAt = url.indexOf('?');
  const [path, query] = queryAt === -1 ? [url, ''] : [url.slice(0, queryAt), url.slice(queryAt)];
  const before = BEFORE_THE_CALLBACK.exec(path);
  if (before === null) return url;
  const { exotel, secret } = before.groups!;
  const door = exotel === undefined ? '/hooks/twilio' : `/hooks/exotel/${secret}`;
  const steps = path
    .slice(before[0].length)
    .split('/')
    .filter((step) => step !== '');
  return [door, ...steps.map((step) => step.toLowerCase().replaceAll('_', '-'))].join('/') + query;
}
