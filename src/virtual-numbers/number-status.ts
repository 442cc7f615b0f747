/**
 * A number's states:
 * provisioning (ours, calls do not reach us yet) → available ⇄ draining (serves its orders, takes no new ones) →
 * retired (out of use).
 * resting (bad health) and suspended (lost at the provider) also serve their orders and take no new ones.
 */
export const NUMBER_STATUSES = ['provisioning', 'available', 'draining', 'retired', 'resting', 'suspended'] as const;
export type NumberStatus = (typeof NUMBER_STATUSES)[number];
