import { PARAMS_PROVIDER_TOKEN, PinoLogger, type Params } from 'nestjs-pino';

import { loggingModule } from '../../src/platform/observability/logging.js';
import { logOfTests } from './log-of-tests.js';

// nestjs-pino has one root logger a process, and whoever asks first makes it. Vitest runs this before each file of tests,
// so that no file decides where the applications of later files log to.
if (PinoLogger.root === undefined) {
  const { providers = [] } = loggingModule('silent', logOfTests);
  const params = providers.find((provider) => 'provide' in provider && provider.provide === PARAMS_PROVIDER_TOKEN);
  new PinoLogger((params as { useValue: Params }).useValue);
}
