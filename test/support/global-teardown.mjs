import './typescript.mjs';

export default async function teardown() {
  const { stopTestServers } = await import('./servers.ts');
  await stopTestServers();
}
