import { textOf, type Environment, type Format } from './setting-formats.js';

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
    ReturnType<Table[Name]['format']> | (Table[Name]['default'] extends string ? never : null);
};

/** @throws SettingsError for the first wrong setting */
export function readTable<Table extends SettingTable>(table: Table, env: Environment): SettingValues<Table> {
  const values = Object.entries(table).map(([name, setting]) => {
    const text = textOf(env, name) ?? setting.default;
    return [name, text === null ? null : setting.format(text, name)];
  });
  return Object.fromEntries(values) as SettingValues<Table>;
}
