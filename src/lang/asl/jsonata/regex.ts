/** Regular expressions that take linear time. */
export const SafeRegExp = RegExp
