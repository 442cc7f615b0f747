/** The name of a provider, as in `exotel`. The registry knows which there are (telephony/providers/provider-registry.ts). */
export type ProviderName = string;

/** How every name is written. */
export const PROVIDER_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** The format of an API field that holds a provider's name; the OpenAPI document lists the names that there are. */
export const PROVIDER_FORMAT = 'provider';
