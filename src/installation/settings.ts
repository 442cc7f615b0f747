import type { Environment } from '../platform/config/setting-table.js';
import { readSettings, type Settings } from '../platform/config/settings.js';
import type { AccountSetUp } from '../telephony/providers/provider-definition.js';
import { PROVIDERS } from './providers.js';

/** All settings of Maskline, including its accounts with providers. */
export interface InstallationSettings extends Settings {
  /** Empty = the exchange is started and used. */
  readonly accounts: readonly AccountSetUp[];
  /** The environment that all of it was read from. */
  readonly environment: Environment;
}

/** @throws SettingsError for the first setting that is wrong, or missing although another one needs it */
export function readInstallationSettings(environment: Environment): InstallationSettings {
  return { ...readSettings(environment), accounts: accountsIn(environment), environment };
}

/** The accounts that are set. @throws SettingsError */
export function accountsIn(environment: Environment): AccountSetUp[] {
  return PROVIDERS.flatMap((provider) => provider.readAccount(environment) ?? []);
}
