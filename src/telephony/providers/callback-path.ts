import type { ProviderDefinition } from './provider-definition.js';

const HOOKS = /^\/+hooks\//i;

/**
 * Normalizes the path of a callback that somebody typed: capitals, repeated and trailing slashes, and `no_answer` for
 * `no-answer` lead to the same callback. Secrets, queries and all other paths stay unchanged.
 */
export function usualSpelling(
  providers: readonly Pick<ProviderDefinition, 'name' | 'hasSecretInPath'>[],
): (url: string) => string {
  const withSecret = new Set(providers.flatMap(({ name, hasSecretInPath }) => (hasSecretInPath ? [name] : [])));
  const provider = new RegExp(`^/+hooks/+(?<name>${providers.map(({ name }) => name).join('|')})(?=/|$)`, 'i');
  const roots = providers.map(({ name, hasSecretInPath }) => name + (hasSecretInPath ? '/[^/?]+' : ''));
  const usual = new RegExp(`^/hooks/(?:${roots.join('|')})(?:/[a-z-]+)+(?:\\?|$)`);
  return (url) => {
    if (usual.test(url) || !HOOKS.test(url)) return url;
    const queryAt = url.indexOf('?');
    const [path, query] = queryAt === -1 ? [url, ''] : [url.slice(0, queryAt), url.slice(queryAt)];
    const found = provider.exec(path);
    if (found === null) return url;
    const name = found.groups!['name']!.toLowerCase();
    const steps = path
      .slice(found[0].length)
      .split('/')
      .filter((step) => step !== '');
    const secret = withSecret.has(name) ? steps.splice(0, 1) : [];
    if (withSecret.has(name) && secret.length === 0) return url;
    return (
      ['/hooks', name, ...secret, ...steps.map((step) => step.toLowerCase().replaceAll('_', '-'))].join('/') + query
    );
  };
}
