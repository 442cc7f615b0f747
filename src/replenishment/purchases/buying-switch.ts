/** Whether this installation may buy numbers. Each pool has its own switch as well. */
export class BuyingSwitch {
  constructor(readonly isOn: boolean) {}
}
