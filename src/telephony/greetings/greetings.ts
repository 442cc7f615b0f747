/** Everything that a caller may hear from Maskline: why nobody is rung, and the questions for a PIN. */
export const SAYINGS = [
  'expired',
  'link_closed',
  'unknown_caller',
  'self_call',
  'inactive_number',
  'not_allowed',
  'not_connected_yet',
  'try_later',
  'error',
  'ask_pin',
  'ask_pin_again',
  'pin_missing',
  'pin_wrong',
] as const;
export type Saying = (typeof SAYINGS)[number];
type Words = Readonly<Record<Saying, string>>;

export const DEFAULT_LANGUAGE = 'en';
const LONGEST_SAYING = 1_000;

const OURS: Readonly<Record<string, Words>> = {
  en: {
    expired: 'This order has ended. Please use the app to get help with it.',
    link_closed:
      'This number does not connect you any more. Please use the number that the app shows now, or use the app to get help.',
    unknown_caller: 'This number cannot connect your call. Please call from the phone you use in the app.',
    self_call:
      'This number connects the other person to you. To call them, please dial the number that the app shows you.',
    inactive_number: 'This number is not in service.',
    not_allowed: 'Your call cannot be connected. Please use the app to get help.',
    not_connected_yet:
      'The person this number is for is not known yet. Please try again later, or use the app to get help.',
    try_later: 'Because of a disturbance, your call cannot be connected yet. Please try again in a few minutes.',
    error: 'Your call cannot be connected right now. Please try again in a minute.',
    ask_pin: 'Please enter the PIN that the app shows, and then the hash key.',
    ask_pin_again: 'Please enter the PIN again, and then the hash key.',
    pin_missing: 'No PIN was entered. Please call from the phone you use in the app, or have the PIN at hand.',
    pin_wrong: 'This PIN cannot connect your call. Please use the app to get help.',
  },
  hi: {
    expired: 'यह ऑर्डर समाप्त हो चुका है। सहायता के लिए कृपया ऐप का उपयोग करें।',
    link_closed:
      'यह नंबर अब आपकी कॉल नहीं जोड़ता। कृपया वह नंबर डायल करें जो ऐप अभी दिखाता है, या सहायता के लिए ऐप का उपयोग करें।',
    unknown_caller: 'इस नंबर से आपकी कॉल नहीं जुड़ सकती। कृपया उसी फ़ोन से कॉल करें जिसे आप ऐप में उपयोग करते हैं।',
    self_call: 'यह नंबर दूसरे व्यक्ति को आपसे जोड़ता है। उन्हें कॉल करने के लिए कृपया वही नंबर डायल करें जो ऐप आपको दिखाता है।',
    inactive_number: 'यह नंबर सेवा में नहीं है।',
    not_allowed: 'आपकी कॉल नहीं जुड़ सकती। सहायता के लिए कृपया ऐप का उपयोग करें।',
    not_connected_yet:
      'यह नंबर जिस व्यक्ति के लिए है, वह अभी तय नहीं हुआ है। कृपया बाद में फिर प्रयास करें, या सहायता के लिए ऐप का उपयोग करें।',
    try_later: 'एक रुकावट के कारण आपकी कॉल अभी नहीं जुड़ सकती। कृपया कुछ मिनट बाद फिर प्रयास करें।',
    error: 'अभी आपकी कॉल नहीं जुड़ पा रही है। कृपया एक मिनट बाद फिर प्रयास करें।',
    ask_pin: 'कृपया ऐप में दिखाया गया पिन दर्ज करें, और फिर हैश दबाएँ।',
    ask_pin_again: 'कृपया पिन फिर से दर्ज करें, और फिर हैश दबाएँ।',
    pin_missing: 'कोई पिन दर्ज नहीं किया गया। कृपया ऐप वाले फ़ोन से कॉल करें, या पिन तैयार रखें।',
    pin_wrong: 'इस पिन से आपकी कॉल नहीं जुड़ सकती। सहायता के लिए कृपया ऐप का उपयोग करें।',
  },
};

/** What callers hear, by language (ISO 639-1, for example `hi`). English replaces what a language lacks. */
export class Greetings {
  private readonly words: ReadonlyMap<string, Partial<Words>>;

  /** @param own the operator's words by language, in place of or in addition to ours */
  constructor(own: Readonly<Record<string, Partial<Words>>> = {}) {
    const languages = new Set([...Object.keys(OURS), ...Object.keys(own)]);
    this.words = new Map([...languages].map((language) => [language, { ...OURS[language], ...own[language] }]));
  }

  say(saying: Saying, language: string): string {
    return this.find(saying, language).text;
  }

  /** The words and their language; English if the language lacks them. */
  find(saying: Saying, language: string): { readonly text: string; readonly language: string } {
    const text = this.words.get(language)?.[saying];
    if (text !== undefined) return { text, language };
    return { text: this.words.get(DEFAULT_LANGUAGE)![saying]!, language: DEFAULT_LANGUAGE };
  }
}

/** The URLs of audio files, one a line; null if the value is text. */
export function audioIn(text: string): string[] | null {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.every((line) => /^https?:\/\/\S+$/.test(line)) ? lines : null;
}

/**
 * Reads `{"hi": {"expired": "…"}, …}`: a text to speak, or the URLs of audio files, one a line.
 *
 * @throws Error whose message says in one sentence what is wrong
 */
export function readGreetings(json: string): Greetings {
  const languages = fieldsOf(JSON.parse(json), 'the file');
  for (const [language, sayings] of Object.entries(languages)) {
    if (!/^[a-z]{2,3}$/.test(language))
      throw new Error(`"${language}" is not a language: write two letters, as in hi.`);
    for (const [saying, text] of Object.entries(fieldsOf(sayings, `"${language}"`))) {
      if (!SAYINGS.includes(saying as Saying)) {
        throw new Error(`"${saying}" of "${language}" does not exist; known are ${SAYINGS.join(', ')}.`);
      }
      if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_SAYING) {
        throw new Error(`"${saying}" of "${language}" must be a text of 1 to ${LONGEST_SAYING} characters.`);
      }
    }
  }
  return new Greetings(languages as Record<string, Partial<Words>>);
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${what} must be a JSON object.`);
}
