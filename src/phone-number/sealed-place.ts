/**
 * The place of a sealed value: its purpose and its row. The vault seals a value together with its place, and opens it
 * at no other.
 */
export type SealedPlace = string & { readonly __brand: 'SealedPlace' };

/** NUL separates the parts, because no text in the database contains it. */
function place(purpose: string, ...parts: readonly string[]): SealedPlace {
  return [purpose, ...parts].join('\0') as SealedPlace;
}

/** A participant's registered phone, in the participant's row and in each assignment that rings this participant. */
export const phoneOf = (participantId: string): SealedPlace => place('phone', participantId);

/**
 * @param id of the row of `participant_phones`; the id of its participant changes when the registered phone is
 *   corrected
 */
export const alternatePhone = (id: string): SealedPlace => place('alternate-phone', id);

/** The PIN of one participant, on the number that this participant dials. */
export const pinOf = (orderId: string, role: string, virtualNumber: string): SealedPlace =>
  place('pin', orderId, role, virtualNumber);

/** The provider's link to a call's recording. */
export const recordingOf = (provider: string, providerCallId: string): SealedPlace =>
  place('recording', provider, providerCallId);

/** The words of a text. */
export const wordsOf = (provider: string, providerMessageId: string): SealedPlace =>
  place('words', provider, providerMessageId);

/** The data of an incoming event. */
export const dataOf = (source: string, eventId: string): SealedPlace => place('event', source, eventId);

/** The secrets that sign for a webhook endpoint. */
export const webhookSecretOf = (endpointId: string): SealedPlace => place('webhook-secret', endpointId);

/** The answer to a request with an Idempotency-Key. */
export const answerOf = (requestId: string): SealedPlace => place('answer', requestId);
