import type { Environment } from '../platform/config/setting-formats.js';
import { readSettings, type Settings } from '../platform/config/settings.js';
import type { AccountSetUp } from '../telephony/providers/provider-definition.js';
import { PROVIDERS } from './providers.js';

/** How Maskline is set up, its accounts with providers included. */
export interface InstallationSettings extends Settings {
  /** Empty = the exchange is started and used. */
  readonly accounts: readonly AccountSetUp[];
  /** What all of it was read from. */
  readonly environment: Environment;
}

/** @throws SettingsError for the first setting that is wrong, or missing beside another that needs it. */
export function readInstallationSettings(environment: Environment): InstallationSettings {
  return { ...readSettings(environment), accounts: accountsIn(environment), environment };
}

/** The accounts that are set up. @throws SettingsError */
export function accountsIn(environment: Environment): AccountSetUp[] {
  return PROVIDERS.flatMap((provider) => provider.readAccount(environment) ?? []);
}
