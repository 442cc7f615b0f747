import type { IncomingMessage, ServerResponse } from 'node:http';

import helmet, { type HelmetOptions } from 'helmet';

/** No answer of the API is a page: it loads nothing, and no page may frame it. */
const OF_THE_API: HelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  xFrameOptions: { action: 'deny' },
};

/** Swagger UI loads its own files, has inline styles, shows images from data URLs, and sends requests to this API. */
const OF_THE_DOCS: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      fontSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
};

/** The console is made of its own files, without inline scripts and styles, and sends requests to this API. */
const OF_THE_CONSOLE: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
};

const [api, docs, console] = [helmet(OF_THE_API), helmet(OF_THE_DOCS), helmet(OF_THE_CONSOLE)];

/** Sets the security headers on the raw response, so that errors carry them too. */
export function setSecurityHeaders(path: string, request: IncomingMessage, response: ServerResponse): void {
  headersOf(path)(request, response, (failure?: unknown) => {
    if (failure !== undefined) throw failure;
  });
}

function headersOf(path: string): typeof api {
  if (/^\/docs(?=$|\/)/.test(path)) return docs;
  return /^\/console(?=$|[/?])/.test(path) ? console : api;
}
