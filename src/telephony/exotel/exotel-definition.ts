import type { ProviderDefinition } from '../providers/provider-definition.js';
import { EXOTEL_ACCOUNT_NEEDS, EXOTEL_SETTINGS, exotelConfig, readExotelSettings } from './exotel-settings.js';

export const EXOTEL: ProviderDefinition = {
  name: 'exotel',
  settings: EXOTEL_SETTINGS,
  accountNeeds: EXOTEL_ACCOUNT_NEEDS,
  textsNeed: 'set EXOTEL_TEXTS=on if your account can send texts',
  hasSecretInPath: true,

  readAccount(env) {
    const settings = readExotelSettings(env);
    return (
      settings && {
        description: `Exotel account ${settings.EXOTEL_ACCOUNT_SID}`,
        module: async (surroundings) => {
          const { ExotelModule } = await import('./exotel.module.js');
          return ExotelModule.of(exotelConfig(settings, surroundings));
        },
      }
    );
  },
};
