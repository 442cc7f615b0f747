/** The order system's own name of an order. It stands in paths, where clients and proxies take `.` and `..` for something else. */
export const ORDER_REFERENCE = /^(?!\.\.?$)[\w.:@-]{1,128}$/;

export const REFERENCE_FORM = '1 to 128 letters, digits or . _ : @ -, and neither . nor .. alone';
