import { register } from 'node:module';

/**
 * Lets plain Node import our TypeScript, compiled as Jest compiles it: `node --import ./test/support/typescript.mjs x.ts`.
 * Jest loads its global setup without its own module mapping, and a test may need a process of its own.
 */
register('./typescript-hooks.mjs', import.meta.url);
