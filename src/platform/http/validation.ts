import { ValidationPipe, type ValidationError } from '@nestjs/common';

import { withoutNumbers } from '../observability/without-numbers.js';
import { InvalidRequest } from './request.problems.js';

/** Validates bodies and queries against their DTO. Errors name unknown fields and quote no values. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => new InvalidRequest(messages(errors)),
  });
}

function messages(errors: readonly ValidationError[], path = ''): string[] {
  return errors.flatMap((error) => [
    ...Object.entries(error.constraints ?? {}).map(
      ([rule, message]) => path + (rule === 'whitelistValidation' ? withoutNumbers(message) : message),
    ),
    ...messages(error.children ?? [], `${path}${error.property}.`),
  ]);
}
