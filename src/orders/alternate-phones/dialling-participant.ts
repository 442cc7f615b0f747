import type { EntityManager } from 'typeorm';

import type { ParticipantToAssign } from '../../virtual-numbers/assignments/assignments.service.js';
import type { OrderParticipant } from '../order/orders.queries.js';
import { alternatesOf } from './alternate-phones.queries.js';

/** A participant as assignments need it. The order has not ended, so the phone is still stored. */
export function dialling({ participantId, role, phone, phoneKey }: OrderParticipant): ParticipantToAssign {
  return { participantId, role, phone: phone!, phoneKey: phoneKey! };
}

/** The same with the participant's alternate phones. They are read only if there are any, which is rare. */
export async function diallingFromAllPhones(
  tx: EntityManager,
  participant: OrderParticipant,
): Promise<ParticipantToAssign> {
  if (!participant.hasAlternates) return dialling(participant);
  return { ...dialling(participant), alternates: await alternatesOf(tx, participant.participantId) };
}
