import './typescript.mjs';

export default async function setup() {
  const { startTestServers } = await import('./servers.ts');
  await startTestServers();
}
