import { FAULT_KINDS, FAULT_STATUSES, FAULTY_APIS, PROVIDERS, type Fault } from '../network/faults.js';
import { OperatorInput, OperatorMistake } from '../network/operator-input.js';

const LONGEST_MS = 10 * 60 * 1000;
const RETRY_AFTER_SECONDS = 30;
const KNOWN = [
  'api',
  'kind',
  'times',
  'every',
  'ms',
  'status',
  'retryAfter',
  'quotes',
  'perMinute',
  'provider',
  'code',
];

/** Reads a list of faults. @throws OperatorMistake */
export function readFaults(body: unknown): Fault[] {
  if (!Array.isArray(body)) throw new OperatorMistake('The body must be a list of faults.');
  return body.map((item: unknown, index) => readFault(new OperatorInput(item, KNOWN, `Fault ${index + 1}`)));
}

function readFault(input: OperatorInput): Fault {
  const where: Pick<Fault, 'api' | 'times' | 'every' | 'provider'> = { api: input.oneOf('api', FAULTY_APIS) };
  if (input.has('provider')) where.provider = input.oneOf('provider', PROVIDERS);
  if (input.has('times')) where.times = input.wholeNumber('times', 1, 1_000_000);
  if (input.has('every')) where.every = input.wholeNumber('every', 1, 1_000_000);
  const kind = input.oneOf('kind', FAULT_KINDS);
  switch (kind) {
    case 'slow':
      return { ...where, kind, ms: input.wholeNumber('ms', 1, LONGEST_MS) };
    case 'status': {
      const wanted = input.wholeNumber('status', 400, 599);
      const status = FAULT_STATUSES.find((known) => known === wanted);
      if (!status) throw new OperatorMistake(`"status" must be one of ${FAULT_STATUSES.join(', ')}.`);
      return {
        ...where,
        kind,
        status,
        retryAfterSeconds: input.wholeNumber('retryAfter', 0, 3600, RETRY_AFTER_SECONDS),
        ...(input.has('quotes') ? { quotes: input.flag('quotes') } : {}),
      };
    }
    case 'hang-after-doing':
      return { ...where, kind, ms: input.wholeNumber('ms', 0, LONGEST_MS, 0) };
    case 'rate-limit':
      return { ...where, kind, perMinute: input.wholeNumber('perMinute', 0, 1_000_000) };
    case 'empty':
      if (!['search', 'list', 'get', 'calls', 'any'].includes(where.api)) {
        throw new OperatorMistake(`"empty" can happen to search, list, get and calls, not to ${where.api}.`);
      }
      return { ...where, kind };
    case 'refuse':
      if (where.api !== 'buy') throw new OperatorMistake(`"refuse" can happen to buy, not to ${where.api}.`);
      return input.has('code')
        ? { ...where, kind, code: input.wholeNumber('code', 10_000, 99_999) }
        : { ...where, kind };
    case 'garbled':
    case 'cut':
      return { ...where, kind };
  }
}
