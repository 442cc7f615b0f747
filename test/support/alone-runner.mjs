import JestRunner from 'jest-runner';

/** Runs its files one after the other, once all others are done: their tests load the machine, or promise times. */
export default class AloneRunner extends JestRunner {
  isSerial = true;
}
