import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('#package.json') as { readonly version: string };

/** The version of this release, as in package.json. */
export const VERSION = manifest.version;
