import type { ProviderDefinition } from '../providers/provider-definition.js';
import { readTwilioSettings, TWILIO_ACCOUNT_NEEDS, TWILIO_SETTINGS, twilioConfig } from './twilio-settings.js';

export const TWILIO: ProviderDefinition = {
  name: 'twilio',
  settings: TWILIO_SETTINGS,
  accountNeeds: TWILIO_ACCOUNT_NEEDS,
  textsNeed: null,
  hasSecretInPath: false,

  readAccount(env) {
    const settings = readTwilioSettings(env);
    return (
      settings && {
        description: `Twilio account ${settings.TWILIO_ACCOUNT_SID}`,
        module: async (surroundings) => {
          const { TwilioModule } = await import('./twilio.module.js');
          return TwilioModule.of(twilioConfig(settings, surroundings));
        },
      }
    );
  },
};
