import { HostClock } from '../../../src/platform/clock/host-clock.js';
import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { ReplicaFeeder } from '../../../src/virtual-numbers/replica/replica-feeder.js';

/**
 * One process of a host that feeds the host's replica, to be killed or frozen: `node
 * dist/test/virtual-numbers/replica/feeding-process.js <database> <folder>`. It says each line of its log.
 */
const [, , databaseUrl, folder] = process.argv;
const clock = new HostClock();
const replica = await Replica.open(folder!, clock);
const say = (_fields: object, msg: string) => void (process.connected && process.send!(msg));
const stopping = new AbortController();
process.once('disconnect', () => stopping.abort());
await new ReplicaFeeder(databaseUrl!, replica.writable!, clock, { info: say, warn: say } as never).run(stopping.signal);
await replica.close();
