import type { TestApp } from './app.js';

interface Inventory {
  readonly numbers: {
    readonly phone_number: string;
    readonly voice_url: string | null;
    readonly sid: string;
    readonly rental_price: string;
  }[];
  readonly spent: Readonly<Record<string, number>>;
}

/** The provider's side of a test: its faults, and the account's numbers and payments. */
export class ProviderAccount {
  constructor(private readonly app: TestApp) {}

  async inventory(): Promise<Inventory> {
    return (await (await fetch(`${this.app.exchange.url}/exchange/numbers`)).json()) as Inventory;
  }

  async faults(...list: object[]): Promise<void> {
    const answer = await fetch(`${this.app.exchange.url}/exchange/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(list),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** How often an API of a provider has been asked. */
  async asked(provider: string, api: string): Promise<number> {
    const answer = await fetch(`${this.app.exchange.url}/exchange/requests`);
    const counts = (await answer.json()) as Record<string, Record<string, number>>;
    return counts[provider]?.[api] ?? 0;
  }

  /** A request with the account's key that does not go through Maskline. */
  async ask(method: string, path: string, form?: Record<string, string>): Promise<Response> {
    return fetch(`${this.app.exchange.url}/v2_beta/Accounts/acme1/${path}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from('key:token').toString('base64')}` },
      body: form && new URLSearchParams(form),
    });
  }

  async sidOf(number: string): Promise<string> {
    return (await this.inventory()).numbers.find((one) => one.phone_number === number)!.sid;
  }

  /** Takes a number away from the account, as a provider can. */
  async takeAway(number: string): Promise<void> {
    await this.ask('DELETE', `IncomingPhoneNumbers/${await this.sidOf(number)}`);
  }

  async pointElsewhere(number: string): Promise<void> {
    const elsewhere = { VoiceUrl: 'http://my.exotel.com/acme1/exoml/start_voice/911' };
    await this.ask('PUT', `IncomingPhoneNumbers/${await this.sidOf(number)}`, elsewhere);
  }
}
