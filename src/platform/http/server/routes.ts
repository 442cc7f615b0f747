import type { FastifyInstance } from 'fastify';

/** Providers' callbacks: their methods are told to nobody. */
const HOOKS = '/hooks/';

/**
 * Remembers the routes that are added from now on. @returns the methods that a path takes, sorted; empty if no route
 * has this path. It compares the path with every route, so it is for requests that were not routed.
 */
export function methodsByPath(server: FastifyInstance): (url: string) => string[] {
  const routes: { readonly path: RegExp; readonly methods: readonly string[] }[] = [];
  server.addHook('onRoute', ({ url, method }) => {
    if (!url.startsWith(HOOKS)) routes.push({ path: patternOf(url), methods: [method].flat() });
  });
  return (url) => {
    const [path = ''] = url.split('?');
    return [...new Set(routes.flatMap((route) => (route.path.test(path) ? route.methods : [])))].sort();
  };
}

/** `/v1/orders/:reference` as a pattern in which a placeholder is anything but a slash, and `*` is anything. */
function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
