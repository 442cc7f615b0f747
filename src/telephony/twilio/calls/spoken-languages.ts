import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';

type SayLanguage = NonNullable<VoiceResponse.SayAttributes['language']>;

/** The languages of `<Say>`, by language and country. https://www.twilio.com/docs/voice/twiml/say/text-speech */
const SPOKEN: readonly SayLanguage[] = [
  ...(['af-ZA', 'am-ET', 'ar-AE', 'bg-BG', 'bn-IN', 'ca-ES', 'cmn-CN', 'cmn-TW', 'cs-CZ', 'cy-GB', 'da-DK'] as const),
  ...(['de-AT', 'de-DE', 'el-GR', 'en-AU', 'en-CA', 'en-GB', 'en-IE', 'en-IN', 'en-NZ', 'en-US', 'en-ZA'] as const),
  ...(['es-ES', 'es-MX', 'es-US', 'fi-FI', 'fil-PH', 'fr-BE', 'fr-CA', 'fr-FR', 'gu-IN', 'he-IL', 'hi-IN'] as const),
  ...(['hu-HU', 'id-ID', 'is-IS', 'it-IT', 'ja-JP', 'kn-IN', 'ko-KR', 'lv-LV', 'ml-IN', 'mr-IN', 'ms-MY'] as const),
  ...(['nb-NO', 'nl-BE', 'nl-NL', 'pa-IN', 'pl-PL', 'pt-BR', 'pt-PT', 'ro-RO', 'ru-RU', 'sk-SK', 'sr-RS'] as const),
  ...(['sv-SE', 'ta-IN', 'te-IN', 'th-TH', 'tr-TR', 'uk-UA', 'vi-VN', 'yue-HK', 'zh-CN', 'zh-HK', 'zh-TW'] as const),
];

/**
 * Twilio's name of a language: as spoken in the country of the dialled number, otherwise in the country of most of its
 * speakers, otherwise anywhere. Null if Twilio does not speak it.
 *
 * @param language ISO 639, for example `hi`
 * @param country ISO 3166-1 alpha-2
 */
export function spokenAs(language: string, country: string | undefined): SayLanguage | null {
  const accents = SPOKEN.filter((tag) => tag.split('-')[0] === language);
  const at = (place: string | undefined) => accents.find((tag) => tag.endsWith(`-${place}`));
  return at(country) ?? at(new Intl.Locale(language).maximize().region) ?? accents[0] ?? null;
}
