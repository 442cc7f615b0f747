import type { IncomingMessage, ServerResponse } from 'node:http';

import helmet, { type HelmetOptions } from 'helmet';

/** Nothing the API answers is a page: it loads nothing and nobody may frame it. */
const OF_THE_API: HelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  xFrameOptions: { action: 'deny' },
};

/** Swagger UI loads its own files, styles itself inline, shows its pictures from data, and asks this API. */
const OF_THE_DOCS: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      ...{ defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: ["'self'", "'unsafe-inline'"] },
      ...{ imgSrc: ["'self'", 'data:'], connectSrc: ["'self'"], fontSrc: ["'self'"] },
      ...{ baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    },
  },
  xFrameOptions: { action: 'deny' },
};

const [api, docs] = [helmet(OF_THE_API), helmet(OF_THE_DOCS)];

/** Sets what browsers are to know of an answer, on the raw response, so that errors carry it too. */
export function setSecurityHeaders(path: string, request: IncomingMessage, response: ServerResponse): void {
  const set = path === '/docs' || path.startsWith('/docs/') ? docs : api;
  set(request, response, (failure?: unknown) => {
    if (failure !== undefined) throw failure;
  });
}
