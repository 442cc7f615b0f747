import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { download, DOWNLOAD_LIMITS, NoAudio } from '../../../src/telephony/recordings/download.js';
import { RecordingSource } from '../../../src/telephony/providers/recording-source.js';
import { PretendStore } from './pretend-store.js';

class Source extends RecordingSource {
  headersFor(): Readonly<Record<string, string>> {
    return { authorization: 'Basic a2V5' };
  }
}

let store: PretendStore;
let elsewhere: PretendStore;
let source: Source;
beforeAll(async () => {
  [store, elsewhere] = [await PretendStore.start(), await PretendStore.start()];
  source = new Source([`${store.url}/kept/`, 'https://bucket.example.com/calls/']);
});
afterAll(async () => {
  await store.stop();
  await elsewhere.stop();
});

const why = (link: string, limits = {}) =>
  download(source, link, { ...DOWNLOAD_LIMITS, ...limits }).then(
    () => 'there was audio',
    (failure: unknown) => {
      expect(failure).toBeInstanceOf(NoAudio);
      return (failure as NoAudio).message;
    },
  );
const redirect = (path: string, to: string, status = 302) =>
  store.put(path, (_request, response) => response.writeHead(status, { location: to }).end());

describe('a link to a recording', () => {
  it.each([
    ['https://bucket.example.com/calls/a.mp3', true],
    ['https://bucket.example.com/calls/a.mp3?X-Amz-Signature=1', true],
    ['https://bucket.example.com:443/calls/a.mp3', true],
    ['https://bucket.example.com/calls/x/../a.mp3', true],
    ['http://bucket.example.com/calls/a.mp3', false],
    ['https://bucket.example.com:8443/calls/a.mp3', false],
    ['https://bucket.example.com/callsign/a.mp3', false],
    ['https://bucket.example.com/calls', false],
    ['https://bucket.example.com/others/a.mp3', false],
    ['https://bucket.example.com/calls/../others/a.mp3', false],
    ['https://bucket.example.com/calls/%2e%2e/others/a.mp3', false],
    ['https://bucket.example.com/calls/..%2fothers/a.mp3', false],
    ['https://bucket.example.com/calls/..%5Cothers/a.mp3', false],
    ['https://bucket.example.com/calls\\..\\..\\others', false],
    ['https://user@bucket.example.com/calls/a.mp3', false],
    ['https://bucket.example.com@elsewhere.example/calls/a.mp3', false],
    ['https://bucket.example.com.elsewhere.example/calls/a.mp3', false],
    ['https://elsewhere.example/https://bucket.example.com/calls/a.mp3', false],
    ['//bucket.example.com/calls/a.mp3', false],
    ['/calls/a.mp3', false],
    ['file:///etc/passwd', false],
    ['data:audio/mpeg;base64,AAAA', false],
    ['http://169.254.169.254/latest/meta-data/', false],
    ['http://[::ffff:169.254.169.254]/calls/', false],
    ['http://localhost:5432/', false],
    ['a link', false],
    ['', false],
    [`https://bucket.example.com/calls/${'a'.repeat(2_048)}`, false],
  ])('%s is the provider’s: %s', (link, isTheirs) => {
    expect(source.audioAt(link) !== null).toBe(isTheirs);
  });
});

describe('audio', () => {
  it('comes as it is, asked for with the account’s credentials', async () => {
    const { type, bytes, stream } = await download(source, store.putAudio('/kept/a.mp3'));
    expect([type, bytes, await text(stream)]).toEqual(['audio/mpeg', 8, 'la la la']);
    expect(store.asked.at(-1)).toEqual({ path: '/kept/a.mp3', authorization: 'Basic a2V5' });
  });

  it.each([
    ['application/octet-stream', 'mp3', 'audio/mpeg'],
    ['binary/octet-stream', 'WAV', 'audio/wav'],
    [null, 'mp3', 'audio/mpeg'],
    ['audio/x-wav; rate=8000', 'mp3', 'audio/x-wav'],
  ])('of type %s, called .%s, is %s', async (said, ending, type) => {
    const audio = await download(source, store.putAudio(`/kept/typed.${ending}`, 'la', said));
    expect(audio.type).toBe(type);
    audio.stream.destroy();
  });

  it('is followed to where the provider keeps it', async () => {
    store.putAudio('/kept/moved.mp3');
    redirect('/kept/second.mp3', 'moved.mp3', 307);
    const { stream } = await download(source, redirect('/kept/first.mp3', `${store.url}/kept/second.mp3`));
    expect(await text(stream)).toBe('la la la');
  });

  it('is followed nowhere else, whatever it redirects to', async () => {
    const outside = elsewhere.putAudio('/kept/a.mp3');
    for (const to of [outside, '/others/a.mp3', 'http://169.254.169.254/', 'file:///etc/passwd']) {
      expect(await why(redirect('/kept/out.mp3', to))).toMatch(/redirects to a place/);
    }
    expect(elsewhere.asked).toEqual([]);
    expect(store.asked.filter(({ path }) => path === '/others/a.mp3')).toEqual([]);
  });

  it('is not followed for ever', async () => {
    expect(await why(redirect('/kept/round.mp3', '/kept/round.mp3'))).toMatch(/too often/);
  });

  it('is nothing else: not a page, and not what has no name of audio', async () => {
    expect(await why(store.putAudio('/kept/page.mp3', '<html>', 'text/html'))).toBe('the answer was not audio');
    expect(await why(store.putAudio('/kept/list', '{}', 'application/octet-stream'))).toBe('the answer was not audio');
  });

  it.each([
    [401, 'the answer was 401, access was denied'],
    [404, 'the answer was 404: it is not ready yet, or was deleted'],
    [503, 'the answer was 503'],
  ])('that is answered %s is told why', async (status, words) => {
    expect(await why(store.put('/kept/no.mp3', (_request, response) => response.writeHead(status).end()))).toBe(words);
  });

  it('is waited for only so long', async () => {
    expect(
      await why(
        store.put('/kept/never.mp3', () => undefined),
        { answerMs: 100 },
      ),
    ).toBe('no answer came within 0.1 s');
    const nobody = new Source(['http://127.0.0.1:9/']);
    await expect(download(nobody, 'http://127.0.0.1:9/a.mp3')).rejects.toThrow('the connection failed');
  });

  it('that is too large is not begun where it says so, and is broken off where it does not', async () => {
    const large = Buffer.alloc(2_000);
    expect(await why(store.putAudio('/kept/large.mp3', large), { bytes: 1_999 })).toMatch(/larger/);
    const chunked = store.put('/kept/chunked.mp3', (_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      response.write(large.subarray(1_000));
      response.end(large.subarray(1_000));
    });
    const { stream, bytes } = await download(source, chunked, { ...DOWNLOAD_LIMITS, bytes: 1_999 });
    expect(bytes).toBeNull();
    await expect(text(stream)).rejects.toThrow(/larger/);
  });

  it('that falls silent is broken off', async () => {
    const silent = store.put('/kept/silent.mp3', (_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      response.write('la');
    });
    const { stream } = await download(source, silent, { ...DOWNLOAD_LIMITS, silenceMs: 100 });
    await expect(text(stream)).rejects.toThrow();
  });

  it('that drips on is broken off when it takes too long', async () => {
    const dripping = store.put('/kept/dripping.mp3', (_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      const drip = setInterval(() => response.write('la'), 10);
      response.once('close', () => clearInterval(drip));
    });
    const { stream } = await download(source, dripping, { ...DOWNLOAD_LIMITS, wholeMs: 300 });
    await expect(text(stream)).rejects.toThrow();
  });

  it('lets the provider go when nobody listens any more', async () => {
    let gone: Promise<unknown> | undefined;
    const long = store.put('/kept/long.mp3', (_request, response) => {
      gone = once(response, 'close');
      response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': '1000000' });
      response.write('la');
    });
    const { stream } = await download(source, long);
    stream.destroy();
    await gone;
  });
});
