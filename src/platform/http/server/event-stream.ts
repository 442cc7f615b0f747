import type { FastifyReply } from 'fastify';

/** The type of server-sent events. */
export const EVENT_STREAM = 'text/event-stream';

/** Whether an answer lasts until its client leaves, so that its duration says nothing about this process. */
export function isEventStream(reply: FastifyReply): boolean {
  return reply.getHeader('content-type') === EVENT_STREAM;
}
