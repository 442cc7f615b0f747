import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import { VERSION } from './version.js';

/** All metrics of this process. No label ever contains a phone. */
export class Metrics {
  readonly registry = new Registry();
  private readonly noting: (() => void)[] = [];

  readonly decisions = new Counter({
    name: 'maskline_call_decisions_total',
    help: 'Calls decided, by provider, decision, reason, and source: the database, or the replica while it does not answer',
    labelNames: ['provider', 'decision', 'reason', 'source'],
    registers: [this.registry],
  });

  readonly textDecisions = new Counter({
    name: 'maskline_text_decisions_total',
    help: 'Texts decided, by provider, decision and reason',
    labelNames: ['provider', 'decision', 'reason'],
    registers: [this.registry],
  });

  readonly decisionSeconds = new Histogram({
    name: 'maskline_call_decision_seconds',
    help: 'Time from reading a call request to recording its decision, by provider',
    labelNames: ['provider'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
    registers: [this.registry],
  });

  readonly callbacksRefused = new Counter({
    name: 'maskline_callbacks_refused_total',
    help: 'Requests to the callbacks of a provider that were refused without evaluation, by provider and reason',
    labelNames: ['provider', 'why'],
    registers: [this.registry],
  });

  readonly authenticationFailures = new Counter({
    name: 'maskline_authentication_failures_total',
    help: 'API requests refused because they had no valid key, by reason',
    labelNames: ['why'],
    registers: [this.registry],
  });

  readonly idempotentRequests = new Counter({
    name: 'maskline_idempotent_requests_total',
    help: 'API requests with an Idempotency-Key, by what became of them: first, repeated, taken-over, in-use, reused, invalid',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly callersTriedOut = new Counter({
    name: 'maskline_callers_tried_out_total',
    help: 'Times that too many different callers reached nobody within a minute, on one number or on all, by provider',
    labelNames: ['provider', 'of'],
    registers: [this.registry],
  });

  readonly callsConfirmed = new Counter({
    name: 'maskline_calls_confirmed_total',
    help: 'Calls that the provider was asked to confirm before connecting, and whether it confirmed them in time',
    labelNames: ['provider', 'confirmed'],
    registers: [this.registry],
  });

  readonly phoneGuessesRefused = new Counter({
    name: 'maskline_phone_guesses_refused_total',
    help: 'Requests refused because many other phones were sent for the same order within the hour',
    registers: [this.registry],
  });

  readonly recordingLinksLeft = new Counter({
    name: 'maskline_recording_links_left_total',
    help: 'Reported links to recordings that were not stored, by provider and reason',
    labelNames: ['provider', 'why'],
    registers: [this.registry],
  });

  readonly callbacksNamingTwoNumbers = new Counter({
    name: 'maskline_callbacks_naming_two_numbers_total',
    help: 'Calls for which the provider named two different numbers of ours as dialled',
    labelNames: ['provider'],
    registers: [this.registry],
  });

  readonly purchases = new Counter({
    name: 'maskline_number_purchases_total',
    help: 'Purchases that ended, by pool and state',
    labelNames: ['pool', 'state'],
    registers: [this.registry],
  });

  readonly numbersGivenBack = new Counter({
    name: 'maskline_numbers_given_back_total',
    help: 'Numbers given back to the provider because the pool will not need them',
    labelNames: ['pool'],
    registers: [this.registry],
  });

  readonly numbersRested = new Counter({
    name: 'maskline_numbers_rested_total',
    help: 'Numbers put to rest because calls through them fail more often than in the rest of their pool',
    labelNames: ['pool'],
    registers: [this.registry],
  });

  readonly budgetCrossings = new Counter({
    name: 'maskline_budget_crossings_total',
    help: 'Times a pool reached 80 or 100 percent of its numbers, or of its spending limit for a day or month',
    labelNames: ['pool', 'budget', 'percent'],
    registers: [this.registry],
  });

  readonly providerFailures = new Counter({
    name: 'maskline_provider_failures_total',
    help: 'Times a provider failed or refused the account, by provider and use',
    labelNames: ['provider', 'use'],
    registers: [this.registry],
  });

  readonly orderEvents = new Counter({
    name: 'maskline_order_events_total',
    help: 'Order events sent to the webhook, by result; failed ones are sent again',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly incomingEventsRejected = new Counter({
    name: 'maskline_incoming_events_rejected_total',
    help: 'Incoming events that were stored as rejected, because they cannot be applied to an order',
    registers: [this.registry],
  });

  readonly webhookAttempts = new Counter({
    name: 'maskline_webhook_attempts_total',
    help: 'Attempts to send an event to a webhook endpoint, by result: delivered, refused, unanswered; failed ones are repeated',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly callsMadeUp = new Counter({
    name: 'maskline_calls_made_up_total',
    help: 'Connected calls that the provider does not know, by provider',
    labelNames: ['provider'],
    registers: [this.registry],
  });

  readonly valuesToReseal = new Gauge({
    name: 'maskline_values_to_reseal',
    help: 'Values sealed by an earlier version that are not resealed yet, by column; reported by workers',
    labelNames: ['column'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'maskline_build_info',
      help: 'Always 1; the label says which version runs',
      labelNames: ['version'],
      registers: [this.registry],
    }).set({ version: VERSION }, 1);
  }

  /** Sets gauges before a scrape begins to read others, which uses connections of its own. */
  noteBeforeScrape(note: () => void): void {
    this.noting.push(note);
  }

  /** All metrics in Prometheus' text format. */
  async scrape(): Promise<string> {
    for (const note of this.noting) note();
    return this.registry.metrics();
  }
}
