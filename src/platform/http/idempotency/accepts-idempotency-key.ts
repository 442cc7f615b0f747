import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';

import { IdempotencyByPathInterceptor, IdempotencyInterceptor } from './idempotency.interceptor.js';

/**
 * Lets a request have the header Idempotency-Key: repeated with the same key, it is done once. Every POST that creates
 * something or acts has it. The OpenAPI document lists the problems that come with it.
 *
 * @param options.uniqueByPath whether requests to different paths may have the same key
 */
export function AcceptsIdempotencyKey({ required = false, uniqueByPath = false } = {}): MethodDecorator {
  return applyDecorators(
    UseInterceptors(uniqueByPath ? IdempotencyByPathInterceptor : IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required,
      example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
      description:
        'Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h',
    }),
  );
}
