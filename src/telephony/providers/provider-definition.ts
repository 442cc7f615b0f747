import type { DynamicModule } from '@nestjs/common';

import type { Country } from '../../phone-number/e164.js';
import type { Environment } from '../../platform/config/setting-formats.js';
import type { SettingTable } from '../../platform/config/setting-table.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/**
 * A provider before anything runs: its name, its settings, and how an account of it becomes a module. Settings are read
 * before the application is loaded, so a definition imports nothing that takes time.
 */
export interface ProviderDefinition {
  /** As in PROVIDER_NAME; its callbacks are below `/hooks/<name>/`. */
  readonly name: ProviderName;
  /** Its own environment variables, all of which begin with its name in capitals. */
  readonly settings: SettingTable;
  /** The settings without which there is no account. */
  readonly accountNeeds: readonly string[];
  /** What to do so that texts are passed on where none are, as follows on "or"; null = nothing helps. */
  readonly textsNeed: string | null;
  /** Whether a secret stands behind the name in the path of its callbacks; it is compared to the letter. */
  readonly hasSecretInPath: boolean;

  /** @returns null when no account is set up. @throws SettingsError when settings of it are wrong, or only some are there */
  readAccount(env: Environment): AccountSetUp | null;
}

/** An account that the settings describe. */
export interface AccountSetUp {
  /** For whoever starts the installation, as in `Exotel account acme1`. */
  readonly description: string;
  /** The module that adds the provider to the registry and serves its callbacks. */
  module(surroundings: Surroundings): Promise<DynamicModule>;
}

/** What an account needs to know of its installation. */
export interface Surroundings {
  /** Where providers reach the installation, without a slash at the end. */
  readonly publicUrl: string;
  /** The country by whose rules numbers in national spelling are read. */
  readonly country: Country;
}
