import { ValidationPipe, type ValidationError } from '@nestjs/common';

import { withoutNumbers } from '../observability/without-numbers.js';
import { InvalidRequest } from './request.problems.js';

/** Validates bodies and queries against their DTO. Errors name unknown fields and quote no values. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors) => new InvalidRequest(messages(errors)),
  });
}

/** Rules about a value's type. If one is broken, the others say nothing about the value. */
const TYPE_RULES = ['isDefined', 'isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject'];

/** The rule of a field to be told, and its message: one at most. */
function broken({ constraints = {} }: ValidationError): [rule: string, message: string][] {
  const rules = Object.entries(constraints);
  return [rules.find(([rule]) => TYPE_RULES.includes(rule)) ?? rules[0]].filter((rule) => rule !== undefined);
}

function messages(errors: readonly ValidationError[], path = ''): string[] {
  return errors.flatMap((error) => [
    ...broken(error).map(
      ([rule, message]) => path + (rule === 'whitelistValidation' ? withoutNumbers(message) : message),
    ),
    ...messages(error.children ?? [], `${path}${error.property}.`),
  ]);
}
