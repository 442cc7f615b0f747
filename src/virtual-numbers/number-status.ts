/**
 * A number's states:
 * provisioning (ours, not yet pointed at our callbacks) → available ⇄ draining (serves what it holds, takes no order) →
 * retired (out of use); resting (health) and suspended (provider trouble) also serve what they hold and take no order.
 */
export const NUMBER_STATUSES = ['provisioning', 'available', 'draining', 'retired', 'resting', 'suspended'] as const;
export type NumberStatus = (typeof NUMBER_STATUSES)[number];
