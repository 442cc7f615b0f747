import { Injectable } from '@nestjs/common';

import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { CallEnd } from './call-report.js';

/** A call as a provider's books have it. */
export interface CallRecord {
  /** Null = it goes on, or its end is not booked yet. */
  readonly end: CallEnd | null;
}

/** What a provider knows of calls. Throws ProviderUnavailable or ProviderRefused and nothing else; may be repeated safely. */
export abstract class CallRecords {
  /**
   * Null when the provider knows no call of this id.
   *
   * @param lacksRecording whether to ask for its recording too, where that is another question
   */
  abstract find(providerCallId: string, lacksRecording: boolean): Promise<CallRecord | null>;
}

/** The books of the providers with which this installation has an account; each adapter's module puts its own in. */
@Injectable()
export class CallRecordSources {
  private readonly books = new Map<ProviderName, CallRecords>();

  add(provider: ProviderName, records: CallRecords): void {
    this.books.set(provider, records);
  }

  of(provider: ProviderName): CallRecords | null {
    return this.books.get(provider) ?? null;
  }

  /** The providers whom one can ask. */
  get providers(): ProviderName[] {
    return [...this.books.keys()];
  }
}
