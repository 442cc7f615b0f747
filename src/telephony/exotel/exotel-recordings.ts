import { Injectable } from '@nestjs/common';

import { basicAuthAt, RecordingSource } from '../providers/recording-source.js';
import { ExotelConfig } from './exotel-config.js';

const OWN_DOMAINS = ['exotel.com', 'exotel.in'];

/** Files at Exotel, which require its password, or in an Amazon bucket, which must not get it. */
@Injectable()
export class ExotelRecordings extends RecordingSource {
  constructor(private readonly config: ExotelConfig) {
    super(config.account.recordingUrls);
  }

  headersFor(url: URL): Readonly<Record<string, string>> {
    const { apiKey: name, apiToken: password, apiBase } = this.config.account;
    return basicAuthAt(url, { name, password, apiBase }, OWN_DOMAINS);
  }
}
