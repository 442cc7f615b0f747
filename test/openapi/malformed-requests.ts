/** The parts of the OpenAPI document that requests are made from. */
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly example?: unknown;
  readonly schema?: { readonly examples?: unknown[]; readonly enum?: unknown[]; readonly default?: unknown };
}
interface Media {
  readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
}
export interface DescribedOperation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
}

export interface MalformedRequest {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Digits of persons' phones that are planted in requests. No answer may contain them. */
export const PLANTED = ['9000099991', '9000099992', '9000099993'];
const PHONES = PLANTED.flatMap((digits) => [
  ...[`+91${digits}`, `0${digits}`, digits, Number(digits), `+91 ${digits.slice(0, 5)} ${digits.slice(5)}`],
  ...[`phone${digits}`, `%2B91${digits}`],
]);

const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, 2 ** 60, '', ' ', 'abc', '0', '-1', '1e400', 'NaN', 'null'],
  ...[
    [],
    {},
    [[]],
    [null],
    { a: 1 },
    [[[[[[[[[[1]]]]]]]]]],
    '\0',
    'a\0b',
    '\uD800',
    '\u202Eabc',
    'ﬁ😀',
    "'; DROP TABLE orders;--",
  ],
  ...[
    '../../etc/passwd',
    '%',
    '%00',
    '__proto__',
    'constructor',
    'toString',
    'x'.repeat(300),
    '2026-13-45T99:99:99Z',
    '+0',
    '.',
  ],
  ...PHONES,
];

/** Makes requests out of the document's own examples, and spoils them. The same seed makes the same requests. */
export class MalformedRequests {
  private state: number;

  constructor(
    private readonly operations: readonly DescribedOperation[],
    private readonly key: string,
    seed: number,
  ) {
    this.state = seed >>> 0;
  }

  next(): MalformedRequest {
    const operation = this.oneOf(this.operations);
    const { parameters = [], requestBody } = operation;
    const path = parameters
      .filter(({ in: place }) => place === 'path')
      .reduce((text, one) => text.replace(`{${one.name}}`, this.inPath(this.value(one))), operation.path);
    const query = parameters
      .filter(({ in: place }) => place === 'query')
      .flatMap((one) => (this.chance(0.5) ? [[one.name, this.value(one)]] : []))
      .concat(this.chance(0.05) ? [[String(this.oneOf(HOSTILE)), this.oneOf(HOSTILE)]] : [])
      .map(([name, value]) => `${this.inPath(name)}=${this.inPath(value)}`);
    const headers = Object.fromEntries(
      parameters
        .filter(({ in: place }) => place === 'header')
        .flatMap((one) => (this.chance(0.9) ? [[one.name.toLowerCase(), inHeader(this.inHeaderOf(one))]] : [])),
    );
    const [type = 'application/json', media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
    const body = media || this.chance(0.05) ? this.body(type, media) : undefined;
    return {
      operationId: operation.operationId,
      method: this.chance(0.03) ? this.oneOf(['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) : operation.method,
      path: path + (query.length > 0 ? `?${query.join('&')}` : ''),
      headers: {
        ...headers,
        ...(this.chance(0.97) ? { authorization: `Bearer ${this.key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': this.chance(0.95) ? type : this.oneOf(TYPES) }),
      },
      body,
    };
  }

  private body(type: string, media: Media | undefined): string {
    if (this.chance(0.06))
      return this.oneOf(['', '{', '[]', '"', 'null', '[', '{"a":', '\uFEFF', 'a,b\r\n1', '{"__proto__":{}}']);
    const examples = Object.values(media?.examples ?? {}).map(({ value }) => value);
    let value = structuredClone(examples.length > 0 ? this.oneOf(examples) : {});
    if (typeof value === 'string' && !type.includes('json'))
      return value + (this.chance(0.5) ? String(this.oneOf(HOSTILE)) : '');
    for (let times = this.below(4); times > 0; times -= 1) value = this.spoilt(value);
    return JSON.stringify(value) ?? '';
  }

  /** A value with one thing in it replaced, removed, added or repeated. */
  private spoilt(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.chance(0.1)) return this.oneOf(HOSTILE);
    if (Array.isArray(value)) {
      if (value.length === 0 || this.chance(0.2)) return [...value, this.oneOf(HOSTILE)];
      if (this.chance(0.1)) return [...value, ...value];
      const at = this.below(value.length);
      return value.map((one, index) => (index === at ? this.spoilt(one) : (one as unknown)));
    }
    const names = Object.keys(value);
    if (names.length === 0 || this.chance(0.2)) return { ...value, [String(this.oneOf(HOSTILE))]: this.oneOf(HOSTILE) };
    const name = this.oneOf(names);
    const { [name]: old, ...others } = value as Record<string, unknown>;
    return this.chance(0.15) ? others : { ...others, [name]: this.spoilt(old) };
  }

  private value({ example, schema = {} }: Parameter): unknown {
    if (this.chance(0.4)) return this.oneOf(HOSTILE);
    return example ?? schema.examples?.[0] ?? schema.enum?.[0] ?? schema.default ?? 'order-1001';
  }

  /** A right Idempotency-Key is a new one, or every request after the first would be refused for it. */
  private inHeaderOf(one: Parameter): unknown {
    const value = this.value(one);
    return value === one.example && one.name === 'Idempotency-Key' ? `key-${this.below(2 ** 31)}` : value;
  }

  /** Mostly encoded, so that it arrives; sometimes as it is. */
  private inPath(value: unknown): string {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    if (this.chance(0.05)) return text.replace(/[^!-~]|[?#/]/g, '');
    return encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''));
  }

  private chance(probability: number): boolean {
    return this.random() < probability;
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private oneOf<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  /** Mulberry32. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let bits = this.state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }
}

const TYPES = [
  'text/plain',
  'text/csv',
  'application/xml',
  'application/json; charset=utf-16',
  'multipart/form-data; boundary=x',
  '',
];

function inHeader(value: unknown): string {
  return String(value).replace(/[^ -~]/g, '');
}
