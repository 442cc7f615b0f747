/** What somebody looks for. */
export type Search =
  | { readonly kind: 'order'; readonly reference: string }
  | { readonly kind: 'phone'; readonly phone: string }
  | { readonly kind: 'ambiguous'; readonly entered: string };

const REFERENCE = /^(?!\.\.?$)[\w.:@-]{1,128}$/;

/**
 * Reads what was entered. A reference becomes part of a URL and a phone must not, so what may be either is `ambiguous`:
 * a person decides.
 *
 * @returns null if it can be neither
 */
export function readSearch(entered: string): Search | null {
  const trimmed = entered.trim();
  const dialled = trimmed.replace(/[\s().\-/]/g, '');
  if (/^(\+|00)\d{6,15}$/.test(dialled)) return { kind: 'phone', phone: dialled.replace(/^00/, '+') };
  if (/^\d{7,15}$/.test(dialled)) {
    return REFERENCE.test(trimmed) ? { kind: 'ambiguous', entered: trimmed } : { kind: 'phone', phone: dialled };
  }
  return REFERENCE.test(trimmed) ? { kind: 'order', reference: trimmed } : null;
}
