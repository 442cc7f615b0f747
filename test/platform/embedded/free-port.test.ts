import { createServer } from 'node:net';

import { freePort, portIsTaken } from '../../../src/platform/embedded/free-port.js';

it('tells a free port from a taken one', async () => {
  const port = await freePort('127.0.0.1');
  expect(await portIsTaken(port, '127.0.0.1')).toBe(false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(await portIsTaken(port, '127.0.0.1')).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});
