import { JobProcessor, Works, type Schedule } from '../../platform/queue/job-processor.js';
import { ERASURES_DUE } from './erasures-due.queue.js';
import { PersonsService } from './persons.service.js';

const EVERY_MS = 60_000;

/** Works `telephony.erasures-due`. Safe to run twice: what is erased stays erased. */
@Works(ERASURES_DUE)
export class ErasuresDueProcessor extends JobProcessor {
  override readonly schedule: Schedule = { id: 'tick', repeat: { every: EVERY_MS }, job: 'tick', attempts: 1 };

  constructor(private readonly persons: PersonsService) {
    super();
  }

  protected async work(): Promise<void> {
    await this.persons.finishErasures();
  }
}
