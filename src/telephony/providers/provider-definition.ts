import type { DynamicModule } from '@nestjs/common';

import type { Country } from '../../phone-number/e164.js';
import type { Environment, SettingTable } from '../../platform/config/setting-table.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/**
 * A provider before anything runs: its name, its settings, and how an account becomes a module. Settings are read
 * before the application is loaded, so a definition imports nothing slow.
 */
export interface ProviderDefinition {
  /** As in PROVIDER_NAME. Its callbacks are below `/hooks/<name>/`. */
  readonly name: ProviderName;
  /** Its own environment variables, which begin with its name in capitals. */
  readonly settings: SettingTable;
  /** The settings that an account requires. */
  readonly accountNeeds: readonly string[];
  /** How to make texts possible, as the words after "or"; null = not possible. */
  readonly textsNeed: string | null;
  /** Whether a secret follows the name in the path of its callbacks; it is compared exactly. */
  readonly hasSecretInPath: boolean;

  /** @returns null if no account is set. @throws SettingsError if settings are wrong or incomplete */
  readAccount(env: Environment): AccountSetUp | null;
}

/** An account as the settings describe it. */
export interface AccountSetUp {
  /** For the start message, for example `Exotel account acme1`. */
  readonly description: string;
  /** The module that adds the provider to the registry and serves its callbacks. */
  module(surroundings: Surroundings): Promise<DynamicModule>;
}

/** What an account needs to know about its installation. */
export interface Surroundings {
  /** The address at which providers reach the installation, without a trailing slash. */
  readonly publicUrl: string;
  /** The country by whose rules national numbers are read. */
  readonly country: Country;
}
