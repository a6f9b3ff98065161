/** Whether a text can stand in a line of a log: 1 to 80 printable characters, not only spaces. */
export function isPrintableName(text: string): boolean {
  return /^(?=.*[^\p{Z}])[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u.test(text);
}
