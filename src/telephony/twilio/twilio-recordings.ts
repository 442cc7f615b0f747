import { Injectable } from '@nestjs/common';

import { basicAuthAt, RecordingSource } from '../providers/recording-source.js';
import { TwilioConfig } from './twilio-config.js';

const OWN_DOMAINS = ['twilio.com'];

/**
 * The link is the recording itself; its file extension selects the format.
 * https://www.twilio.com/docs/voice/api/recording
 */
@Injectable()
export class TwilioRecordings extends RecordingSource {
  constructor(private readonly config: TwilioConfig) {
    super(config.account.recordingUrls);
  }

  headersFor(url: URL): Readonly<Record<string, string>> {
    const { sid: name, authToken: password, apiBase } = this.config.account;
    return basicAuthAt(url, { name, password, apiBase }, OWN_DOMAINS);
  }

  protected override asAudio(url: URL): URL {
    const audio = new URL(url);
    audio.pathname = `${url.pathname.replace(/\.(json|wav|mp3)$/, '')}.mp3`;
    return audio;
  }
}
