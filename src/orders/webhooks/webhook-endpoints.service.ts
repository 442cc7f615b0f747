import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource, EntityManager } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { webhookSecretOf } from '../../phone-number/sealed-place.js';
import { AuditService, type Change } from '../../platform/audit/audit.service.js';
import { changedFields } from '../../platform/audit/changed-fields.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import type { KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { lockRequester } from '../../platform/http/authentication/requester.js';
import { pageOf, readOrdinal } from '../../platform/http/cursor-page.js';
import { AddressNotAllowed, AllowedAddresses } from '../../platform/webhooks/allowed-addresses.js';
import { newWebhookSecret } from '../../platform/webhooks/webhook-secret.js';
import { WebhookSender } from '../../platform/webhooks/webhook-sender.js';
import { EVERY_TYPE } from '../feed/event-types.js';
import { OrderEventFeedService } from '../feed/order-event-feed.service.js';
import { findAttempts, recordAttempt, type NewAttempt, type RecordedAttempt } from './webhook-attempts.queries.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import {
  addEndpoint,
  changeEndpoint,
  endWait,
  findEndpoint,
  findEndpoints,
  goOnBehind,
  oldestUnacknowledged,
  removeEndpoint,
  replaceSecret,
  type EndpointChange,
} from './webhook-endpoints.queries.js';
import { testMessage } from './webhook-message.js';
import { signingSecrets } from './webhook-secrets.js';
import { TooManyWebhookEndpoints, WebhookEndpointNotFound, WebhookUrlNotAllowed } from './webhooks.problems.js';

/** Each is a label of a metric, and is looked at once a second. */
const MOST_ENDPOINTS = 50;

export interface EndpointToAdd {
  readonly url: string;
  readonly types?: readonly string[];
  readonly description?: string | null;
  /** Default: a new one. */
  readonly secret?: string;
}

/** An endpoint with its secret, which is shown only once. */
export interface EndpointWithSecret {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
}

export interface AttemptPage {
  readonly attempts: readonly RecordedAttempt[];
  readonly nextCursor: string | null;
}

/** The webhook endpoints that clients set up. */
@Injectable()
export class WebhookEndpointsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly feed: OrderEventFeedService,
    private readonly addresses: AllowedAddresses,
    private readonly sender: WebhookSender,
    private readonly audit: AuditService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(WebhookEndpointsService.name);
  }

  /**
   * Adds an endpoint, which gets the events from now on.
   *
   * @throws WebhookUrlNotAllowed, TooManyWebhookEndpoints; MissingKey, SessionEnded and KeyUnconfirmed as `lockRequester` does
   */
  async add({ url, types, description, ...given }: EndpointToAdd, by: KeyPrincipal): Promise<EndpointWithSecret> {
    await this.checkUrl(url);
    const secret = given.secret ?? newWebhookSecret();
    const id = randomUUID();
    const chosen = { url, types: types ?? [EVERY_TYPE], description: description ?? null };
    const deliveredTo = await this.feed.end();
    const shown = await transactionOfRequest(this.dataSource, async (tx) => {
      const sealed = this.vault.sealText(secret, webhookSecretOf(id));
      const fresh = { id, ...chosen, createdAt: this.clock.now(), secret: sealed, deliveredTo };
      await lockRequester(tx, by, fresh.createdAt);
      const added = await addEndpoint(tx, fresh, MOST_ENDPOINTS);
      if (!added) throw new TooManyWebhookEndpoints(MOST_ENDPOINTS);
      await this.record(tx, by, 'webhooks.add', id, { after: chosen });
      return { endpoint: added, secret };
    });
    this.logger.info({ endpointId: id }, 'webhook endpoint added');
    return shown;
  }

  /** Oldest first. */
  async list(): Promise<WebhookEndpoint[]> {
    return findEndpoints(this.dataSource);
  }

  /** How many seconds each enabled endpoint is behind: the age of the oldest event that it has not acknowledged. */
  async lags(): Promise<Map<string, number>> {
    const now = this.clock.now().getTime();
    const oldest = await oldestUnacknowledged(this.dataSource);
    return new Map(oldest.map(({ id, at }) => [id, at === null ? 0 : Math.max(now - at.getTime(), 0) / 1_000]));
  }

  /** @throws WebhookEndpointNotFound */
  async find(id: string): Promise<WebhookEndpoint> {
    return known(await findEndpoint(this.dataSource, id));
  }

  /** @throws WebhookEndpointNotFound, WebhookUrlNotAllowed; MissingKey, SessionEnded and KeyUnconfirmed as `lockRequester` does */
  async change(id: string, change: EndpointChange, by: KeyPrincipal): Promise<WebhookEndpoint> {
    if (change.url != null) await this.checkUrl(change.url);
    const endpoint = await this.dataSource.transaction(async (tx) => {
      const now = this.clock.now();
      await lockRequester(tx, by, now);
      const before = known(await findEndpoint(tx, id, { forUpdate: true }));
      const after = known(await changeEndpoint(tx, id, change, now));
      await this.record(tx, by, 'webhooks.change', id, changedFields<object>(configured(before), configured(after)));
      return after;
    });
    this.logger.info({ endpointId: id }, 'webhook endpoint changed');
    return endpoint;
  }

  /** @throws WebhookEndpointNotFound */
  async remove(id: string, by: KeyPrincipal): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      const before = known(await findEndpoint(tx, id, { forUpdate: true }));
      await removeEndpoint(tx, id);
      await this.record(tx, by, 'webhooks.delete', id, { before: configured(before) });
    });
    this.logger.info({ endpointId: id }, 'webhook endpoint removed');
  }

  /**
   * The previous secret signs too for a while, so that the receiver can change over.
   *
   * @throws WebhookEndpointNotFound; MissingKey, SessionEnded and KeyUnconfirmed as `lockRequester` does
   */
  async rotateSecret(
    id: string,
    overlapSeconds: number,
    given: string | undefined,
    by: KeyPrincipal,
  ): Promise<EndpointWithSecret> {
    const secret = given ?? newWebhookSecret();
    const sealed = this.vault.sealText(secret, webhookSecretOf(id));
    const now = this.clock.now();
    const previousUntil = addSeconds(now, overlapSeconds);
    const shown = await transactionOfRequest(this.dataSource, async (tx) => {
      await lockRequester(tx, by, now);
      const rotated = known(await replaceSecret(tx, id, sealed, previousUntil));
      await this.record(tx, by, 'webhooks.rotate-secret', id, { after: { previousUntil } });
      return { endpoint: rotated, secret };
    });
    this.logger.info({ endpointId: id }, 'webhook secret rotated');
    return shown;
  }

  /**
   * Sends a test event at once, also to a disabled endpoint. If it is acknowledged, waiting events follow at once.
   *
   * @throws WebhookEndpointNotFound
   */
  async test(id: string): Promise<NewAttempt> {
    const endpoint = known(await findEndpoint(this.dataSource, id));
    const at = this.clock.now();
    const { type, ...message } = testMessage(randomUUID(), id, at);
    const secrets = signingSecrets(this.vault, endpoint, at);
    const sent = await this.sender.send({ url: endpoint.url, secrets }, message);
    const attempt = { webhookId: message.id, type, at, ...sent };
    await recordAttempt(this.dataSource, id, attempt);
    if (sent.failure === null) await endWait(this.dataSource, id, at);
    return attempt;
  }

  /** Newest first. @throws WebhookEndpointNotFound; InvalidRequest for an invalid cursor */
  async attempts(id: string, limit: number, cursor?: string): Promise<AttemptPage> {
    const before = readOrdinal(cursor);
    await this.find(id);
    const attempts = await findAttempts(this.dataSource, id, before, limit + 1);
    const { page, nextCursor } = pageOf(attempts, limit, (attempt) => attempt.id);
    return { attempts: page, nextCursor };
  }

  /**
   * Sends the events since an instant, again or for the first time, and then goes on. Events before it that wait are
   * left out.
   *
   * @throws WebhookEndpointNotFound
   */
  async replay(id: string, since: Date, by: KeyPrincipal): Promise<WebhookEndpoint> {
    const position = await this.feed.before(since);
    const endpoint = await transactionOfRequest(this.dataSource, async (tx) => {
      const replayed = known(await goOnBehind(tx, id, position, this.clock.now()));
      await this.record(tx, by, 'webhooks.replay', id, { after: { since } });
      return replayed;
    });
    this.logger.info({ endpointId: id }, 'webhook events replayed');
    return endpoint;
  }

  private async record(tx: EntityManager, by: KeyPrincipal, what: string, id: string, details: Change): Promise<void> {
    await this.audit.recordIn(tx, by, { what, about: `webhook ${id}`, details });
  }

  /** @throws WebhookUrlNotAllowed */
  private async checkUrl(url: string): Promise<void> {
    try {
      await this.addresses.check(new URL(url).hostname);
    } catch (failure) {
      throw failure instanceof AddressNotAllowed ? new WebhookUrlNotAllowed() : failure;
    }
  }
}

/** What a client can change. */
function configured({ url, types, description, disabledBecause }: WebhookEndpoint) {
  return { url, types, description, enabled: disabledBecause === null };
}

function known<Endpoint extends WebhookEndpoint>(endpoint: Endpoint | null): Endpoint {
  if (!endpoint) throw new WebhookEndpointNotFound();
  return endpoint;
}
