import { createHash, createHmac } from 'node:crypto';

/**
 * Twilio's signature of a request: over the exact URL, then each parameter's name and value, sorted by name. For a body
 * that is not a form, the URL contains `bodySHA256`.
 */
export function signatureOf(authToken: string, url: string, parameters: Readonly<Record<string, string>>): string {
  const signed = Object.keys(parameters)
    .toSorted()
    .map((name) => name + parameters[name]);
  return createHmac('sha1', authToken)
    .update(url + signed.join(''), 'utf8')
    .digest('base64');
}

export function bodySha256(body: string): string {
  return createHash('sha256').update(body, 'utf8').digest('hex');
}
