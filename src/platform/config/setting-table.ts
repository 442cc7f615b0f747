import type { z } from 'zod';

import type { Format } from './setting-formats.js';

/** A setting is wrong or missing. The message is one sentence that says what to do. */
export class SettingsError extends Error {}

export type Environment = Readonly<Record<string, string | undefined>>;

/** One environment variable. */
export interface Setting<T = unknown> {
  readonly format: Format<T>;
  /** The value of a setting that is not set; null = none. */
  readonly default: string | null;
  /** The description in .env.example. */
  readonly description: string;
}

/** Settings by the names of their environment variables. */
export type SettingTable = Readonly<Record<string, Setting>>;

/** The values read by a table; null for a setting that is not set and has no default. */
export type SettingValues<Table extends SettingTable> = {
  readonly [Name in keyof Table]:
    | z.output<Table[Name]['format']>
    | (Table[Name]['default'] extends string ? never : null);
};

/** @throws SettingsError for the first wrong setting */
export function readTable<Table extends SettingTable>(table: Table, env: Environment): SettingValues<Table> {
  const values = Object.entries(table).map(([name, setting]) => {
    const text = textOf(env, name) ?? setting.default;
    return [name, text === null ? null : readText(text, name, setting.format)];
  });
  return Object.fromEntries(values) as SettingValues<Table>;
}

/** @throws SettingsError */
export function readText<T>(text: string, name: string, format: Format<T>): T {
  const { data, error } = format.safeParse(text);
  if (error) throw new SettingsError(`${name} ${error.issues[0]!.message}.`);
  return data as T;
}

/** The text of a setting; null if it is missing, empty or blank. */
export function textOf(env: Environment, name: string): string | null {
  const value = env[name]?.trim();
  return value ? value : null;
}

/** @throws SettingsError naming those of `needed` that are not set although `present` is */
export function requireBeside(env: Environment, present: string, needed: readonly string[]): void {
  const missing = needed.filter((name) => textOf(env, name) === null);
  if (missing.length === 0) return;
  const [are, them] = missing.length > 1 ? ['are', 'them'] : ['is', 'it'];
  throw new SettingsError(
    `${present} is set but ${missing.join(', ')} ${are} not: set ${them} too (see .env.example).`,
  );
}
