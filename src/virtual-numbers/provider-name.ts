/** The provider whose numbers a pool holds. */
export const PROVIDERS = ['exotel', 'twilio'] as const;
export type ProviderName = (typeof PROVIDERS)[number];
