import { startTestServers, stopTestServers } from './servers.js';

export default async function setup(): Promise<() => Promise<void>> {
  await startTestServers();
  return stopTestServers;
}
