import { randomBytes, randomUUID } from 'node:crypto';

import type { DataSource } from 'typeorm';

import { createDataSource } from '../../src/platform/database/data-source.js';
import { makeMonths } from '../../src/platform/retention/monthly-partitions.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import {
  aNumberRow,
  anAssignmentRow,
  anOrderRow,
  aParticipantRow,
  aPoolRow,
  insert,
  type Row,
} from '../support/rows.js';

let database: FreshDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await makeMonths(dataSource.manager, ['assignment_history'], [AT]);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const AT = new Date('2026-11-22T06:00:00.000Z');
const EARLIER = new Date(AT.getTime() - 1000);

const INSTALLATION = { beat: 0, beat_at: AT, written_by: 0, table_oid: 0, database_oid: 0 };
const RESTORATION = { recognised_by: 'stated', detected_at: AT, numbers_withheld_until: AT };

const put = <T extends Row>(table: string, row: T) => insert(dataSource, table, row);
const pool = (but?: Row) => put('pools', aPoolRow(but));
const number = async (but?: Row) => put('virtual_numbers', aNumberRow(await pool(), but));
const order = async (but?: Row) => put('orders', anOrderRow(await pool(), but));
const participant = async (but?: Row) => put('participants', aParticipantRow(await order(), but));
const assignment = async (but?: Row) => put('assignments', anAssignmentRow(await order(), await number(), but));

function anInteraction(but: Row = {}) {
  return { provider: 'exotel', provider_call_id: randomUUID() as string, at: AT, ...but };
}
const interaction = (but?: Row) => put('interactions', anInteraction(but));

async function alternate(but: Row = {}) {
  const { id, order_id } = await participant();
  const row = { order_id, participant_id: id, phone: randomBytes(48), phone_key: randomBytes(32) };
  return put('participant_phones', { ...row, how_known: 'declared', added_at: AT, ...but });
}

async function outgoing(but: Row = {}) {
  const row = {
    id: randomUUID() as string,
    order_id: (await order()).id,
    idempotency_key: randomUUID() as string,
    caller_role: 'agent',
    caller_id: randomUUID(),
    callee_id: randomUUID(),
    provider: 'exotel',
    caller_dials: '+918047100000',
    shown_number: '+918047100001',
    ring_seconds: 45,
    talk_seconds: 60,
    record: false,
    state: 'wanted',
    wanted_at: AT,
    look_at: AT,
  };
  return put('outgoing_calls', { ...row, ...but });
}

async function purchase(but: Row = {}) {
  const { number: bought, pool_id } = aNumberRow(await pool());
  const row = {
    id: randomUUID() as string,
    pool_id,
    provider: 'exotel',
    number: bought,
    state: 'ordered',
    wanted_at: AT,
    ordered_at: AT,
  };
  return put('number_purchases', { ...row, ...but });
}

async function archived(but: Row = {}) {
  const row = {
    virtual_number: '+918047100000',
    order_id: randomUUID(),
    dialler_id: randomUUID(),
    dialler_role: 'agent',
    callee_id: randomUUID(),
    shown_number: '+918047100001',
    assigned_at: AT,
    connects_until: AT,
    released_at: AT,
    quarantined_until: AT,
  };
  return put('assignment_history', { ...row, ...but });
}

async function incoming(but: Row = {}) {
  const row = { source: '/order-system', event_id: randomUUID() as string, happened_at: AT, received_at: AT };
  return put('incoming_events', { ...row, status: 'stored', data: randomBytes(40), next_try_at: AT, ...but });
}

const quarter = async (but: Row = {}) =>
  put('pool_quarters', { pool_id: (await pool()).id, quarter: AT, orders: 1, ...but });
const holding = async (but: Row = {}) =>
  put('pool_holdings', { pool_id: (await pool()).id, day: '2026-11-22', quarters: 1, orders: 1, ...but });
const rollup = async (but: Row = {}) =>
  put('pool_rollups', { pool_id: (await pool()).id, orders_until: AT, holding_until: AT, ...but });
/** A row once more, its generated number included. */
const again = (table: string) =>
  dataSource.query(`INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${table} LIMIT 1`);

/** Breaks the rule of each name, and nothing else. */
const BREACHES: Record<string, () => Promise<unknown>> = {
  // pools
  pools_pkey: async () => pool({ id: (await pool()).id }),
  pool_name_is_unique: async () => pool({ name: (await pool()).name }),
  a_number_holds_at_least_one_order: () => pool({ capacity: 0 }),
  grace_and_quarantine_are_not_negative: () => pool({ cancel_grace_seconds: -1 }),
  an_order_lives_for_a_while: () => pool({ lifetime_seconds: 0 }),
  low_water_is_at_most_target: () => pool({ low_water: 2, target: 1 }),
  max_numbers_is_not_negative: () => pool({ max_numbers: -1 }),
  lead_time_is_not_negative: () => pool({ lead_time_seconds: -1 }),
  a_number_carries_at_least_one_call: () => pool({ channels_per_number: 0 }),
  nothing_is_given_back_within_a_day: () => pool({ give_back_after_seconds: 86_399 }),
  texts_are_off_on_or_redacted: () => pool({ texts: 'sometimes' }),
  a_pin_is_asked_of_nobody_strangers_or_all: () => pool({ pin: 'sometimes' }),
  calls_go_in_a_known_direction: () => pool({ direction: 'sideways' }),
  a_call_is_cut_some_day: () => pool({ max_call_seconds: 14_401 }),
  a_phone_stops_ringing: () => pool({ max_ring_seconds: 0 }),
  a_cap_lets_one_call_through: () => pool({ max_calls_per_hour: 0 }),
  quiet_hours_have_two_ends_and_a_zone: () => pool({ quiet_hours: { from: '22:00', until: '07:00' } }),
  a_language_is_two_or_three_letters: () => pool({ language: 'Hindi' }),
  texts_are_kept_no_negative_time: () => pool({ texts_kept_seconds: -1 }),
  buying_is_on_or_off: () => pool({ buying: 'sometimes' }),
  a_pools_links_are_a_list: () => pool({ links: JSON.stringify({}) }),
  numbers_are_assigned_early_or_late: () => pool({ assign_numbers: 'sometimes' }),
  decisions_without_the_database_end: () => pool({ decide_without_database_seconds: -1 }),
  spending_limits_are_not_negative: () => pool({ max_rent: -1, currency: 'INR' }),
  a_limit_of_money_has_a_currency: () => pool({ max_spend_per_month: 1 }),
  a_currency_is_three_letters: () => pool({ currency: 'rupees' }),
  a_number_type_is_known: () => pool({ number_type: 'satellite' }),
  unknown_numbers_are_imported_or_reported: () => pool({ unknown_numbers: 'forgotten' }),
  an_alternative_provider_is_another: () => pool({ alternative_provider: 'exotel' }),

  // pool_policy_changes, audit_log
  pool_policy_changes_pkey: async () => {
    const { id } = await pool();
    await put('pool_policy_changes', { pool_id: id, at: AT, policy: '{}' });
    await again('pool_policy_changes');
  },
  a_policy_is_of_a_pool: () => put('pool_policy_changes', { pool_id: randomUUID(), at: AT, policy: '{}' }),
  audit_log_pkey: async () => {
    await put('audit_log', { at: AT, who: 'key 00000000', what: 'routing.explain' });
    await again('audit_log');
  },

  an_entry_is_done_or_refused: () =>
    put('audit_log', { at: AT, who: 'key 00000000', what: 'routing.explain', result: 'tried' }),

  // api_keys
  api_keys_pkey: async () => apiKey({ id: (await apiKey()).id }),
  a_key_is_stored_as_a_hash: () => apiKey({ secret_hash: randomBytes(38) }),
  a_previous_key_has_an_end: () => apiKey({ previous_hash: randomBytes(32) }),
  a_key_may_do_something: () => apiKey({ scopes: [] }),
  a_limited_key_has_pools: () => apiKey({ pools: [] }),

  // console_sessions
  console_sessions_pkey: async () => consoleSession({ token_hash: (await consoleSession()).token_hash }),
  a_session_is_stored_as_hashes: () => consoleSession({ key_hash: randomBytes(31) }),

  // idempotent_requests
  idempotent_requests_pkey: async () => keyedRequest({ id: (await keyedRequest()).id }),
  a_keyed_request_is_stored_as_hashes: () => keyedRequest({ fingerprint: randomBytes(31) }),

  // virtual_numbers, virtual_number_keys
  a_number_is_ours_once: async () => number({ number: (await number()).number }),
  a_number_is_in_a_pool: () => number({ pool_id: randomUUID() }),
  a_number_is_e164: () => number({ number: '08047000001' }),
  a_number_has_a_known_status: () => number({ status: 'lost' }),
  orders_held_fit_the_capacity: () => number({ capacity: 2, orders_held: 3 }),
  a_retired_number_holds_no_order: () => number({ status: 'retired', orders_held: 1 }),
  giving_back_has_known_steps: () => number({ giving_back: 'lost', giving_back_since: AT, status: 'retired' }),
  giving_back_says_since_when: () => number({ giving_back: 'draining' }),
  only_a_retired_number_is_released: () => number({ giving_back: 'released', giving_back_since: AT }),
  only_a_resting_number_says_why_it_rests: () => number({ rested_because: 'Nobody answers.' }),
  virtual_number_keys_pkey: async () => {
    const phone_key = randomBytes(32);
    await put('virtual_number_keys', { phone_key, number: (await number()).number });
    await put('virtual_number_keys', { phone_key, number: (await number()).number });
  },
  a_key_is_of_a_number_of_ours: () => put('virtual_number_keys', { phone_key: randomBytes(32), number: '+9180471' }),

  // orders
  orders_pkey: async () => order({ id: (await order()).id }),
  order_reference_is_unique: async () => order({ reference: (await order()).reference }),
  an_order_has_a_pool: () => order({ pool_id: randomUUID() }),
  an_order_has_a_known_status: () => order({ status: 'lost' }),
  an_active_order_says_until_when: () => order({ status: 'active' }),
  a_closed_order_says_when_and_why: () => order({ status: 'ended', closed_at: AT }),
  an_order_ends_for_a_known_reason: () => order({ status: 'ended', closed_at: AT, ended_because: 'bored' }),
  an_order_that_has_not_ended_is_due_some_day: () => order({ due_at: null }),
  an_orders_links_are_a_list: () => order({ links: JSON.stringify({}) }),
  an_order_gets_its_numbers_early_or_late: () => order({ assign_numbers: 'sometimes' }),
  an_order_counts_one_link_at_least: () => order({ link_count: 0 }),

  // participants
  participants_pkey: async () => participant({ id: (await participant()).id }),
  a_participant_is_on_an_order: () => participant({ order_id: randomUUID() }),
  a_role_is_a_short_name: () => participant({ role: 'The boss' }),
  phone_and_lookup_go_together: () => participant({ phone: null }),
  one_participant_in_a_role: async () => participant({ order_id: (await participant()).order_id }),
  an_orders_participants_have_different_phones: async () => {
    const { order_id, phone_key } = await participant();
    await participant({ order_id, phone_key, role: 'agent' });
  },

  // participant_phones
  participant_phones_pkey: async () => {
    const id = randomUUID();
    await alternate({ id });
    await alternate({ id });
  },
  an_alternate_phone_is_a_participants: () => alternate({ participant_id: randomUUID() }),
  an_alternate_phone_is_one_persons_in_an_order: async () => {
    const { order_id, phone_key } = await alternate();
    await alternate({ order_id, phone_key });
  },
  an_alternate_phone_was_declared_or_claimed: () => alternate({ how_known: 'guessed' }),

  // erasures
  erasures_pkey: async () => {
    const id = randomUUID();
    await put('erasures', { id, asked_at: AT, order_ids: [], participant_ids: [] });
    await put('erasures', { id, asked_at: AT, order_ids: [], participant_ids: [] });
  },
  each_participant_to_erase_is_on_an_order: () =>
    put('erasures', { asked_at: AT, order_ids: [], participant_ids: [randomUUID()] }),
  an_erasure_keeps_the_phone_for_events_alone: () =>
    put('erasures', { asked_at: AT, order_ids: [], participant_ids: [], phone_key: randomBytes(32) }),

  // order_events
  order_events_pkey: async () => {
    const event = { order_id: (await order()).id, kind: 'order.placed', at: AT };
    await put('order_events', event);
    await dataSource.query(
      `INSERT INTO order_events (id, order_id, kind, at) OVERRIDING SYSTEM VALUE
       SELECT id, order_id, kind, at FROM order_events LIMIT 1`,
    );
  },
  an_event_belongs_to_an_order: () => put('order_events', { order_id: randomUUID(), kind: 'order.placed', at: AT }),

  an_event_has_a_place_of_its_own: async () => {
    const event = { order_id: (await order()).id, kind: 'order.placed', at: AT, position: 1 };
    await put('order_events', event);
    await put('order_events', event);
  },
  there_is_one_feed: () => put('order_event_feed', { last_position: 0 }),
  there_is_no_other_feed: () => put('order_event_feed', { is_the_only_one: false, last_position: 0 }),
  // installation, restorations, unconfirmed_participants
  there_is_one_installation: () => put('installation', INSTALLATION),
  there_is_no_other_installation: () => put('installation', { ...INSTALLATION, is_the_only_one: false }),
  restorations_pkey: async () => {
    await put('restorations', RESTORATION);
    await again('restorations');
  },
  a_restore_is_recognised_somehow: () => put('restorations', { ...RESTORATION, recognised_by: 'luck' }),
  unconfirmed_participants_pkey: async () => {
    const row = { participant_id: randomUUID(), order_id: randomUUID() };
    await put('unconfirmed_participants', row);
    await put('unconfirmed_participants', row);
  },
  order_event_deliveries_pkey: async () => {
    const delivery = { url: 'http://order.system', delivered_to: 0, next_attempt_at: AT };
    await put('order_event_deliveries', delivery);
    await put('order_event_deliveries', delivery);
  },
  attempts_are_not_negative: () =>
    put('order_event_deliveries', { url: 'http://x', delivered_to: 0, next_attempt_at: AT, attempts: -1 }),
  a_batch_ends_behind_what_was_delivered: () =>
    put('order_event_deliveries', { url: 'http://y', delivered_to: 7, next_attempt_at: AT, sending_to: 7 }),

  // assignments, assignment_history
  one_order_per_number_and_dialler: async () => {
    const { virtual_number, dialler_key } = await assignment();
    await assignment({ virtual_number, dialler_key });
  },
  an_assignment_lends_a_number_of_ours: () => assignment({ virtual_number: '+918047199999' }),
  an_assignment_shows_a_number_of_ours: () => assignment({ shown_number: '+918047199999' }),
  an_assignment_belongs_to_an_order: () => assignment({ order_id: randomUUID() }),
  a_dialler_has_a_role: () => assignment({ dialler_role: 'The boss', callee_role: 'agent' }),
  a_callee_has_a_role: () => assignment({ callee_role: 'The boss' }),
  a_quarantine_does_not_end_before_it_begins: () => assignment({ quarantine_seconds: -1 }),
  a_link_joins_two_roles: () => assignment({ callee_role: 'customer' }),
  a_callee_is_known_as_a_whole_or_not_at_all: () => assignment({ callee_id: null }),
  a_dialler_is_registered_declared_or_claimed: () => assignment({ how_known: 'guessed' }),
  pin_and_lookup_go_together: () => assignment({ pin: randomBytes(40) }),
  a_pin_leads_to_one_order_behind_a_number: async () => {
    const { virtual_number } = await assignment();
    const its = { virtual_number, pin: randomBytes(40), pin_key: randomBytes(32) };
    await assignment(its);
    await assignment(its);
  },
  nobody_is_their_own_callee: async () => {
    const dialler_id = randomUUID();
    await assignment({ dialler_id, callee_id: dialler_id });
  },
  quarantine_has_an_end: () => assignment({ released_at: AT }),
  quarantine_follows_grace: () => assignment({ connects_until: AT, quarantined_until: EARLIER }),
  assignment_history_pkey: async () => {
    const { virtual_number, dialler_id, assigned_at } = await archived();
    await archived({ virtual_number, dialler_id, assigned_at });
  },
  assignment_history_months_pkey: async () => {
    await archived(); // notes its month
    await again('assignment_history_months');
  },

  // outgoing_calls
  outgoing_calls_pkey: async () => outgoing({ id: (await outgoing()).id }),
  a_call_is_wanted_once: async () => {
    const { order_id, idempotency_key } = await outgoing();
    await outgoing({ order_id, idempotency_key });
  },
  a_call_is_for_an_order: () => outgoing({ order_id: randomUUID() }),
  a_wanted_call_is_of_a_role: () => outgoing({ caller_role: 'The boss' }),
  an_outgoing_call_has_a_known_state: () => outgoing({ state: 'lost', look_at: null }),
  a_placed_call_has_the_providers_id: () => outgoing({ state: 'placed', look_at: null }),
  a_failed_call_says_why: () => outgoing({ state: 'failed', look_at: null }),
  an_unsettled_call_is_looked_after: () => outgoing({ look_at: null }),
  two_wishes_are_two_calls: async () => {
    const placed = { state: 'placed', look_at: null, provider_call_id: randomUUID() };
    await outgoing(placed);
    await outgoing(placed);
  },

  // interactions
  one_interaction_per_call: async () => interaction({ provider_call_id: (await interaction()).provider_call_id }),
  an_interaction_is_a_call_or_a_text: () => interaction({ kind: 'letter' }),
  a_decision_suits_a_call_or_a_text: () => interaction({ kind: 'text', decision: 'refuse', reason: 'UNKNOWN_VN' }),
  a_decision_has_a_reason: () => interaction({ decision: 'refuse' }),
  a_connected_call_belongs_to_an_order: () => interaction({ decision: 'connect', reason: 'CONNECTED' }),
  a_forwarded_text_belongs_to_an_order: () =>
    interaction({ kind: 'text', decision: 'forward', reason: 'FORWARDED', segments: 1 }),
  only_a_forwarded_text_has_segments: () => interaction({ segments: 1 }),
  a_delivery_is_known: () => interaction({ kind: 'text', delivery: 'lost' }),
  an_outcome_is_known: () => interaction({ outcome: 'lost' }),
  talk_lasts_no_negative_time: () => interaction({ talk_seconds: -1 }),
  a_call_rings_before_it_is_answered: () => interaction({ progress: 'thinking' }),
  ringing_lasts_no_negative_time: () => interaction({ ring_seconds: -1 }),
  caller_or_callee_hangs_up: () => interaction({ hung_up_by: 'neighbour' }),
  nothing_is_asked_a_negative_number_of_times: () => interaction({ times_asked: -1 }),
  a_repeat_secret_is_long: () => interaction({ repeat_secret: Buffer.alloc(15) }),

  // wrong_pins
  wrong_pins_of_an_hour_are_counted_once: async () => {
    const wrong = { pool_id: (await put('pools', aPoolRow())).id, is_withheld: false, hour: AT, count: 1 };
    await put('wrong_pins', wrong);
    await put('wrong_pins', wrong);
  },
  wrong_pins_are_of_a_pool: () => put('wrong_pins', { pool_id: randomUUID(), is_withheld: false, hour: AT, count: 1 }),
  wrong_pins_are_counted_from_one: async () =>
    put('wrong_pins', { pool_id: (await put('pools', aPoolRow())).id, is_withheld: false, hour: AT, count: 0 }),

  // text_opt_outs, kept_texts
  a_participant_opts_out_once: async () => {
    const optOut = { order_id: randomUUID(), participant_id: randomUUID(), at: AT };
    await put('text_opt_outs', optOut);
    await put('text_opt_outs', optOut);
  },
  a_text_is_kept_once: async () => {
    const text = { provider: 'exotel', provider_message_id: 'one', words: randomBytes(40), keep_until: AT };
    await put('kept_texts', text);
    await put('kept_texts', text);
  },

  // recent_tries
  recent_tries_pkey: async () => {
    await put('recent_tries', { subject: 'one', tries: {}, forget_at: AT });
    await put('recent_tries', { subject: 'one', tries: {}, forget_at: AT });
  },

  // incoming_events
  incoming_events_pkey: async () => {
    await incoming();
    await dataSource.query(
      `INSERT INTO incoming_events (id, source, event_id, happened_at, status, reason, received_at)
       OVERRIDING SYSTEM VALUE
       SELECT id, source, event_id || '2', happened_at, 'rejected', 'why', received_at FROM incoming_events LIMIT 1`,
    );
  },
  an_event_is_stored_once: async () => {
    const { source, event_id } = await incoming();
    await incoming({ source, event_id });
  },
  an_event_has_a_known_status: () => incoming({ status: 'lost', data: null }),
  a_rejected_event_says_why: () => incoming({ status: 'rejected', data: null }),
  a_settled_event_holds_no_phone: () => incoming({ status: 'applied' }),
  a_stored_event_is_tried_some_day: () => incoming({ next_try_at: null }),

  // pool_quarters, pool_holdings, pool_rollups
  a_quarter_is_counted_once: async () => quarter({ pool_id: (await quarter()).pool_id }),
  a_quarter_is_of_a_pool: () => quarter({ pool_id: randomUUID() }),
  a_quarter_counts_from_nought: () => quarter({ orders: -1 }),
  a_holding_time_is_counted_once: async () => holding({ pool_id: (await holding()).pool_id }),
  a_holding_time_is_of_a_pool: () => holding({ pool_id: randomUUID() }),
  a_holding_time_is_not_negative: () => holding({ quarters: -1 }),
  a_pool_has_one_rollup: async () => rollup({ pool_id: (await rollup()).pool_id }),
  a_rollup_is_of_a_pool: () => rollup({ pool_id: randomUUID() }),
  holding_is_known_later_than_orders: () => rollup({ orders_until: EARLIER }),

  // number_purchases, provider_rate_limits
  number_purchases_pkey: async () => purchase({ id: (await purchase()).id }),
  a_purchase_is_for_a_pool: () => purchase({ pool_id: randomUUID() }),
  a_purchase_has_a_known_state: () => purchase({ state: 'lost' }),
  a_failed_purchase_says_why: () => purchase({ state: 'failed' }),
  an_ordered_purchase_says_when: () => purchase({ ordered_at: null }),
  a_number_is_being_bought_once: async () => purchase({ number: (await purchase({ state: 'wanted' })).number }),
  // supply_events
  supply_events_pkey: async () => {
    await supplyEvent();
    await dataSource.query(
      `INSERT INTO supply_events (id, provider, kind, detail, at) OVERRIDING SYSTEM VALUE
       SELECT id, provider, kind, detail, at FROM supply_events LIMIT 1`,
    );
  },
  a_supply_event_is_told_once: async () => {
    await supplyEvent({ told_as: 'one' });
    await supplyEvent({ told_as: 'one' });
  },
  a_supply_event_is_of_a_pool_there_is: () => supplyEvent({ pool_id: randomUUID() }),
  a_supply_event_is_of_a_pool_or_a_provider: () => supplyEvent({ provider: null }),

  // number_checks
  number_checks_pkey: async () => {
    const row = { number: (await number()).number };
    await put('number_checks', row);
    await put('number_checks', row);
  },
  a_check_is_of_a_number_of_ours: () => put('number_checks', { number: '+918047199999' }),

  // provider_lists
  provider_lists_pkey: async () => {
    await put('provider_lists', { provider: 'exotel', read_at: AT, numbers: '[]' });
    await put('provider_lists', { provider: 'exotel', read_at: AT, numbers: '[]' });
  },

  // pool_inventories
  pool_inventories_pkey: async () => {
    const { id } = await pool();
    await put('pool_inventories', { pool_id: id, provider: 'exotel', compared_to: AT });
    await put('pool_inventories', { pool_id: id, provider: 'exotel', compared_to: AT });
  },
  an_inventory_is_of_a_pool: () =>
    put('pool_inventories', { pool_id: randomUUID(), provider: 'exotel', compared_to: AT }),

  // provider_circuits
  provider_circuits_pkey: async () => {
    await circuit({ use: 'purchase' });
    await circuit({ use: 'purchase' });
  },
  a_circuit_is_of_inventory_or_purchase: () => circuit({ use: 'fun' }),
  a_circuit_counts_failures: () => circuit({ failures: 0 }),

  // webhook_endpoints
  webhook_endpoints_pkey: async () => endpoint({ id: (await endpoint()).id }),
  an_endpoint_is_disabled_for_a_reason: () => endpoint({ disabled_because: 'whim' }),
  a_previous_secret_signs_for_a_while: () => endpoint({ previous_secret: randomBytes(40) }),
  webhook_attempts_pkey: async () => {
    await put('webhook_attempts', {
      endpoint_id: randomUUID(),
      webhook_id: 'event-1',
      type: 'x',
      at: AT,
      duration_ms: 1,
    });
    await again('webhook_attempts');
  },

  interaction_news_pkey: async () => {
    await put('interaction_news', { what: 'decided', provider: 'exotel', provider_call_id: randomUUID(), at: AT });
    await again('interaction_news');
  },

  provider_rate_limits_pkey: async () => {
    await put('provider_rate_limits', { key: 'one' });
    await put('provider_rate_limits', { key: 'one' });
  },
};

const supplyEvent = (but: Row = {}) =>
  put('supply_events', { provider: 'exotel', kind: 'provider.in-trouble', detail: 'It is.', at: AT, ...but });

const apiKey = (but: Row = {}) => {
  const id = randomBytes(6).toString('hex');
  const row = { id, name: 'a key', secret_hash: randomBytes(32), scopes: ['support'], created_at: AT, created_by: '-' };
  return put('api_keys', { ...row, ...but });
};
const endpoint = (but: Row = {}) =>
  put('webhook_endpoints', {
    ...{ id: randomUUID() as string, url: 'https://example.com/', types: ['*'], secret: randomBytes(40) },
    ...{ created_at: AT, delivered_to: 0, next_attempt_at: AT },
    ...but,
  });

const consoleSession = (but: Row = {}) => {
  const hashes = { token_hash: randomBytes(32), key_hash: randomBytes(32) };
  return put('console_sessions', { ...hashes, key_id: 'a key', created_at: AT, expires_at: AT, ...but });
};

const keyedRequest = (but: Row = {}) => {
  const hashes = { id: randomBytes(32), fingerprint: randomBytes(32) };
  return put('idempotent_requests', { ...hashes, claim: randomUUID(), claimed_until: AT, expires_at: AT, ...but });
};

const circuit = (but: Row = {}) =>
  put('provider_circuits', { provider: 'exotel', use: 'inventory', failures: 1, reason: 'It failed.', ...but });

it('the rows that the breaches are made of are let in', async () => {
  await Promise.all([
    participant(),
    assignment(),
    interaction(),
    purchase(),
    archived(),
    number(),
    order(),
    incoming(),
    outgoing(),
    quarter(),
    holding(),
    rollup(),
    apiKey(),
  ]);
});

it.each(Object.keys(BREACHES))('a row that breaks %s is refused under that name', async (name) => {
  const failure = await BREACHES[name]!().then(
    () => null,
    (error: unknown) => error as { driverError: { constraint?: string } },
  );
  // A partition's own name for it holds its month.
  expect(failure?.driverError.constraint?.replace(/_\d{4}_\d{2}_/, '_')).toBe(name);
});

it('there is a breach of every constraint and unique index that the migrations made', async () => {
  const names: { name: string }[] = await dataSource.query(`
    SELECT known.conname AS name FROM pg_constraint AS known
    JOIN pg_class AS of_table ON of_table.oid = known.conrelid
    WHERE known.connamespace = 'public'::regnamespace AND known.contype <> 'n' AND of_table.relname <> 'migrations'
      AND NOT of_table.relispartition
    UNION
    SELECT of_index.relname FROM pg_index AS known
    JOIN pg_class AS of_index ON of_index.oid = known.indexrelid
    JOIN pg_class AS of_table ON of_table.oid = known.indrelid
    WHERE known.indisunique AND of_index.relnamespace = 'public'::regnamespace AND of_table.relname <> 'migrations'
      AND NOT of_table.relispartition`);
  expect(Object.keys(BREACHES).sort()).toEqual(names.map(({ name }) => name).sort());
});
