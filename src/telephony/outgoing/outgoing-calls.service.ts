import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import type { Order } from '../../orders/order/order.entity.js';
import type { Participant } from '../../orders/order/participant.entity.js';
import { OrderViewsService } from '../../orders/views/order-views.service.js';
import { OrdersService } from '../../orders/lifecycle/orders.service.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { phoneOf } from '../../phone-number/sealed-place.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import { CallDirectory } from '../../virtual-numbers/assignments/call-directory.js';
import type { Role } from '../../virtual-numbers/role.js';
import { VirtualNumbersService } from '../../virtual-numbers/numbers/virtual-numbers.service.js';
import { capOf } from '../calls/call-cap.js';
import { decideJoined } from '../calls/call-decision.js';
import type { Connect } from '../decisions/verdict.js';
import type { Interaction } from '../decisions/interaction.entity.js';
import { recordDecisions } from '../decisions/interactions.queries.js';
import { callOfOrder } from '../decisions/calls-of-order.queries.js';
import { ProviderRefused, ProviderUnavailable } from '../providers/provider-errors.js';
import { RecentTries } from '../tries/recent-tries.js';
import type { CallToPlace } from '../providers/call-placer.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { OutgoingCall } from './outgoing-call.entity.js';
import { CallKeyTaken, CallNotAllowed, CallsNotOffered } from './outgoing-calls.problems.js';
import {
  claimToLook,
  findOrderedCall,
  knownPlaced,
  markFailed,
  markPlaced,
  toOrder,
  want,
} from './outgoing-calls.queries.js';

const STEP = 'ordered';
/** Time after an unanswered order until somebody checks whether the call was placed. */
const LOOK_AFTER_SECONDS = 60;
/** Margin around the time of the order in the search for such a call: clocks differ, and a provider may queue. */
const CLOCKS_DIFFER_SECONDS = 120;
/** The provider's list may lag, so a call counts as not placed only after this many lists lack it. */
const LOOKS_BELIEVED = 2;
/** About a day of checks at a provider that does not answer. */
const MOST_LOOKS = 30;
const CALLS_A_ROUND = 20;
const END_NEWS_SECONDS = 15 * 60;

export interface OrderedCall {
  readonly call: OutgoingCall;
  readonly calleeRole: Role;
  /** Null until the provider has placed the call. */
  readonly interaction: Interaction | null;
  readonly isNew: boolean;
}

/**
 * Ordered calls between the participants of an order. Each is stored before the provider is asked, and ordered only
 * once: if the answer is lost, Maskline checks whether the call was placed, and never orders it again.
 */
@Injectable()
export class OutgoingCallsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly orders: OrdersService,
    private readonly views: OrderViewsService,
    private readonly directory: CallDirectory,
    private readonly numbers: VirtualNumbersService,
    private readonly tries: RecentTries,
    private readonly providers: ProviderRegistry,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(OutgoingCallsService.name);
  }

  /**
   * Rings one participant of an order and then the other, if the order allows that call now. The same key again returns
   * the same call.
   *
   * @param calleeRole null = the only other participant to whom the first one has a link
   * @throws OrderNotFound, SeveralLinks, LinkNotFound, CallNotAllowed, CallKeyTaken, CallsNotOffered
   */
  async order(
    reference: string,
    callerRole: Role,
    calleeRole: Role | null,
    idempotencyKey: string,
  ): Promise<OrderedCall> {
    const order = await this.views.byReference(reference);
    const orderId = order.id;
    const before = await findOrderedCall(sharedPool(this.dataSource), order, { idempotencyKey });
    if (before) return this.again(order, before, callerRole, calleeRole);

    const { connect, callerDials } = await this.mayCall(reference, orderId, callerRole, calleeRole);
    // Not the pool's provider: an account can show only its own numbers, and a pool may have numbers of two providers.
    const provider = await this.numbers.providerOf(connect.shownNumber);
    if (!this.providers.find(provider)?.calls) throw new CallsNotOffered(provider);
    if (connect.maxCallsPerHour !== null) {
      const { granted } = await this.tries.take(capOf(connect, connect.maxCallsPerHour), `ordered ${idempotencyKey}`);
      if (!granted) throw new CallNotAllowed(reference, 'CAP_REACHED');
    }
    const now = this.clock.now();
    const wanted = await want(this.dataSource.manager, {
      orderId,
      idempotencyKey,
      callerRole,
      provider,
      callerDials,
      state: 'wanted',
      callerId: connect.callerId,
      calleeId: connect.calleeId,
      shownNumber: connect.shownNumber,
      ringSeconds: connect.ringSeconds,
      talkSeconds: connect.talkSeconds,
      record: connect.record,
      providerCallId: null,
      reason: null,
      wantedAt: now,
      orderedAt: null,
      timesLooked: 0,
      lookAt: addSeconds(now, LOOK_AFTER_SECONDS),
    });
    if (!wanted) {
      const other = await this.dataSource.manager.findOneByOrFail(OutgoingCall, { orderId, idempotencyKey });
      return this.again(order, other, callerRole, calleeRole);
    }
    await this.place(wanted);
    return { ...(await this.find(reference, wanted.id))!, isNew: true };
  }

  /** @returns null if the order has no such call. @throws OrderNotFound */
  async find(reference: string, id: string): Promise<Omit<OrderedCall, 'isNew'> | null> {
    const order = await this.views.byReference(reference);
    const call = await findOrderedCall(sharedPool(this.dataSource), order, { id });
    return call && this.described(order, call);
  }

  /** Settles calls of which it is unknown whether they were placed. @returns how many were checked */
  async settleUnknown(): Promise<number> {
    const calls = await claimToLook(this.dataSource.manager, this.clock.now(), CALLS_A_ROUND);
    for (const call of calls) {
      try {
        await this.look(call);
      } catch (err) {
        if (!(err instanceof ProviderUnavailable || err instanceof ProviderRefused)) throw err;
        this.logger.warn({ err, outgoingCallId: call.id }, 'ordered call not looked for');
        if (call.timesLooked >= MOST_LOOKS) await this.fail(call, 'the provider never reported whether it was placed');
      }
    }
    return calls.length;
  }

  private async again(
    order: Order,
    call: OutgoingCall,
    callerRole: Role,
    calleeRole: Role | null,
  ): Promise<OrderedCall> {
    const ordered = await this.described(order, call);
    const isSame = call.callerRole === callerRole && (calleeRole ?? ordered.calleeRole) === ordered.calleeRole;
    if (!isSame) throw new CallKeyTaken(order.reference);
    return { ...ordered, isNew: false };
  }

  /** The same rules as for a dialled call. An API client has proved more than any PIN. */
  private async mayCall(
    reference: string,
    orderId: string,
    callerRole: Role,
    calleeRole: Role | null,
  ): Promise<{ connect: Connect; callerDials: OutgoingCall['callerDials'] }> {
    const caller = await this.views.dialling(orderId, callerRole, calleeRole);
    const row = caller && (await this.directory.findAssignment(caller.dials, caller.phoneKey));
    if (!row) throw new CallNotAllowed(reference, 'NO_SESSION');
    const verdict = decideJoined(row, this.clock.now(), true);
    if (verdict.decision !== 'connect') throw new CallNotAllowed(reference, verdict.reason);
    return { connect: verdict, callerDials: caller.dials };
  }

  /** Asks the provider once. Stores the result; an answer that is lost is searched for later. */
  private async place(call: OutgoingCall): Promise<void> {
    const now = this.clock.now();
    if (!(await toOrder(this.dataSource.manager, call.id, now, addSeconds(now, LOOK_AFTER_SECONDS)))) return;
    const toPlace = await this.callToPlace(call);
    if (toPlace === null) return this.fail(call, "a participant's phone was deleted");
    try {
      await this.placed(call, await this.providers.of(call.provider).calls!.place(toPlace));
    } catch (err) {
      if (err instanceof ProviderRefused) {
        this.logger.warn({ err, outgoingCallId: call.id }, 'call refused by its provider');
        return this.fail(call, `the provider refused it with status ${err.status}`);
      }
      if (!(err instanceof ProviderUnavailable)) throw err;
      this.logger.warn({ err, outgoingCallId: call.id }, 'answer to an ordered call lost');
    }
  }

  private async look(call: OutgoingCall): Promise<void> {
    const toPlace = await this.callToPlace(call);
    const placer = this.providers.find(call.provider)?.calls;
    if (call.state === 'wanted') return this.fail(call, 'it was never ordered, because the process ended first');
    if (toPlace === null || !placer) return this.fail(call, 'it can no longer be searched for');
    const since = addSeconds(call.orderedAt!, -CLOCKS_DIFFER_SECONDS);
    const until = addSeconds(call.orderedAt!, CLOCKS_DIFFER_SECONDS);
    const known = await knownPlaced(this.dataSource.manager, since, until);
    const found = await placer.findPlaced(toPlace, since, until, known);
    if (found !== null) await this.placed(call, found);
    else if (call.timesLooked >= LOOKS_BELIEVED) await this.fail(call, 'the provider did not place it');
  }

  private async callToPlace(call: OutgoingCall): Promise<CallToPlace | null> {
    const [caller, callee] = await Promise.all([
      this.orders.sealedPhone(call.callerId),
      this.orders.sealedPhone(call.calleeId),
    ]);
    if (!caller || !callee) return null;
    const { id, callerDials, shownNumber, ringSeconds, talkSeconds, record } = call;
    return {
      id,
      ringSeconds,
      talkSeconds,
      record,
      caller: this.vault.open(caller, phoneOf(call.callerId)),
      callee: this.vault.open(callee, phoneOf(call.calleeId)),
      shownToCallee: shownNumber,
      shownToCaller: callerDials,
    };
  }

  /**
   * First stores the call with the order, then updates the ordered call. If the process ends in between, the next check
   * does both again.
   */
  private async placed(call: OutgoingCall, providerCallId: string): Promise<void> {
    const { provider, orderId, callerRole, calleeId, shownNumber, ringSeconds, talkSeconds, record } = call;
    const at = this.clock.now();
    const verdict = { decision: 'connect', reason: 'CONNECTED', orderId, callerRole } as const;
    const calleeRole = await this.views.roleOf(calleeId); // the order is not moved before its call is settled
    const answer = { calleeRole, calleeId, shownNumber, ringSeconds, talkSeconds, record };
    const step = { decision: verdict.decision, reason: verdict.reason, at: at.toISOString(), ...answer };
    const decided = {
      provider,
      providerCallId,
      stepName: STEP,
      step,
      virtualNumber: call.callerDials,
      verdict,
      at,
      askAt: addSeconds(at, 2 * ringSeconds + talkSeconds + END_NEWS_SECONDS),
      secret: null, // no request of the provider belongs to this call
    };
    await recordDecisions(sharedPool(this.dataSource), [decided]);
    await markPlaced(this.dataSource.manager, call.id, providerCallId);
    this.logger.info({ provider, callId: providerCallId, outgoingCallId: call.id, orderId }, 'call placed');
  }

  private async fail(call: OutgoingCall, reason: string): Promise<void> {
    await markFailed(this.dataSource.manager, call.id, reason);
    this.logger.warn({ outgoingCallId: call.id, orderId: call.orderId, reason }, 'ordered call failed');
  }

  private async described(order: Order, call: OutgoingCall): Promise<Omit<OrderedCall, 'isNew'>> {
    const [everyone, interaction] = await Promise.all([this.views.everyoneOn(order), this.interactionOf(order, call)]);
    return { call, calleeRole: calleeRoleOf(call, everyone), interaction };
  }

  private async interactionOf(order: Order, { provider, providerCallId }: OutgoingCall): Promise<Interaction | null> {
    if (providerCallId === null) return null;
    return callOfOrder(sharedPool(this.dataSource), order, { provider, providerCallId });
  }
}

/** A participant keeps their role for ever. */
function calleeRoleOf({ calleeId }: OutgoingCall, everyone: readonly Participant[]): Role {
  return everyone.find(({ id }) => id === calleeId)!.role;
}
