const LONGEST_LINK = 2_048;
/** An encoded slash, which some servers decode: then the path means something else than it says. */
const HIDDEN_SLASH = /%2f|%5c/i;

/**
 * Where a provider keeps recordings. Links come from outside, and are requested from inside our network, so only
 * addresses below the configured ones are requested.
 */
export abstract class RecordingSource {
  /** @param places beginnings of URLs, each with scheme, host, and a path that ends with a slash */
  constructor(private readonly places: readonly string[]) {}

  /** The URL of the audio behind a reported link; null if it leads elsewhere, so that nobody requests it. */
  audioAt(link: string): URL | null {
    const url = this.within(link);
    return url && this.asAudio(url);
  }

  /** The normalized URL of a link, or of a redirect of `base`; null if it leads elsewhere. */
  within(link: string, base?: URL): URL | null {
    if (link.length > LONGEST_LINK || !URL.canParse(link, base?.href)) return null;
    const url = new URL(link, base);
    if (url.username !== '' || url.password !== '' || HIDDEN_SLASH.test(url.pathname)) return null;
    const isOurs = this.places.some((text) => {
      const place = new URL(text);
      return url.origin === place.origin && url.pathname.startsWith(place.pathname);
    });
    return isOurs ? url : null;
  }

  /** The request's headers: the account's credentials if the host is the provider's own, otherwise none. */
  abstract headersFor(url: URL): Readonly<Record<string, string>>;

  protected asAudio(url: URL): URL {
    return url;
  }
}

/** Sends the account's credentials only to the provider's own hosts, not to other hosts where it stores files. */
export function basicAuthAt(
  url: URL,
  { name, password, apiBase }: { name: string; password: string; apiBase: string },
  domains: readonly string[],
): Readonly<Record<string, string>> {
  const isTheirs =
    url.origin === new URL(apiBase).origin ||
    (url.protocol === 'https:' && domains.some((domain) => url.hostname.endsWith(`.${domain}`)));
  return isTheirs ? { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` } : {};
}
