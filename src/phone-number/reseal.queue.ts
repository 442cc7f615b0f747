/** Reseals values of earlier versions, once a minute until none is left. */
export const RESEAL = 'phone-number.reseal';
