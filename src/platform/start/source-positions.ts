import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The compiled files, beside which their maps are. Maps of packages are never read. */
const COMPILED = new URL('../../../', import.meta.url).href;

const maps = new Map<string, SourceMap | null>();

/**
 * Shows the lines of the TypeScript in stack traces. A map is read when a stack of its file is shown first. Instead of
 * `node --enable-source-maps`, which reads and keeps the map of each file that is loaded, also those of packages.
 */
export function showSourcePositions(): void {
  Error.prepareStackTrace = (error, frames) =>
    [headOf(error), ...frames.map((frame) => `    at ${written(frame)}`)].join('\n');
}

function headOf(error: Error): string {
  try {
    return String(error);
  } catch {
    return 'Error'; // one whose message cannot be read
  }
}

function written(frame: NodeJS.CallSite): string {
  const plain = String(frame);
  const [file, line, column] = [frame.getFileName(), frame.getLineNumber(), frame.getColumnNumber()];
  if (!file?.startsWith(COMPILED) || line === null || column === null) return plain;
  const origin = mapOf(file)?.findOrigin(line, column);
  if (!origin || !('fileName' in origin)) return plain;
  const source = pathToFileURL(resolve(dirname(fileURLToPath(file)), origin.fileName)).href;
  return plain.replace(`${file}:${line}:${column}`, `${source}:${origin.lineNumber}:${origin.columnNumber}`);
}

/** Null if there is none, or none that can be used: a stack with compiled lines is better than none. */
function mapOf(file: string): SourceMap | null {
  let map = maps.get(file);
  if (map === undefined) {
    try {
      map = new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${file}.map`), 'utf8')));
    } catch {
      map = null;
    }
    maps.set(file, map);
  }
  return map;
}
