/** Whether this installation buys at all; a pool has a switch of its own beside it. */
export class BuyingSwitch {
  constructor(readonly isOn: boolean) {}
}
