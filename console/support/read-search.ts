/** What somebody may be looking for. */
export type Search =
  /** A phone or a virtual number, which look alike. */
  | { readonly kind: 'number'; readonly number: string }
  /** An order reference or a call id, which look alike. Of digits only, it may also be a number of the country. */
  | { readonly kind: 'name'; readonly name: string; readonly mayBePhone: boolean };

const NAME = /^(?!\.\.?$)[\w.:@-]{1,128}$/;

/** Reads what was entered. @returns null if it can be nothing that is known */
export function readSearch(entered: string): Search | null {
  const trimmed = entered.trim();
  const dialled = trimmed.replace(/[\s().\-/]/g, '');
  if (/^(\+|00)\d{6,15}$/.test(dialled)) return { kind: 'number', number: dialled.replace(/^00/, '+') };
  const mayBePhone = /^\d{7,15}$/.test(dialled);
  if (NAME.test(trimmed)) return { kind: 'name', name: trimmed, mayBePhone };
  return mayBePhone ? { kind: 'number', number: dialled } : null;
}
