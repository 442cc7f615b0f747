/** Every minute, values that an earlier version sealed are sealed anew; once none is left there is nothing to do. */
export const RESEAL = 'phone-number.reseal';
