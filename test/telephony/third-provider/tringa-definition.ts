import { anyText, openUrl } from '../../../src/platform/config/setting-formats.js';
import { readTable, requireBeside, type SettingTable } from '../../../src/platform/config/setting-table.js';
import type { ProviderDefinition } from '../../../src/telephony/providers/provider-definition.js';

const SETTINGS = {
  TRINGA_API_TOKEN: { format: anyText, default: null, description: 'The API token of the account.' },
  TRINGA_SIGNING_KEY: { format: anyText, default: null, description: 'With which Tringa signs its callbacks.' },
  TRINGA_API_BASE: { format: openUrl(), default: 'https://tringa.example/api', description: 'The API.' },
} as const satisfies SettingTable;
const NEEDS = ['TRINGA_API_TOKEN', 'TRINGA_SIGNING_KEY', 'PUBLIC_BASE_URL'];

/** A provider of the tests alone, on a contract of its own: it shows what a new provider takes. */
export const TRINGA: ProviderDefinition = {
  name: 'tringa',
  settings: SETTINGS,
  accountNeeds: NEEDS,
  textsNeed: null,
  hasSecretInPath: false,

  readAccount(env) {
    const settings = readTable(SETTINGS, env);
    const { TRINGA_API_TOKEN: apiToken, TRINGA_SIGNING_KEY: signingKey, TRINGA_API_BASE: apiBase } = settings;
    if (apiToken === null) return null;
    requireBeside(env, 'TRINGA_API_TOKEN', NEEDS);
    return {
      description: 'Tringa account',
      module: async ({ publicUrl }) => {
        const { TringaModule } = await import('./tringa.module.js');
        return TringaModule.of({ apiToken, apiBase, signingKey: signingKey!, hooks: `${publicUrl}/hooks/tringa` });
      },
    };
  },
};
