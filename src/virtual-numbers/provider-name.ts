/** The providers whose numbers a pool can have. */
export const PROVIDERS = ['exotel', 'twilio'] as const;
export type ProviderName = (typeof PROVIDERS)[number];
