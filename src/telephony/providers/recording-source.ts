const LONGEST_LINK = 2_048;
/** A slash that the server may take for one although the address does not: then its path means another than it says. */
const HIDDEN_SLASH = /%2f|%5c/i;

/**
 * Where a provider keeps recordings. Links to them come from outside, and what they lead to is asked for from within our
 * network: so nothing is, but what is below one of the addresses that the settings name.
 */
export abstract class RecordingSource {
  /** @param places beginnings of URLs, each with scheme, host, and a path that ends in a slash */
  constructor(private readonly places: readonly string[]) {}

  /** Where to ask for the audio behind a link that was reported; null = it leads elsewhere, and nobody asks. */
  audioAt(link: string): URL | null {
    const url = this.within(link);
    return url && this.asAudio(url);
  }

  /** Where a link leads, written out, or, with a base, an address that `base` redirects to; null = elsewhere. */
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

  /** The headers that let us in there: those of the account, where the host is the provider's own, and else none. */
  abstract headersFor(url: URL): Readonly<Record<string, string>>;

  protected asAudio(url: URL): URL {
    return url;
  }
}

/** The provider's own hosts are told who we are; a shop of somebody else's, where it keeps its files, is not. */
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
