import { ApiProperty } from '@nestjs/swagger';

import type { E164 } from '../../phone-number/e164.js';
import { PROVIDER_FORMAT, type ProviderName } from '../../virtual-numbers/provider-name.js';
import type { PurchaseState } from './number-purchase.entity.js';
import type { RecordedPurchase } from './purchases.queries.js';

/** In their sequence; a purchase can fail at the first two. */
const STATES: PurchaseState[] = ['wanted', 'ordered', 'owned', 'configured', 'verified', 'available', 'failed'];
const AT = '2026-11-22T06:00:00.000Z';

export class PurchaseResponse {
  @ApiProperty({ type: String, example: '+918047000001' }) number: E164;
  @ApiProperty({ format: PROVIDER_FORMAT }) provider: ProviderName;
  @ApiProperty({
    enum: STATES,
    example: 'available',
    description:
      'The step that it has reached: wanted = chosen from what the provider offers; ordered = the provider was asked, and may or may not have sold it; owned = sold; configured = the provider was told to send its calls to Maskline; verified = the provider confirms that; available = it can be assigned; failed = see reason',
  })
  state: PurchaseState;
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why it failed; null if it did not',
  })
  reason: string | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    example: 500,
    description: 'Monthly rent: as offered, and as charged once the number is owned; null = the provider does not say',
  })
  rent: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'INR' }) currency: string | null;
  @ApiProperty({ example: AT, description: 'When the number was chosen' }) wantedAt: Date;
  @ApiProperty({ type: Date, nullable: true, example: AT, description: 'When the provider was first asked' })
  orderedAt: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: AT, description: 'When it was known that it is owned or failed' })
  settledAt: Date | null;

  static from(purchase: RecordedPurchase): PurchaseResponse {
    const { number, provider, state, reason, rent, currency, wantedAt, orderedAt, settledAt } = purchase;
    return {
      ...{ number, provider, state, reason, rent: rent === null ? null : Number(rent), currency },
      ...{ wantedAt, orderedAt, settledAt },
    };
  }
}

export class PurchasesResponse {
  @ApiProperty({ type: [PurchaseResponse] }) purchases: PurchaseResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}
