import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { getMetadataStorage, type ValidatorOptions } from 'class-validator';

import { brokenAlternative } from './alternatives.js';
import { InvalidRequest } from './request.problems.js';

/**
 * Validates bodies and queries against their DTO. An error names the field and one rule that it breaks, the most basic
 * one, and quotes no value: "customer.phone must be a string".
 */
export function requestValidation(): ValidationPipe {
  return new RequestValidation({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: true, value: true }, // they decide which rule is named
    exceptionFactory: (errors) => {
      const broken = brokenRules(errors);
      return new InvalidRequest(
        broken.map(({ says }) => says),
        broken[0]?.field,
      );
    },
  });
}

class RequestValidation extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const isWrong = value !== undefined && !IS_A['an object'](value);
    if (metadata.type === 'body' && this.toValidate(metadata) && isWrong) {
      throw new InvalidRequest(['the body must be a JSON object']);
    }
    return super.transform(value, metadata) as Promise<unknown>;
  }

  protected override async validate(request: object, options?: ValidatorOptions): Promise<ValidationError[]> {
    const errors = await super.validate(request, options);
    const broken = brokenAlternative(request);
    if (broken === null) return errors;
    return [...errors, { property: broken.field, constraints: { [ONE_OF]: broken.says } }];
  }
}

/** The rule about the alternatives of a request. */
const ONE_OF = 'hasOneOf';

interface BrokenRule {
  /** The path of the field; undefined = the body itself. */
  readonly field: string | undefined;
  readonly says: string;
}

function brokenRules(errors: readonly ValidationError[], path = ''): BrokenRule[] {
  return errors.flatMap((error) => {
    const field = path + error.property;
    if (error.constraints) return [brokenRule(error, path, field)];
    return brokenRules(error.children ?? [], `${field}.`);
  });
}

/** What rules about a value take for granted, by the rule. If it is something else, they say nothing about the value. */
const KINDS: Readonly<Record<string, Kind>> = {
  isString: 'a string',
  matches: 'a string',
  maxLength: 'a string',
  isInstant: 'a string',
  isTimeZone: 'a string',
  isInt: 'an integer',
  isNumber: 'a number',
  isBoolean: 'true or false',
  isArray: 'a list',
  isObject: 'an object',
};
type Kind = 'a string' | 'an integer' | 'a number' | 'true or false' | 'a list' | 'an object';

const IS_A: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  'a string': (value) => typeof value === 'string',
  'an integer': (value) => Number.isInteger(value),
  'a number': (value) => typeof value === 'number' && Number.isFinite(value),
  'true or false': (value) => typeof value === 'boolean',
  'a list': (value) => Array.isArray(value),
  'an object': (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** The name of an unknown field may be anything, and is quoted only if it can contain no phone. */
const QUOTABLE = /^(?!(?:.*\d){5})[\w-]{1,64}$/;

function brokenRule(error: ValidationError, path: string, field: string): BrokenRule {
  const { constraints = {}, property, value } = error;
  if (ONE_OF in constraints) return { field, says: constraints[ONE_OF]! };
  if ('whitelistValidation' in constraints) {
    if (QUOTABLE.test(property)) return { field, says: `${field} is not a field of this request` };
    return { field: path.slice(0, -1) || undefined, says: `${path}… is not a field of this request` };
  }
  if (value === undefined) return { field, says: `${field} is required` };
  const ofElements = rulesOfElements(error);
  const rules = Object.keys(constraints).filter((rule) => !ofElements.has(rule));
  for (const [kind, isOne] of Object.entries(IS_A)) {
    if (rules.some((rule) => KINDS[rule] === kind) && !isOne(value)) return { field, says: `${field} must be ${kind}` };
  }
  return { field, says: path + Object.values(constraints)[0]! };
}

/** The rules about each element of a list, which say nothing about the list itself. */
function rulesOfElements({ target, property }: ValidationError): Set<string | undefined> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(target!.constructor, '', false, false);
  return new Set(rules.filter(({ each, propertyName }) => each && propertyName === property).map(({ name }) => name));
}
