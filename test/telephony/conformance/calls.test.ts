import { TestApp } from '../../support/app.js';
import { EXOTEL, TWILIO_ADAPTER, type Adapter } from './adapters.js';
import { answersCalls } from './answers-calls.js';
import { keepsThePort } from './keeps-the-port.js';

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ exotelTexts: true });
});
afterAll(() => app?.stop());

const ADAPTERS: [string, Adapter][] = [
  ['Exotel', EXOTEL],
  ['Twilio', TWILIO_ADAPTER],
];

describe.each(ADAPTERS)('a call by %s', (_, adapter) => answersCalls(adapter, () => app));

describe.each(ADAPTERS)('an account of %s', (_, adapter) => keepsThePort(adapter, () => app));
