import type { RunningInstallation } from './installation.js';

/** What the end of the start tells. */
export interface Started extends RunningInstallation {
  /** The address that signs in to the console once, for the person at the terminal; null = sign in with a key. */
  readonly signInLink: string | null;
}

/** The messages of the start at the terminal. A server that logs to standard output prints nothing else there. */
export interface Welcome {
  begin(): void;
  part(name: string, where: string): void;
  /** Shown on a terminal only, and replaced by the part's line. */
  progress(name: string, done: number, of: number): void;
  end(started: Started): void;
  stopping(): void;
}

const NAME_COLUMN = 12;

export function welcome(forAPerson: boolean): Welcome {
  return forAPerson ? new TerminalWelcome() : SILENT;
}

const SILENT: Welcome = { begin() {}, part() {}, progress() {}, end() {}, stopping() {} };

class TerminalWelcome implements Welcome {
  begin(): void {
    this.line('Maskline is starting.\n');
  }

  part(name: string, where: string): void {
    this.line(`${process.stdout.isTTY ? '\r\x1b[K' : ''}  ${name.padEnd(NAME_COLUMN)}${where}`);
  }

  progress(name: string, done: number, of: number): void {
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K  ${name.padEnd(NAME_COLUMN)}buying, ${done} of ${of}`);
  }

  end({ installation, apiKeyIsNew, url, exchangeUrl, signInLink }: Started): void {
    const key = apiKeyIsNew ? installation.apiKeys[0]! : '$API_KEY';
    this.line('');
    this.part('Console', signInLink ?? `${url}/console/`);
    this.part('Swagger UI', `${url}/docs`);
    this.part('API key', apiKeyIsNew ? installation.apiKeys[0]! : 'the one in API_KEY');
    if (signInLink !== null) this.line('\nThe console’s link signs you in once, within 10 minutes.');
    if (exchangeUrl !== null) {
      this.line('Its playground has the phones of a sample order: make your first masked call there.');
    }
    this.line('\nWithout a browser, place an order and put an agent on it:\n');
    this.line(`  curl ${url}/v1/orders -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
       -d '{"reference": "order-1", "customer": {"phone": "+919000000001"}}'
  curl ${url}/v1/orders/order-1/agent -X PUT -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
       -d '{"phone": "+919000000002"}'`);
    if (exchangeUrl !== null) {
      this.line('\nThen let the customer dial the number in "dials":\n');
      this.line(`  curl ${exchangeUrl}/exchange/calls -H 'Content-Type: application/json' \\
       -d '{"from": "+919000000001", "to": "<the customer’s dials>"}'`);
    }
    this.line('\nOr see one order’s whole life in another terminal: npm run demo. Stop with Ctrl-C.');
  }

  stopping(): void {
    this.line('\nStopping.');
  }

  private line(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
