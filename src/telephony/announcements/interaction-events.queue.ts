/** Announces what happened to calls and texts, once a second. */
export const INTERACTION_EVENTS = 'telephony.interaction-events';
