/** The order system's own name for an order. It is part of paths, where clients and proxies interpret `.` and `..`. */
export const ORDER_REFERENCE = /^(?!\.\.?$)[\w.:@-]{1,128}$/;

export const REFERENCE_FORM = '1 to 128 letters, digits or . _ : @ -, and neither . nor .. alone';
