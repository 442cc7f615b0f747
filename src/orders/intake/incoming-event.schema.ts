import { LINKS_SCHEMA } from '../../virtual-numbers/links.dto.js';
import { JSON_TYPE } from '../../platform/http/server/body-types.js';
import { ORDER_NEWS_TYPES, type OrderNewsType } from './cloud-event.js';
import { CLOUD_EVENT, CLOUD_EVENTS_BATCH } from './event-message.js';

type Fields = Readonly<Record<string, object>>;

const PHONE = { type: 'string', maxLength: 40, example: '+919000000001', description: 'E.164, or as it is dialled' };
const ROLE = { type: 'string', example: 'courier' };
const PERSON = { type: 'object', required: ['phone'], properties: { phone: PHONE } };
const PARTICIPANT = { type: 'object', required: ['role', 'phone'], properties: { role: ROLE, phone: PHONE } };
const LINK: Fields = {
  between: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'string' }, example: ['courier', 'sender'] },
  onlyFrom: { type: 'string', nullable: true, example: null },
};

/** The fields of an event's `data` besides `reference`, and which of them it needs. */
const DATA: Readonly<Record<OrderNewsType, { readonly fields: Fields; readonly needs: readonly string[] }>> = {
  'order.placed': {
    fields: {
      customer: { ...PERSON, description: 'Instead of `participants`' },
      participants: { type: 'array', minItems: 1, maxItems: 10, items: PARTICIPANT },
      links: { ...LINKS_SCHEMA, nullable: true },
      pool: { type: 'string', example: 'default' },
      lifetimeSeconds: { type: 'integer', minimum: 1, example: 86_400 },
    },
    needs: [],
  },
  'order.agent-assigned': { fields: { agent: PERSON }, needs: ['agent'] },
  'order.participant-assigned': { fields: { role: ROLE, phone: PHONE }, needs: ['role', 'phone'] },
  'order.participant-removed': { fields: { role: ROLE }, needs: ['role'] },
  'order.link-opened': { fields: LINK, needs: ['between'] },
  'order.link-closed': { fields: LINK, needs: ['between'] },
  'order.completed': { fields: {}, needs: [] },
  'order.cancelled': { fields: {}, needs: [] },
};

/** The CloudEvents that an order system sends, as schemas of the OpenAPI document: one for each type. */
export const INCOMING_EVENT_SCHEMAS: Readonly<Record<string, object>> = {
  IncomingEvent: {
    oneOf: ORDER_NEWS_TYPES.map((type) => ({ $ref: `#/components/schemas/${nameOf(type)}` })),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(ORDER_NEWS_TYPES.map((type) => [type, `#/components/schemas/${nameOf(type)}`])),
    },
  },
  ...Object.fromEntries(ORDER_NEWS_TYPES.map((type) => [nameOf(type), schemaOf(type)])),
};

const EVENT = { $ref: '#/components/schemas/IncomingEvent' };
const BATCH = { type: 'array', maxItems: 1000, items: EVENT };

const EXAMPLES = [
  {
    specversion: '1.0',
    type: 'order.placed',
    source: '/order-system',
    id: 'e-1',
    time: '2026-11-22T06:00:00Z',
    data: { reference: 'order-1001', customer: { phone: '+919000000001' } },
  },
  {
    specversion: '1.0',
    type: 'order.agent-assigned',
    source: '/order-system',
    id: 'e-2',
    time: '2026-11-22T06:05:00Z',
    data: { reference: 'order-1001', agent: { phone: '+919000000002' } },
  },
];

/** The bodies of a request with events, by content type. */
export const INCOMING_EVENT_BODIES: Readonly<Record<string, { readonly schema: object; readonly example: unknown }>> = {
  [CLOUD_EVENTS_BATCH]: { schema: BATCH, example: EXAMPLES },
  [CLOUD_EVENT]: { schema: EVENT, example: EXAMPLES[0] },
  [JSON_TYPE]: {
    schema: {
      description: 'With `ce-` headers the `data` of an event in binary mode, else a batch',
      anyOf: [
        {
          type: 'object',
          description: 'As in the `data` of the event whose type `ce-type` names',
          required: ['reference'],
          properties: { reference: { type: 'string', example: 'order-1001' } },
          additionalProperties: true,
        },
        BATCH,
      ],
    },
    example: EXAMPLES[0]!.data,
  },
};

/** `order.agent-assigned` is `OrderAgentAssignedEvent`. */
function nameOf(type: OrderNewsType): string {
  return `${type.replace(/(?:^|[.-])(\w)/g, (_, letter: string) => letter.toUpperCase())}Event`;
}

function schemaOf(type: OrderNewsType): object {
  const { fields, needs } = DATA[type];
  const reference = { type: 'string', example: 'order-1001', description: "The order system's own name for the order" };
  return {
    type: 'object',
    required: ['specversion', 'type', 'source', 'id', 'data'],
    properties: {
      specversion: { type: 'string', enum: ['1.0'] },
      type: { type: 'string', enum: [type] },
      source: { type: 'string', minLength: 1, maxLength: 256, example: '/order-system' },
      id: { type: 'string', minLength: 1, maxLength: 256, example: 'e-1', description: 'Unique for its source' },
      time: {
        type: 'string',
        format: 'date-time',
        nullable: true,
        example: '2026-11-22T06:00:00Z',
        description: 'When it happened. Events of one order are applied in the order of their times.',
      },
      data: { type: 'object', required: ['reference', ...needs], properties: { reference, ...fields } },
    },
  };
}
