import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The widths in pixels at which each page of the console has a picture. */
export const WIDTHS = [1280, 360] as const;

const ROUTES = join(import.meta.dirname, '../../console/routes.tsx');

/** The paths of the console's pages, as in `/pools/$name`. */
export function pathsOfTheConsole(): string[] {
  const paths = [...readFileSync(ROUTES, 'utf8').matchAll(/path: '(\/[^']+)'/g)];
  return paths.map(([, path]) => path!);
}

/** The name of a page's pictures, as in `pools-name`. */
export const pictureOf = (path: string): string => path.slice(1).replace('/$', '-');
